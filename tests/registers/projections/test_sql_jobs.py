"""Copies of large tables: built once, by a job that can be followed and given up; nobody erased meanwhile stands in one."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import psycopg
import pytest
from foreign_stores import mariadb_connection
from pyroaring import BitMap

from sekisho.connectors.postgresql_state import state_of
from sekisho.connectors.snapshots import snapshot_of
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError
from sekisho.evidence.models import Entry
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.queries import numbers_of
from sekisho.registers.projections import actions, rules
from sekisho.registers.projections.actions import Asked, build_asked
from sekisho.registers.projections.models import CopyRequest, Projection

COUNT = "SELECT count(DISTINCT customer_no) AS n FROM crm.subscribers WHERE name <> 'a secret of somebody'"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixty rows are many."""
    monkeypatch.setattr(rules, "job_rows", lambda: 10)


@pytest.fixture
def asked(sql_world: ModuleType) -> Asked:
    return Asked(query=COUNT, purpose="billing", actor="s-biller", at=sql_world.AT)


def refused(asked: Asked) -> dict[str, str]:
    with pytest.raises(SekishoError) as error:
        actions.run(asked)
    assert error.value.code == "projections.being-built"
    return {name: str(value) for name, value in error.value.values.items()}


def build(request: str, at: Any, progress: Callable[[int, int | None, str], None] = lambda *_: None) -> Projection:
    return Projection.objects.get(key=build_asked(request=request, at=at, progress=progress))


def test_a_large_copy_is_built_once_by_a_job(asked: Asked, sql_world: ModuleType, sql_home: Path) -> None:
    first, second = refused(asked), refused(replace(asked, at=asked.at + timedelta(seconds=1)))
    assert first == second
    assert Projection.objects.count() == 0
    told: list[tuple[int, int | None]] = []
    built = build(first["request"], sql_world.AT, lambda done, total, _what: told.append((done, total)))
    assert told[-1] == (sql_world.PEOPLE, sql_world.PEOPLE)
    assert build(first["request"], sql_world.AT) == built, "a repeat builds nothing"
    answer = actions.run(asked)
    assert [one.key for one in answer.projections] == [built.key]
    assert answer.rows.to_pylist() == [{"n": 58}]
    assert [one.name for one in (sql_home / rules.FOLDER / built.key).iterdir()] == ["rows.parquet"]
    for leaf in Entry.objects.values_list("leaf", flat=True):
        assert "a secret of somebody" not in bytes(leaf).decode(), "the query stands nowhere"
    assert "secret" not in str(CopyRequest.objects.values_list().get())


def test_given_up_it_leaves_nothing_and_may_be_asked_for_again(
    asked: Asked, sql_world: ModuleType, sql_home: Path
) -> None:
    class GivenUp(Exception):
        pass

    def progress(*_: object) -> None:
        raise GivenUp

    first = refused(asked)
    with pytest.raises(GivenUp):
        build(first["request"], sql_world.AT, progress)
    assert list((sql_home / rules.FOLDER).iterdir()) == []
    jobs.cancel_job(job=first["job"], at=asked.at, acting_user="test")
    assert refused(asked)["job"] != first["job"]


def test_whoever_waited_is_answered_though_the_store_went_on(
    asked: Asked, sql_world: ModuleType, sql_home: Path
) -> None:
    told = refused(asked)
    built = build(told["request"], sql_world.AT)
    with sqlite3.connect(sql_home / "systems" / "crm.sqlite3") as store:
        store.execute("UPDATE subscribers SET memo = 'later' WHERE customer_no = ?", (sql_world.customer(1),))
    store.close()
    waited = replace(asked, waited=(told["request"],))
    assert [one.key for one in actions.run(waited).projections] == [built.key]
    assert refused(asked)["request"] != told["request"], "a new question wants the store as it is"
    assert refused(replace(waited, at=asked.at + timedelta(minutes=61)))["request"] != told["request"]
    assert refused(replace(waited, purpose="support", actor="s-biller"))["request"] != told["request"]


@pytest.mark.parametrize("copies_go", [True, False])
def test_who_is_erased_while_it_is_built_does_not_stand_in_it(
    asked: Asked, sql_world: ModuleType, *, copies_go: bool
) -> None:
    world: Any = sql_world
    number = numbers_of([world.ref(20)])[world.ref(20)]
    tries = []

    def progress(*_: object) -> None:
        tries.append(1)
        if len(tries) == 1:
            identities.suppress(person=world.ref(20), reason="erasure", at=world.AT, acting_user="test")
            if copies_go:
                actions.drop_for(person=world.ref(20), at=world.AT)

    built = build(refused(asked)["request"], world.AT, progress)
    assert len(tries) == 2
    assert number not in BitMap.deserialize(bytes(built.people))
    assert actions.copies_of(world.ref(20)) == ()
    assert actions.run(asked).rows.to_pylist() == [{"n": 57}]


def test_a_sweep_takes_what_is_being_built_of_its_tables(asked: Asked, sql_world: ModuleType) -> None:
    tries = []

    def progress(*_: object) -> None:
        tries.append(1)
        swept = ("crm", "subscribers") if len(tries) == 1 else ("billing", "invoices")  # of another: nothing is taken
        actions.drop_of(tables=frozenset({swept}), at=sql_world.AT)

    build(refused(asked)["request"], sql_world.AT, progress)
    assert len(tries) == 2


def test_requests_are_let_go_of(asked: Asked) -> None:
    told = refused(asked)
    assert actions.expire_requests(at=asked.at + timedelta(hours=25)) == 0, "its job still lives"
    jobs.cancel_job(job=told["job"], at=asked.at, acting_user="test")
    assert actions.expire_requests(at=asked.at + timedelta(hours=23)) == 0
    assert actions.expire_requests(at=asked.at + timedelta(hours=25)) == 1


CHANGES = (
    "INSERT INTO tellings VALUES (3, 'c')",
    "UPDATE tellings SET what = what WHERE id = 1",
    "DELETE FROM tellings WHERE id = 2",
    "ALTER TABLE tellings ADD COLUMN more text DEFAULT 'x'",
    "ALTER TABLE tellings ALTER COLUMN more TYPE varchar USING 'y'",
    "TRUNCATE tellings",
)


def test_a_table_of_postgresql_changes_its_word_when_it_changes_and_only_then(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as server:
        server.execute("DROP TABLE IF EXISTS tellings, others")
        server.execute("CREATE TABLE tellings (id integer, what text)")
        server.execute("CREATE TABLE others (id integer)")
        server.execute("INSERT INTO tellings VALUES (1, 'a'), (2, 'b')")
    seen = [state_of("s", postgres_url, "tellings")]
    with psycopg.connect(postgres_url) as server:
        server.execute("INSERT INTO others VALUES (1)")
        server.commit()
        server.execute("INSERT INTO tellings VALUES (9, 'undone')")
        server.rollback()
    assert state_of("s", postgres_url, "tellings") == seen[0]
    for change in CHANGES:
        with psycopg.connect(postgres_url) as server:
            server.execute(change.encode())
            if not change.startswith(("ALTER", "TRUNCATE")):
                assert state_of("s", postgres_url, "tellings") == seen[-1], "not committed yet"
        seen.append(state_of("s", postgres_url, "tellings"))
    with psycopg.connect(postgres_url) as server:
        server.execute("DROP TABLE tellings, others")
    assert len(set(seen)) == len(seen)


def test_a_file_below_a_folder_changes_its_word_and_who_cannot_tell_never_says_the_same(tmp_path: Path) -> None:
    def system(kind: SystemKind) -> System:
        return System(id="s", label="試験", kind=kind, url="", tables={})

    (tmp_path / "calls" / "day=1").mkdir(parents=True)
    file = tmp_path / "calls" / "day=1" / "0.parquet"
    file.write_bytes(b"one")
    words = [snapshot_of(system(SystemKind.PARQUET), f"parquet:///{tmp_path}", "calls")]
    assert snapshot_of(system(SystemKind.PARQUET), f"parquet:///{tmp_path}", "calls") == words[0]
    file.write_bytes(b"other")
    words.append(snapshot_of(system(SystemKind.PARQUET), f"parquet:///{tmp_path}", "calls"))
    file.rename(file.with_name("1.parquet"))
    words.append(snapshot_of(system(SystemKind.PARQUET), f"parquet:///{tmp_path}", "calls"))
    far = "sc://localhost:1/;lake=/nowhere/lake"
    for kind, url in ((SystemKind.MARIADB, "mariadb://u@localhost/x"), (SystemKind.SPARK, far)):
        words += [snapshot_of(system(kind), url, "calls") for _ in range(2)]
    assert len(set(words)) == len(words)


def test_a_server_that_tells_nothing_is_asked_anew_each_time(
    asked: Asked, sql_home: Path, mariadb_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "job_rows", lambda: 1_000)
    with sqlite3.connect(sql_home / "systems" / "crm.sqlite3") as store:
        rows = store.execute("SELECT * FROM subscribers").fetchall()
        columns = [(str(name), str(type_)) for _, name, type_, *_ in store.execute("PRAGMA table_info(subscribers)")]
    store.close()
    url = f"{mariadb_url.rsplit('/', 1)[0]}/sql_asked_anew"
    with mariadb_connection(mariadb_url) as server, server.cursor() as cursor:
        cursor.execute("CREATE DATABASE sql_asked_anew CHARACTER SET utf8mb4")
        cursor.execute("USE sql_asked_anew")
        told = ", ".join(f"{name} {'DATE' if type_ == 'DATE' else 'VARCHAR(120)'}" for name, type_ in columns)
        cursor.execute(f"CREATE TABLE subscribers ({told})")
        cursor.executemany(f"INSERT INTO subscribers VALUES ({', '.join(['%s'] * len(columns))})", rows)
        server.commit()
        (sql_home / "carrier.yaml").write_text(f"urls:\n  crm: {url}\n", encoding="utf-8")
        try:
            assert actions.run(asked).rows.to_pylist() == [{"n": 58}]
            cursor.execute("DELETE FROM subscribers LIMIT 60")
            cursor.executemany(f"INSERT INTO subscribers VALUES ({', '.join(['%s'] * len(columns))})", rows[:30])
            server.commit()
            assert actions.run(asked).rows.to_pylist() == [{"n": 28}]
            monkeypatch.setattr(rules, "job_rows", lambda: 10)
            waits = refused(asked)
            build(waits["request"], asked.at)
            assert actions.run(replace(asked, waited=(waits["request"],))).rows.to_pylist() == [{"n": 28}]
        finally:
            cursor.execute("DROP DATABASE sql_asked_anew")
