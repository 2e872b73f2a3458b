"""The to-do list of the AuthZEN interoperability scenario, as a policy: every user, every act, own and others' items.

The answers are the scenario's own, restated; the same conditions then run over columns and as SQL.
"""

import json
import sqlite3
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import duckdb
import pytest

from sekisho.engine.gate import SLOTS, Ask, Facts, Permit, Refuse, RowFacts, Table, compile_table, decide, facts_words
from sekisho.engine.gate.sql import failing_sql
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

FOLDER = Path(__file__).resolve().parents[2] / "fixtures" / "policies" / "todo"
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
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


@pytest.mark.parametrize("act", list(MAY))
def test_sql_finds_the_same_word_as_the_cell(table: Table, act: str) -> None:
    """Lists as arrays in DuckDB, as JSON text in SQLite; an owner nobody knows is unknown in all three."""
    cell = table.cell(
        in_force="todo@1", era=None, purpose="", item="todo", subject_kind="", on=date(2026, 11, 20), act=act
    )
    rows = [attributes_of(who, owner) for who, owner in product(GROUPS, GROUPS)]
    rows += [{**attributes_of(who, "morty"), "resource.ownerID": None} for who in GROUPS]
    rows += [{**attributes_of("morty", "morty"), "actor.groups": None}]
    expected = []
    for row in rows:
        word = cell.failing(KNOWN, VALUE)
        for condition in cell.conditions:
            word &= ~(1 << condition.bit)
            word |= 0 if condition.test(row, date(2026, 11, 20)) else 1 << condition.bit
        expected.append(word)
    assert 0 in expected
    assert any(expected)
    names = {name: name.replace(".", "_") for name in ("actor.groups", "actor.mail", "resource.ownerID")}

    def sql(dialect: str) -> str:
        return failing_sql(
            cell, known=str(KNOWN), value=str(VALUE), attributes=names, dialect=dialect, today=date(2026, 11, 20)
        )

    cells = [[row[name] for name in names] for row in rows]
    with duckdb.connect() as db:
        db.execute("CREATE TABLE r (n INTEGER, actor_groups VARCHAR[], actor_mail VARCHAR, resource_ownerID VARCHAR)")
        db.executemany("INSERT INTO r VALUES (?, ?, ?, ?)", [(at, *row) for at, row in enumerate(cells)])
        assert [word for (word,) in db.execute(f"SELECT {sql('duckdb')} FROM r ORDER BY n").fetchall()] == expected
    lite = sqlite3.connect(":memory:")
    lite.execute("CREATE TABLE r (n INTEGER, actor_groups TEXT, actor_mail TEXT, resource_ownerID TEXT)")
    lite.executemany(
        "INSERT INTO r VALUES (?, ?, ?, ?)",
        [(at, groups and json.dumps(groups), mail, owner) for at, (groups, mail, owner) in enumerate(cells)],
    )
    assert [word for (word,) in lite.execute(f"SELECT {sql('sqlite')} FROM r ORDER BY n").fetchall()] == expected
    lite.close()
