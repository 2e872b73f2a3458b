"""Calls that are counted before they go, in stores of four kinds; also a process that sweeps them and can be killed.

`python counted_calls.py HOME` reads commands from standard input and forks for each: `sweep` sweeps or goes on, `sweep 3.delete.totalled`
dies by SIGKILL at the first point of that name; every point passed is a line of the home's file `points`.
"""

import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

ROOT = Path(__file__).resolve().parents[2]
SERVERS = ("postgresql", "mariadb")
KINDS = ("sqlite", "duckdb", "delta", *SERVERS)
MINIMUM = 5
MONTH = datetime(2026, 4, 10, 1, tzinfo=UTC)  # due on the world's day; October is not
LATER = datetime(2026, 10, 10, 1, tzinfo=UTC)
OF_MONTH = date(2026, 4, 1)
TALKERS = tuple(range(5, 20))  # of the world's people; their lines were nobody else's
RARE = (5, 6)  # the only ones who used the rare service
TYPES = {"call_id": pa.int64(), "started_at": pa.timestamp("us", tz="UTC"), "seconds": pa.int64(), "day": pa.date32()}

SYSTEM = """
  {kind}:
    label: 通話({kind})
    kind: {kind}
    url: "{url}"
    erase_order: 10
    tables:
      calls:
        label: 通話
        subject: customer
        key: [call_id]
        acquired: started_at
        triggers: {{started_at: started_at}}
        {partition}
        owners: [{{by: number, column: caller, role: caller, at: started_at{blanks}}}]
        totals:
          into: call_totals
          by: {{month_on: {{column: started_at, how: month}}, service: service}}
          count: calls
          people: people
          batch: batch
          written_on: written_on
          minimum: {minimum}
          sums: {{seconds: seconds}}
        columns:
          call_id: {{item: none, type: integer, reason: 記録の番号}}
          caller: traffic.caller
          started_at: {{item: traffic.started_at, type: timestamp}}
          service: traffic
          seconds: {{item: traffic, type: integer}}
          day: {{item: none, type: date, reason: 区切り}}
      call_totals:
        label: 通話の集計
        subject: customer
        key: [batch, month_on, service]
        acquired: written_on
        triggers: {{}}
        owners: []
        columns:
          batch: &total {{item: none, reason: 5人以上の集計で誰のものでもない}}
          written_on: {{item: none, type: date, reason: 書いた日}}
          month_on: {{item: none, type: date, reason: 集計の月}}
          service: *total
          calls: &number {{item: none, type: integer, reason: 5人以上の集計で誰のものでもない}}
          people: *number
          seconds: *number
"""


def erasure_world() -> ModuleType:
    """The carrier of tests/fixtures/erasure_world.py: its people, policy and clock."""
    if "erasure_world" in sys.modules:
        return sys.modules["erasure_world"]
    spec = importlib.util.spec_from_file_location("erasure_world", ROOT / "tests" / "fixtures" / "erasure_world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module


def data_map(urls: dict[str, str], *, minimum: int = MINIMUM, blanks: str = "") -> str:
    """A map of these stores, by kind."""
    systems = (
        SYSTEM.format(
            kind=kind, url=url, minimum=minimum, partition="partition: day" if kind == "delta" else "", blanks=blanks
        )
        for kind, url in urls.items()
    )
    return "sekisho_datamap: 1\nmap: {id: counted}\nsystems:" + "".join(systems)


def rows() -> list[dict[str, Any]]:
    """Two calls each of every talker in April, one of the rare service of two of them, one call each in October."""
    world = erasure_world()
    made: list[dict[str, Any]] = []

    def add(index: int, at: datetime, service: str, seconds: int) -> None:
        at += timedelta(minutes=len(made))
        made.append(
            {
                "call_id": len(made),
                "caller": world.number_of(index),
                "started_at": at,
                "service": service,
                "seconds": seconds,
                "day": at.date(),
            }
        )

    for index in TALKERS:
        add(index, MONTH, "voice", 60)
        add(index, MONTH + timedelta(days=1), "voice", 30)
        add(index, LATER, "voice", 10)
    for index in RARE:
        add(index, MONTH, "rare", 600)
    return made


def table(found: list[dict[str, Any]]) -> pa.Table:
    """Calls as Arrow holds them."""
    return pa.table({name: pa.array([row[name] for row in found], TYPES.get(name)) for name in rows()[0]})


def nothing_yet() -> pa.Table:
    """The table of totals, empty."""
    schema = [(name, pa.string()) for name in ("batch", "service")]
    schema += [("written_on", pa.date32()), ("month_on", pa.date32())]
    return pa.schema([*schema, *((name, pa.int64()) for name in ("calls", "people", "seconds"))]).empty_table()


def write(kind: str, home: Path, server_url: str = "", found: list[dict[str, Any]] | None = None) -> str:
    """A store with the calls and no totals yet; returns its url. `server_url`: of a server's database."""
    from deltalake import write_deltalake

    from sekisho.connectors import delta_folder
    from sekisho.demo import stores

    calls = stores.keyed(table(rows() if found is None else found), "call_id")
    tables = {"calls": calls, "call_totals": stores.keyed(nothing_yet(), "batch", "month_on", "service")}
    systems = home / "systems"
    systems.mkdir(parents=True, exist_ok=True)
    match kind:
        case "sqlite":
            stores.write_sqlite(systems / "calls.sqlite3", tables)
            return "sqlite:///{home}/systems/calls.sqlite3"
        case "duckdb":
            stores.write_duckdb(systems / "calls.duckdb", tables)
            return "duckdb:///{home}/systems/calls.duckdb"
        case "postgresql":
            stores.write_postgresql(server_url, tables)
            return server_url
        case "mariadb":
            _write_mariadb(server_url, tables)
            return server_url
        case _:
            stores.write_delta(systems / "lake", {"calls": calls}, "day")
            write_deltalake(systems / "lake" / "call_totals", nothing_yet(), configuration=delta_folder.CONFIGURATION)
            return "delta:///{home}/systems/lake"


def _write_mariadb(url: str, tables: dict[str, pa.Table]) -> None:
    from foreign_stores import mariadb_connection

    types = {"int64": "BIGINT", "date32[day]": "DATE", "timestamp[us, tz=UTC]": "DATETIME(6)"}
    keys = {"calls": "call_id", "call_totals": "batch, month_on, service"}
    with mariadb_connection(url) as connection, connection.cursor() as cursor:
        for name, one in tables.items():
            columns = ", ".join(f"{f.name} {types.get(str(f.type), 'VARCHAR(120)')}" for f in one.schema)
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
            cursor.execute(f"CREATE TABLE {name} ({columns}, PRIMARY KEY ({keys[name]})) CHARACTER SET utf8mb4")
            cursor.executemany(
                f"INSERT INTO {name} VALUES ({', '.join(['%s'] * len(one.schema))})",
                list(zip(*(one[f.name].to_pylist() for f in one.schema), strict=True)),
            )
        connection.commit()


def state(kind: str, home: Path, server_url: str = "") -> tuple[set[int], list[dict[str, Any]]]:
    """The numbers of the calls that are there, and the totals without the name of their batch, read past our connectors."""
    calls, totals = _read(kind, home, server_url)
    told = [{name: value for name, value in row.items() if name not in {"batch", "written_on"}} for row in totals]
    for row in told:
        row["month_on"] = str(row["month_on"])
    assert all(row["batch"] and row["written_on"] for row in totals)
    return {row["call_id"] for row in calls}, sorted(told, key=str)


def _read(kind: str, home: Path, server_url: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    systems = home / "systems"
    if kind == "sqlite":
        import sqlite3

        lite = sqlite3.connect(systems / "calls.sqlite3")
        lite.row_factory = sqlite3.Row
        found = [[dict(row) for row in lite.execute(f"SELECT * FROM {name}")] for name in ("calls", "call_totals")]
        lite.close()
        return found[0], found[1]
    if kind == "duckdb":
        import duckdb

        duck = duckdb.connect(str(systems / "calls.duckdb"))
        read = [duck.sql(f"SELECT * FROM {name}").to_arrow_table().to_pylist() for name in ("calls", "call_totals")]
        duck.close()
        return read[0], read[1]
    if kind == "postgresql":
        import psycopg
        from psycopg.rows import dict_row

        with psycopg.connect(server_url, row_factory=dict_row) as postgres:
            return postgres.execute("SELECT * FROM calls").fetchall(), postgres.execute(
                "SELECT * FROM call_totals"
            ).fetchall()
    if kind == "mariadb":
        from foreign_stores import mariadb_connection
        from pymysql.cursors import DictCursor

        with mariadb_connection(server_url) as connection, connection.cursor(DictCursor) as cursor:
            told = []
            for name in ("calls", "call_totals"):
                cursor.execute(f"SELECT * FROM {name}")
                told.append(list(cursor.fetchall()))
        return told[0], told[1]
    from deltalake import DeltaTable

    lake = [DeltaTable(systems / "lake" / name).to_pyarrow_table().to_pylist() for name in ("calls", "call_totals")]
    return lake[0], lake[1]


def adopt(urls: dict[str, str], **said: Any) -> None:
    """Make this the carrier's data map."""
    from sekisho.registers.datamap import actions as datamap

    world = erasure_world()
    files = world.documents() | {"datamap.yaml": data_map(urls, **said)}
    datamap.adopt(files=files, at=world.AT, acting_user="test")


def build(home: Path, urls: dict[str, str]) -> None:
    """Registers of a new home. The stores are there."""
    from django.core.management import call_command

    world = erasure_world()
    call_command("migrate", verbosity=0)
    world.fill_registers()
    adopt(urls)


def sweep(reached: Callable[[str], None]) -> None:
    """What a new process does at its start, and then the sweep, unless it has run."""
    from sekisho.registers.retention import actions, jobs, queries

    world = erasure_world()
    jobs.resume(world.AT)
    if queries.last_sweep() is None:
        actions.sweep(on=world.ON, at=world.AT, acting_user="test", reached=reached)


def serve(home: Path) -> None:
    world = erasure_world()
    world.setup(home)
    import sekisho.connectors.delta_folder
    import sekisho.connectors.duckdb_file
    import sekisho.connectors.mariadb
    import sekisho.connectors.postgresql
    import sekisho.connectors.sqlite_file
    import sekisho.registers.retention.jobs  # noqa: F401

    _tell("ready")
    for line in sys.stdin:
        _, _, point = line.strip().partition(" ")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sweep(_dying_at(home, point))
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
        _tell(f"end {os.waitstatus_to_exitcode(status)}")


def _dying_at(home: Path, point: str) -> Callable[[str], None]:
    def reached(name: str) -> None:
        with (home / "points").open("a", encoding="utf-8") as passed:
            passed.write(f"{name}\n")
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests" / "worlds")]
    serve(Path(sys.argv[1]))
