"""One rule table, several executions: on made worlds each finds the same failing word for every row.

`decide` is the reference: its reasons give the word. Everything else has to agree, bit for bit.
"""

import sqlite3
import warnings
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.engine.gate import SLOT, SLOTS, Act, Facts, Permit, RowFacts, Table, compile_table, decide
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.columns import Columns, decide_columns
from sekisho.engine.gate.decide import CHANNELS
from sekisho.engine.gate.slots import facts_words
from sekisho.engine.gate.sql import REFUSED, CellKey, cells_sql
from sekisho.engine.gate.table import Cell
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "gate-policy"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
NAMES = {  # what conditions may read here
    "bill.due_on": "date",
    "bill.unpaid_yen": "integer",
    "recipient.assignment_contract": "boolean",
    "actor.role": "string",
    "resource.owner": "string",
}
TEXTS = (
    "auditor",
    "clerk",
    "",
    "it's",
    "back\\slash",
    "%_",
    "\uff71",
    "\U00020bb7",
    'say "no"',
)  # code points beyond UTF-16's order
DAYS = st.dates(date(2026, 10, 20), date(2026, 11, 30))
VALUES: Mapping[str, st.SearchStrategy[object]] = {
    "date": DAYS,
    "integer": st.integers(-2, 2) | st.sampled_from([2**31, -(2**62)]),
    "boolean": st.booleans(),
    "string": st.sampled_from(TEXTS),
}
OF_THE_ASK = ("actor.", "recipient.")
ARROW = {"date": pa.date32(), "integer": pa.int64(), "boolean": pa.bool_(), "string": pa.string()}
Answer = Callable[["World"], list[int]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of a world: one item of one person."""

    era: str | None
    kind: str
    item: str
    known: int
    value: int
    attributes: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class World:
    """Two versions of a policy, one question, many rows."""

    table: Table
    in_force: str
    purpose: str
    act: Act
    recipient: str | None
    channel: str | None
    grounds: tuple[str, ...]
    on: date
    rows: tuple[Row, ...]

    def bulk(self, item: str) -> BulkAsk:
        return BulkAsk(
            actor="staff-1",
            act=self.act,
            items=(item,),
            purpose=self.purpose,
            at=datetime(self.on.year, self.on.month, self.on.day, 3, tzinfo=UTC),  # noon in Tokyo
            recipient=self.recipient,
            channel=self.channel,
            claims=("c-1",) if self.grounds else (),
        )

    def cell(self, era: str | None, kind: str, item: str) -> Cell:
        return self.table.cell(
            in_force=self.in_force,
            era=era,
            purpose=self.purpose,
            item=item,
            subject_kind=kind,
            on=self.on,
            act=self.act,
            recipient=self.recipient,
            grounds=self.grounds,
        )

    def cells(self) -> dict[CellKey, Cell]:
        keys = {(row.era, row.kind, row.item) for row in self.rows} | {(None, r.kind, r.item) for r in self.rows}
        return {key: self.cell(*key) for key in keys if key[0] != "small@99"}  # an era the table never saw


def _load(version: str) -> Policy:
    return load({"policy.yaml": (FOLDER / version / "policy.yaml").read_text(encoding="utf-8")})


FIRST, SECOND = _load("1"), _load("2")
LAW = law()
quoted = st.sampled_from(TEXTS).map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
simple = st.one_of(
    st.builds("bill.due_on {} today".format, operators),
    st.builds("bill.due_on + days({}) {} today - days({})".format, st.integers(0, 9), operators, st.integers(0, 9)),
    st.builds('bill.due_on {} date("2026-11-0{}")'.format, operators, st.integers(1, 9)),
    st.builds("bill.unpaid_yen {} {}".format, operators, st.integers(0, 1)),
    st.builds("resource.owner {} {}".format, operators, quoted),
    st.builds("actor.role in [{}, {}]".format, quoted, quoted),
    st.sampled_from(["recipient.assignment_contract", "actor.role == resource.owner"]),
)
conditions = st.recursive(
    simple,
    lambda inner: st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
    ),
    max_leaves=4,
)
# Mostly in order, so that permits are made too: a word of random bits would refuse for ever.
flips = st.lists(st.sampled_from(SLOTS), max_size=3).map(lambda slots: sum({slot.mask for slot in slots}))
strays = st.sampled_from(
    [0, 0, 0, 1 << 48, 1 << 50, SLOT["role_allowed"].mask]
)  # bits that a gatherer must leave alone


def items_of(policy: Policy) -> list[str]:
    return [*policy.classes, *(f"{held.id}.{name}" for held in policy.classes.values() for name in held.fields)]


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Both versions, some of their uses under conditions and for roles only."""

    def changed(policy: Policy) -> Policy:
        uses = list(policy.uses)
        for place in draw(st.sets(st.integers(0, len(uses) - 1), max_size=4)):
            when = draw(st.just("") | conditions)
            roles = draw(st.lists(st.sampled_from(TEXTS), max_size=2).map(tuple))
            uses[place] = replace(uses[place], when=when, roles=roles)
        return replace(policy, uses=tuple(uses))

    return compile_table([changed(FIRST), changed(SECOND)], LAW)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A question and rows of every era, kind and item."""
    second = draw(st.sampled_from([True, True, False]))
    on = draw(DAYS) if second else draw(st.dates(date(2025, 1, 1), date(2026, 3, 31)))
    act, recipient = draw(
        st.sampled_from(
            [(Act.USE, None)] * 6
            + [
                (Act.ENTRUSTMENT, "overseas_contractor"),
                (Act.JOINT_USE, "sister"),
                (Act.THIRD_PARTY_PROVISION, "assignee"),
                (Act.USE, "assignee"),
                (Act.SUCCESSION, None),
            ]
        )
    )
    policy = SECOND if second else FIRST
    purposes = [*policy.purposes, *[use.purpose for use in policy.uses], "E1", "unheard_of"]
    purpose = "arrears" if act is Act.THIRD_PARTY_PROVISION else draw(st.sampled_from(purposes))
    used = [(kind, item) for use in policy.uses if use.purpose == purpose for kind in use.of for item in use.items]
    likely = st.sampled_from(used or [("customer", "identity")])
    some = st.tuples(
        st.sampled_from([*policy.subjects, "unheard_of"]), st.sampled_from([*items_of(policy), "unheard.of"])
    )

    @st.composite
    def row(draw: st.DrawFn) -> Row:
        kind, item = draw(likely | some)
        told = {name: draw(st.none() | VALUES[type_]) for name, type_ in NAMES.items()}
        return Row(
            era=draw(st.sampled_from(["small@1", "small@2", "small@2", None, "small@99"])),
            kind=kind,
            item=item,
            known=KNOWN & ~draw(flips) | draw(strays),
            value=VALUE ^ draw(flips) ^ draw(strays),
            attributes=told,
        )

    return World(
        table=draw(tables()),
        in_force="small@2" if second else "small@1",
        purpose=purpose,
        act=act,
        recipient=recipient,
        channel=draw(st.sampled_from(["mail", "mail", None, "pigeon"])),
        grounds=draw(st.sampled_from([(), (), (), ("E1",), ("warrant",), ("E1", "warrant"), ("E5",)])),
        on=on,
        rows=tuple(draw(st.lists(row(), min_size=1, max_size=12))),
    )


def decided(world: World) -> list[int]:
    """The reference: each row decided by itself, and the word it found."""
    found = []
    for row in world.rows:
        brought = RowFacts(
            data_subject="p1",
            subject_kind=row.kind,
            item=row.item,
            era=row.era,
            known=row.known,
            value=row.value,
            attributes={name: told for name, told in row.attributes.items() if told is not None},
        )
        cell = world.cell(row.era, row.kind, row.item)
        cell.said.clear()
        answer = decide(
            world.table,
            world.bulk(row.item).about("p1"),
            Facts(in_force=world.in_force, rows=(brought,), grounds=world.grounds),
        )
        word = next((failing for failing, _ in cell.said), 0)  # the word that `decide` asked the reasons of
        codes = set() if isinstance(answer, Permit) else {reason.code for reason in answer.reasons}
        if cell.failures or codes & {"gate.channel-missing", "gate.unknown-channel"}:
            word |= REFUSED
        assert (word == 0) == isinstance(answer, Permit)
        found.append(word)
    return found


def literal(value: object, type_: str, dialect: str) -> str:
    """A value in a made table, typed even where it is NULL."""
    names = {
        "duckdb": {"string": "VARCHAR", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"},
        "postgres": {"string": "text", "integer": "bigint", "boolean": "boolean", "date": "date"},
        "spark": {"string": "STRING", "integer": "BIGINT", "boolean": "BOOLEAN", "date": "DATE"},
    }
    match value:
        case None:
            plain = "NULL"
        case bool() | int():
            plain = str(value).upper()
        case _:
            text = str(value)
            plain = "'" + (
                text.replace("\\", "\\\\").replace("'", "\\'") + "'"
                if dialect == "spark"
                else text.replace("'", "''") + "'"
            )
    return plain if dialect == "sqlite" else f"CAST({plain} AS {names[dialect][type_]})"


def query(world: World, dialect: str) -> str:
    columns = {name: name.replace(".", "_") for name in NAMES}
    word = cells_sql(
        world.cells(),
        era="era",
        kind="kind",
        item="item",
        known="known",
        value="value",
        attributes=columns,
        dialect=dialect,
        today=world.on,
        channel=world.channel,
    )
    selects = []
    for place, row in enumerate(world.rows):
        told = [
            (row.era, "string", "era"),
            (row.kind, "string", "kind"),
            (row.item, "string", "item"),
            (row.known, "integer", "known"),
            (row.value, "integer", "value"),
            *((row.attributes[name], NAMES[name], column) for name, column in columns.items()),
            (place, "integer", "place"),
        ]
        selects.append("SELECT " + ", ".join(f"{literal(value, t, dialect)} AS {name}" for value, t, name in told))
    return f"SELECT {word} AS word FROM ({' UNION ALL '.join(selects)}) AS rows_told ORDER BY place"


def in_columns(world: World) -> list[int]:
    """The word of every row by columns. What belongs to actor or recipient is the same for all rows of one call there."""
    found = [0] * len(world.rows)
    by_call: dict[tuple[str, tuple[tuple[str, object], ...]], list[int]] = {}
    for place, row in enumerate(world.rows):
        shared = tuple((name, told) for name, told in row.attributes.items() if name.startswith(OF_THE_ASK))
        by_call.setdefault((row.item, shared), []).append(place)
    for (item, shared), places in by_call.items():
        rows = [world.rows[place] for place in places]
        kinds, eras = tuple({row.kind for row in rows}), tuple({row.era for row in rows})
        values = {
            name: pa.array([row.attributes[name] for row in rows], ARROW[type_])
            for name, type_ in NAMES.items()
            if not name.startswith(OF_THE_ASK)
        }
        columns = Columns(
            kinds=kinds,
            kind=np.array([kinds.index(row.kind) for row in rows], np.int16),
            eras=eras,
            era=np.array([eras.index(row.era) for row in rows], np.int16),
            known=np.array([row.known for row in rows], np.int64),
            value=np.array([row.value for row in rows], np.int64),
            attributes={name: told for name, told in shared if told is not None},
            values=values,
        )
        answer = decide_columns(world.table, world.bulk(item), columns, in_force=world.in_force, grounds=world.grounds)
        for place, word, permitted in zip(places, answer.failing, answer.permitted, strict=True):
            cell = world.cell(world.rows[place].era, world.rows[place].kind, item)
            refused = bool(cell.failures) or (cell.needs_channel and world.channel not in CHANNELS)
            assert bool(permitted) == (word == 0 and not refused)
            found[place] = int(word) | (REFUSED if refused else 0)
    return found


@pytest.fixture(scope="module")
def on_sqlite() -> Generator[Answer]:
    connection = sqlite3.connect(":memory:")
    yield lambda world: [word for (word,) in connection.execute(query(world, "sqlite"))]
    connection.close()


@pytest.fixture(scope="module")
def on_duckdb() -> Generator[Answer]:
    connection = duckdb.connect(config={"threads": 1})
    yield lambda world: [word for (word,) in connection.execute(query(world, "duckdb")).fetchall()]
    connection.close()


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str) -> Generator[Answer]:
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        yield lambda world: [word for (word,) in connection.execute(query(world, "postgres").encode()).fetchall()]


@pytest.fixture(scope="module")
def on_spark() -> Generator[Answer]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the client's own imports
        from pysail.spark import SparkConnectServer
        from pyspark.sql import SparkSession

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        session = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()

    def answer(world: World) -> list[int]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            words: list[int] = session.sql(query(world, "spark")).toArrow().column("word").to_pylist()
        return words

    yield answer
    session.stop()
    server.stop()


more = settings(max_examples=max(60, settings.default.max_examples if settings.default else 0))


def agree(world: World, answer: Answer) -> None:
    assert list(map(hex, answer(world))) == list(map(hex, decided(world)))


@more
@given(world=worlds())
def test_columns_find_the_words_of_decide(world: World) -> None:
    agree(world, in_columns)


@more
@given(world=worlds())
def test_sqlite_finds_the_words_of_decide(on_sqlite: Answer, world: World) -> None:
    agree(world, on_sqlite)


@more
@given(world=worlds())
def test_duckdb_finds_the_words_of_decide(on_duckdb: Answer, world: World) -> None:
    agree(world, on_duckdb)


@more
@given(world=worlds())
def test_postgres_finds_the_words_of_decide(on_postgres: Answer, world: World) -> None:
    agree(world, on_postgres)


@more
@given(world=worlds())
def test_spark_finds_the_words_of_decide(on_spark: Answer, world: World) -> None:
    agree(world, on_spark)
