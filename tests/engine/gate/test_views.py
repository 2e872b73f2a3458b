"""Enforced views on a real PostgreSQL judge every row as `decide` does: the failing word, the rows, the columns."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.engine.catalog.model import Column, Ownership, System, SystemKind
from sekisho.engine.catalog.model import Table as Stored
from sekisho.engine.gate import SLOTS, Act, Facts, Permit, RowFacts, Table, compile_table, decide
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.slots import Scope, facts_words
from sekisho.engine.gate.sql import REFUSED
from sekisho.engine.gate.view_grants import ddl
from sekisho.engine.gate.view_plan import Period, ViewPlan, plan_views
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "gate-policy"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
BOUND = date(2023, 11, 23)
BEGUN = datetime(2020, 1, 1, tzinfo=UTC)


def column(name: str, item: str, type_: str = "text", *, free_text: bool = False) -> Column:
    return Column(name=name, item=item, type=type_, free_text=free_text)


NUMBERED = Stored(
    name="assignments",
    label="番号",
    subject="customer",
    key=("no",),
    acquired="acquired_on",
    settled="settled_on",
    triggers={"contract_end": "ended_on"},
    owners=(
        Ownership(by="customer_no", column="customer_no", role="contractor"),
        Ownership(by="number", column="number", role="line_user", at="seen_at"),
    ),
    columns={
        one.name: one
        for one in (
            column("no", "none", "integer"),
            column("customer_no", "none"),
            column("number", "identity.phone"),
            column("seen_at", "none", "timestamp"),
            column("born_on", "identity.birth_date", "date"),
            column("due_on", "bill.due_on", "date"),
            column("unpaid_yen", "bill.unpaid_yen", "integer"),
            column("acquired_on", "none", "date"),
            column("ended_on", "none", "date"),
            column("settled_on", "none", "date"),
            column("memo", "identity", free_text=True),
            column("note", "none", free_text=True),
        )
    },
)
SYSTEM = System(id="crm", label="顧客管理", kind=SystemKind.POSTGRESQL, url="", tables={"assignments": NUMBERED})
TYPES = {"integer": "bigint", "date": "date", "timestamp": "timestamptz", "text": "text"}


def _load(version: str) -> Policy:
    return load({"policy.yaml": (FOLDER / version / "policy.yaml").read_text(encoding="utf-8")})


FIRST, SECOND = _load("1"), _load("2")
LAW = law()


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is known of one holder of an identifier."""

    by: str = ""
    identifier: str = ""
    since: datetime | None = None
    until: datetime | None = None
    person: int
    kind: str
    known: int
    value: int
    shop: str


@dataclass(frozen=True, kw_only=True)
class World:
    """A policy with made conditions, holders of identifiers, somebody who logs in, and rows."""

    table: Table
    policy: Policy
    plan: ViewPlan
    words: tuple[Words, ...]
    actor: tuple[int, int, str, str]  # known, value, role, shop
    rows: tuple[Mapping[str, object], ...]


flips = st.lists(st.sampled_from(SLOTS), max_size=1).map(lambda slots: sum({slot.mask for slot in slots}))
rarely = st.sampled_from([0, 0, 0, 0, 1]).flatmap(lambda draw: flips if draw else st.just(0))
acquired = st.sampled_from([None, date(2019, 6, 1), date(2025, 7, 1), *[date(2026, 4, 1), date(2026, 5, 1)] * 3])
ended = st.sampled_from([None, None, BOUND - timedelta(days=1), BOUND])
instants = st.sampled_from([None, BEGUN, BEGUN + timedelta(days=400), datetime(2026, 6, 1, 15, tzinfo=UTC)])
begun = st.sampled_from([None, BEGUN])
conditions = st.sampled_from(
    [
        "",
        "",
        "bill.due_on < today",
        "bill.unpaid_yen > 0 || bill.due_on + days(3) >= today",
        '!(actor.role == "clerk")',
        "bill.unpaid_yen >= 0 || resource.unheard_of",
    ]
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    purpose = draw(st.sampled_from(["billing", "billing", "marketing", "audit"]))
    uses = tuple(
        replace(use, when=draw(conditions), roles=draw(st.sampled_from([(), (), ("auditor",), ("clerk", "auditor")])))
        if use.purpose == purpose
        else use
        for use in SECOND.uses
    )
    policy = replace(SECOND, uses=uses)
    history = (FIRST, policy)
    table = compile_table(history, LAW)
    periods = {
        ("assignments", "identity.phone"): Period(judged=True, past=("ended_on",)),
        ("assignments", "identity.birth_date"): Period(judged=True, past=("ended_on",)),
        ("assignments", "bill.due_on"): Period(judged=True, past=("ended_on",), settled=("settled_on",)),
        ("assignments", "bill.unpaid_yen"): Period(
            judged=draw(st.sampled_from([True, True, False])), past=("ended_on",)
        ),
    }
    plan = plan_views(
        table,
        history,
        policy,
        SYSTEM,
        periods,
        purpose=purpose,
        on=today(),
        channel=draw(st.sampled_from(["mail", "mail", None])),
    )

    people = {  # a person's words are the same wherever the person stands
        number: Words(
            person=number,
            kind=draw(st.sampled_from(["customer"] * 5 + ["staff"])),
            known=KNOWN & ~draw(rarely),
            value=VALUE ^ draw(rarely),
            shop=draw(st.sampled_from(["S1", "S1", "", "S2"])),
        )
        for number in (1, 2, 3)
    }
    words = []
    for by, identifier in (("customer_no", "C1"), ("customer_no", "C2"), ("number", "0901")):
        holders = draw(st.sampled_from([(1,), (2,), (2,), (3, 1), (1, 1), ()]))
        for number in holders:
            since, until = (draw(instants), draw(instants)) if len(holders) > 1 else (draw(begun), None)
            words.append(replace(people[number], by=by, identifier=identifier, since=since, until=until))

    row = st.fixed_dictionaries(
        {
            "customer_no": st.sampled_from(["C1", "C2", "C1", "C2", "C9", None]),
            "number": st.sampled_from(["0901", None, None]),
            "seen_at": st.sampled_from([BEGUN, BEGUN + timedelta(days=400), None]),
            "born_on": st.just(date(1984, 2, 29)),
            "due_on": st.sampled_from([None, today(), today() - timedelta(days=1), today() + timedelta(days=9)]),
            "unpaid_yen": st.sampled_from([None, 0, 5500]),
            "acquired_on": acquired,
            "ended_on": ended,
            "settled_on": ended,
            "memo": st.just("隠したい覚え書き"),
            "note": st.just("見せない"),
        }
    )
    return World(
        table=table,
        policy=policy,
        plan=plan,
        words=tuple(words),
        actor=(
            KNOWN & ~draw(rarely),
            VALUE ^ draw(rarely),
            draw(st.sampled_from(["auditor", "auditor", "clerk", ""])),
            draw(st.sampled_from(["", "", "S1"])),
        ),
        rows=tuple({"no": no, **told} for no, told in enumerate(draw(st.lists(row, min_size=1, max_size=10)))),
    )


def today() -> date:
    return tokyo_date(datetime.now(UTC))


def expected(world: World, row: Mapping[str, object]) -> int:
    """The word of a row by `decide`: every item of every owner; REFUSED where the policy or an unknown owner refuses."""
    (view,) = world.plan.views
    owners = [owner for owner in NUMBERED.owners if row[owner.column] is not None]
    if not owners:
        return REFUSED
    word = 0
    for owner in owners:
        held = [one for one in world.words if one.by == owner.by and one.identifier == row[owner.column]]
        if owner.at is not None:
            at = row[owner.at]
            held = [one for one in held if isinstance(at, datetime) and _holds(one, at)]
        if len({one.person for one in held}) != 1:
            return REFUSED
        for item in view.items:
            word |= _decided(world, row, held[0], item)
    return word


def _holds(one: Words, at: datetime) -> bool:
    return (one.since is None or one.since <= at) and (one.until is None or at < one.until)


def _decided(world: World, row: Mapping[str, object], held: Words, item: str) -> int:
    known, value, role, shop = world.actor
    facts: dict[str, bool | None] = {}
    for slot in SLOTS:
        words = (known, value) if slot.scope is Scope.ACTOR else (held.known, held.value)
        facts[slot.name] = bool(words[1] & slot.mask) if words[0] & slot.mask else None
    period = (world.plan.views[0].periods)[item]
    ended, settled = row["ended_on"], row["settled_on"]
    past = isinstance(ended, date) and ended < BOUND and (not period.settled or settled is not None)
    facts |= {
        "owned_in_interval": True,
        "past_retention": past if period.judged else None,
        "own_customer": True if not shop else (shop == held.shop if held.shop else None),
    }
    acquired = row["acquired_on"]
    era = None if not isinstance(acquired, date) else "small@2" if acquired >= date(2026, 4, 1) else "small@1"
    known, value = facts_words(facts)
    told = {"bill.due_on": row["due_on"], "bill.unpaid_yen": row["unpaid_yen"], "actor.role": role}
    brought = RowFacts(
        data_subject="p1",
        subject_kind=held.kind,
        item=item,
        era=era,
        known=known,
        value=value,
        attributes={name: value for name, value in told.items() if value is not None},
    )
    cell = world.table.cell(
        in_force="small@2", era=era, purpose=world.plan.purpose, item=item, subject_kind=held.kind, on=today()
    )
    cell.said.clear()
    ask = BulkAsk(
        actor="staff-1",
        act=Act.USE,
        items=(item,),
        purpose=world.plan.purpose,
        at=datetime.now(UTC),
        channel=world.plan.channel,
    )
    answer = decide(world.table, ask.about("p1"), Facts(in_force="small@2", rows=(brought,)))
    word = next((failing for failing, _ in cell.said), 0)
    codes = set() if isinstance(answer, Permit) else {reason.code for reason in answer.reasons}
    refused = bool(cell.failures) or "gate.channel-missing" in codes
    assert (word == 0 and not refused) == isinstance(answer, Permit)
    return word | (REFUSED if refused else 0)


@pytest.fixture(scope="module")
def store(postgres_url: str) -> Generator[psycopg.Connection]:
    """A database of its own with the base table, and every purpose's roles."""
    name = f"views_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(postgres_url, dbname=name, autocommit=True) as connection:
            columns = ", ".join(f"{one.name} {TYPES[one.type]}" for one in NUMBERED.columns.values())
            connection.execute(f"CREATE TABLE assignments ({columns})".encode())
            yield connection
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def stand(store: psycopg.Connection, world: World) -> None:
    """Make the views and fill everything they read."""
    purpose = world.plan.purpose
    with store.transaction():
        for statement in ddl(world.plan):
            store.execute(statement.sql.encode())
        words = f'gate_facts."words_{purpose}"'
        store.execute(
            f"TRUNCATE assignments, gate_facts.bounds, gate_facts.facts, gate_facts.latest, gate_facts.logins, {words}".encode()
        )
        for class_id in ("identity", "bill"):
            seen: set[tuple[str, str]] = set()
            for one in world.words:
                same = {w.person for w in world.words if (w.by, w.identifier) == (one.by, one.identifier)}
                sole = len(same) == 1 and (one.by, one.identifier) not in seen
                seen.add((one.by, one.identifier))
                told = (
                    class_id,
                    one.by,
                    one.identifier,
                    one.person,
                    one.since,
                    one.until,
                    sole,
                    one.kind,
                    one.known,
                    one.value,
                    one.shop,
                )
                store.execute(f"INSERT INTO {words} VALUES ({', '.join(['%s'] * 11)})".encode(), told)
        known, value, role, shop = world.actor
        store.execute("INSERT INTO gate_facts.logins VALUES (SESSION_USER, %s, %s, %s, %s)", (known, value, role, shop))
        for item in ("identity.phone", "identity.birth_date", "bill.due_on", "bill.unpaid_yen"):
            bound = (purpose, "assignments", item, "ended_on", BOUND)
            store.execute("INSERT INTO gate_facts.bounds VALUES (%s, %s, %s, %s, %s)", bound)
        store.execute("INSERT INTO gate_facts.latest (epoch, change) VALUES (7, 5)")
        facts = (purpose, "small@2", 7, 5, today(), datetime.now(UTC), datetime.now(UTC) + timedelta(hours=1), 3, "")
        store.execute("INSERT INTO gate_facts.facts VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", facts)
        names = list(NUMBERED.columns)
        with store.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO assignments VALUES ({', '.join(['%s'] * len(names))})".encode(),
                [tuple(row.get(name) for name in names) for row in world.rows],
            )


@settings(max_examples=max(40, settings.default.max_examples if settings.default else 0))
@given(world=worlds())
def test_views_judge_every_row_as_decide_does(store: psycopg.Connection, world: World) -> None:
    if not world.plan.views:  # nothing of the table is within the purpose
        return
    stand(store, world)
    purpose = world.plan.purpose
    inner = store.execute(f'SELECT no, __failing FROM gate_facts."{purpose}.assignments"'.encode()).fetchall()
    assert len(inner) == len(world.rows)
    outer = {no for (no,) in store.execute(f"SELECT no FROM sekisho_{purpose}.assignments".encode()).fetchall()}
    for no, word in inner:
        wanted = expected(world, world.rows[no])
        if wanted & REFUSED:  # of a row that is nobody's the facts are not looked at
            assert word & REFUSED
        else:
            assert hex(word) == hex(wanted)
        assert (no in outer) == (wanted == 0)
