"""A server that ends the connection in the midst of a correction: nothing is half written, and the next turn does it."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import effects_world
import psycopg
import pytest
from psycopg import sql

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.answering import EffectState

RIGHT = "𠮷田 華乃"
NAME = "effects_terminated"
DIES = """
CREATE FUNCTION dies() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
CREATE TRIGGER dies BEFORE UPDATE ON applicants FOR EACH ROW EXECUTE FUNCTION dies();
"""


@pytest.fixture
def database(postgres_url: str) -> Iterator[str]:
    """A database of its own with the applicants; the first change of a row ends the connection."""
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    url = postgres_url.rpartition("/")[0] + f"/{NAME}"
    with psycopg.connect(url, autocommit=True) as store:
        store.execute(
            "CREATE TABLE applicants (applicant_no text PRIMARY KEY, name text, phone text, applied_on date, decided_on date)"
        )
        for number, name in (("A00000", "𠮷田 花乃"), ("A00001", "応募 1郎")):
            store.execute("INSERT INTO applicants VALUES (%s, %s, '0900', '2026-09-01', '2026-10-01')", (number, name))
        store.execute(DIES)
    yield url
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))


@pytest.fixture
def world(tmp_path: Path, settings: Any, transactional_db: None, database: str) -> ModuleType:
    module = effects_world.carrier()
    settings.HOME = tmp_path / "home"
    module.write_stores(settings.HOME)
    told = vars(module)
    before, found, after = told["DATAMAP"].partition("    label: 人事\n    kind: sqlite\n")
    assert found
    url = "    url: sqlite:///{home}/systems/hr.sqlite3\n"
    assert after.startswith(url)
    told["DATAMAP"] = f"{before}    label: 人事\n    kind: postgresql\n    url: {database}\n{after.removeprefix(url)}"
    module.fill_registers()
    return module


def names(database: str) -> list[str]:
    with psycopg.connect(database) as store:
        return [row[0] for row in store.execute("SELECT name FROM applicants ORDER BY applicant_no").fetchall()]


def test_a_connection_that_is_ended_leaves_the_effect_and_the_next_turn_does_it(
    world: ModuleType, database: str
) -> None:
    answer = effects_world.sent_answer(
        world,
        kind="correction",
        person=world.HANA,
        lines=[effects_world.line("identity.name")],
        corrections=[effects_world.wrong_name(world, RIGHT)],
    )
    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    assert not actions.bring_about(**told)
    assert names(database) == [world.NAME, "応募 1郎"]
    failed = [one for one in queries.effects_of(answer) if one.state is EffectState.FAILED]
    assert [(one.target, one.code.partition(".")[0]) for one in failed] == [("hr.applicants", "connector")]
    with psycopg.connect(database, autocommit=True) as store:
        store.execute("DROP TRIGGER dies ON applicants")
    assert effects_world.brought_about(world, answer)
    assert names(database) == [RIGHT, "応募 1郎"]
