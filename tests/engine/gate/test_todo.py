"""The to-do list of the AuthZEN interoperability scenario, as a policy: every user, every act, own and others' items.

The answers are the scenario's own, restated; the same conditions then run over columns and as SQL.
"""

import json
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import product
from pathlib import Path

import duckdb
import psycopg
import pytest

from sekisho.engine.gate import (
    SLOTS,
    Ask,
    Cell,
    Facts,
    Permit,
    Refuse,
    RowFacts,
    Table,
    compile_table,
    decide,
    facts_words,
)
from sekisho.engine.gate.sql import failing_sql
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "policies" / "todo"
AT, ON = datetime(2026, 11, 20, 3, tzinfo=UTC), date(2026, 11, 20)
LISTS = {  # how a dialect writes a list of strings, and its type
    "sqlite": ("", "TEXT"), "duckdb": ("[{}]", "VARCHAR[]"), "postgres": ("ARRAY[{}]", "TEXT[]"),
    "spark": ("array({})", "ARRAY<STRING>"),
}  # fmt: skip
TEXT = {"sqlite": "TEXT", "duckdb": "VARCHAR", "postgres": "TEXT", "spark": "STRING"}
GROUPS = {
    "rick": ["admin", "evil_genius"],
    "morty": ["editor"],
    "summer": ["editor"],
    "beth": ["viewer"],
    "jerry": ["viewer"],
}
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
READING = (("can_read_user", "user"), ("can_read_todos", "todo"))
MAY = {  # who may do it to whose item; reading is everybody's
    "can_create_todo": {(who, owner) for who in ("rick", "morty", "summer") for owner in GROUPS},
    "can_update_todo": {("rick", owner) for owner in GROUPS} | {("morty", "morty"), ("summer", "summer")},
    "can_delete_todo": {("rick", owner) for owner in GROUPS} | {("morty", "morty"), ("summer", "summer")},
}


@pytest.fixture(scope="module")
def table() -> Table:
    return compile_table([load({"policy.yaml": (FOLDER / "policy.yaml").read_text(encoding="utf-8")})], law())


def attributes_of(who: str, owner: str) -> dict[str, object]:
    return {
        "actor.id": who,
        "actor.groups": GROUPS[who],
        "actor.mail": f"{who}@the-citadel.example",
        "resource.ownerID": f"{owner}@the-citadel.example",
    }


def permits(table: Table, act: str, thing: str, who: str, owner: str) -> bool:
    ask = Ask(actor=who, act=act, data_subjects=(), items=(thing,), purpose="", at=AT)
    row = RowFacts(
        data_subject="", subject_kind="", item=thing, era=None, known=KNOWN, value=VALUE,
        attributes=attributes_of(who, owner),
    )  # fmt: skip
    answer = decide(table, ask, Facts(in_force="todo@1", rows=(row,)))
    assert isinstance(answer, Permit | Refuse)
    return isinstance(answer, Permit)


def test_every_answer_of_the_scenario(table: Table) -> None:
    for who, owner in product(GROUPS, GROUPS):
        assert all(permits(table, act, thing, who, owner) for act, thing in READING)
        for act, pairs in MAY.items():
            assert permits(table, act, "todo", who, owner) is ((who, owner) in pairs), (act, who, owner)


def test_without_rows_or_with_a_row_of_another_thing_it_refuses(table: Table) -> None:
    ask = Ask(actor="rick", act="can_read_todos", data_subjects=(), items=("todo",), purpose="", at=AT)
    other = RowFacts(data_subject="", subject_kind="", item="user", era=None, known=KNOWN, value=VALUE)
    for rows in ((), (other,)):
        answer = decide(table, ask, Facts(in_force="todo@1", rows=rows))
        assert isinstance(answer, Refuse)
        assert answer.reasons[0].code == "gate.facts-missing"
    nobody = Ask(actor="rick", act="read", data_subjects=(), items=("profile",), purpose="directory", at=AT)
    personal = RowFacts(data_subject="", subject_kind="", item="profile", era="todo@1", known=KNOWN, value=VALUE)
    answer = decide(table, nobody, Facts(in_force="todo@1", rows=(personal,)))
    assert isinstance(answer, Refuse), "personal data without a person is not a thing"
    assert "gate.nothing-asked" in {reason.code for reason in answer.reasons}


def answers(table: Table) -> Iterator[tuple[str, list[int], Callable[[str], str]]]:
    """For each act the words that the cell finds, and a query that asks an engine for them, row by row."""
    rows = [attributes_of(who, owner) for who, owner in product(GROUPS, GROUPS)]
    rows += [{**attributes_of(who, "morty"), "resource.ownerID": None} for who in GROUPS]
    rows += [
        {**attributes_of("morty", "morty"), "actor.groups": None},
        {**attributes_of("morty", "morty"), "actor.groups": []},
    ]
    for act in MAY:
        cell = table.cell(in_force="todo@1", era=None, purpose="", item="todo", subject_kind="", on=ON, act=act)
        words = []
        for row in rows:
            word = cell.failing(KNOWN, VALUE)
            for condition in cell.conditions:
                bit = 1 << condition.bit
                word = word & ~bit | (0 if condition.test(row, ON) else bit)
            words.append(word)
        assert 0 in words
        assert any(words)
        yield act, words, partial(query, cell, rows)


def query(cell: Cell, rows: list[dict[str, object]], dialect: str) -> str:
    names = {name: name.replace(".", "_") for name in ("actor.groups", "actor.mail", "resource.ownerID")}
    word = failing_sql(cell, known=str(KNOWN), value=str(VALUE), attributes=names, dialect=dialect, today=ON)
    cells = (
        ", ".join(f"{literal(row[name], dialect, name)} AS {column}" for name, column in names.items()) for row in rows
    )
    table = " UNION ALL ".join(f"SELECT {at} AS n, {columns}" for at, columns in enumerate(cells))
    return f"SELECT {word} AS word FROM ({table}) AS r ORDER BY n"


def literal(value: object, dialect: str, name: str) -> str:
    listed, type_ = LISTS[dialect] if name == "actor.groups" else ("", TEXT[dialect])
    if isinstance(value, list):
        if dialect == "sqlite":
            return "'" + json.dumps(value) + "'"
        value = listed.format(", ".join(f"'{one}'" for one in value))
    elif value is not None:
        value = f"'{value}'"
    return f"CAST({'NULL' if value is None else value} AS {type_})"


@pytest.mark.parametrize("dialect", ["sqlite", "duckdb", "postgres", "spark"])
def test_every_engine_finds_the_words_of_the_cell(table: Table, dialect: str, request: pytest.FixtureRequest) -> None:
    """Lists as arrays (as JSON text in SQLite); a list, or an owner, that nobody knows is unknown to all of them."""
    with engine(dialect, request) as run:
        for act, words, asked in answers(table):
            assert run(asked(dialect)) == words, act


@contextmanager
def engine(dialect: str, request: pytest.FixtureRequest) -> Iterator[Callable[[str], list[int]]]:
    if dialect == "sqlite":
        with closing(sqlite3.connect(":memory:")) as lite:
            yield lambda sql: [word for (word,) in lite.execute(sql).fetchall()]
    elif dialect == "duckdb":
        with duckdb.connect() as duck:
            yield lambda sql: [word for (word,) in duck.execute(sql).fetchall()]
    elif dialect == "postgres":
        with psycopg.connect(request.getfixturevalue("postgres_url")) as post:
            yield lambda sql: [word for (word,) in post.execute(sql).fetchall()]
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the client's own imports
            from pysail.spark import SparkConnectServer
            from pyspark.sql import SparkSession

            server = SparkConnectServer("127.0.0.1", 0)
            server.start(background=True)
            host, port = server.listening_address
            session = SparkSession.builder.remote(f"sc://{host}:{port}").create()
            yield lambda sql: session.sql(sql).toArrow().column("word").to_pylist()
            session.stop()
            server.stop()
