"""Removing 30 % of the call records for good. `python benchmarks/sweep.py [--large] [--write] [--rows N] [--only 'duckdb;delta']`.

Ours: count, let go of whole partitions, erase what is left, purge, through the connector. Theirs: the raw statements that reach
the same physical state: the rows gone, and no old version, free page or sample that holds one. Each on a fresh copy of the same
store, in turns; afterwards both hold the same rows. Raw statements go by the instant of the call, as ours do; where partitions
stand, they drop them by name (PostgreSQL), and a second line says what that does on Delta. Spark's is set against DuckDB's.
"""

import argparse
import atexit
import contextlib
import os
import shutil
import statistics
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import duckdb
import psycopg
from deltalake import DeltaTable, write_deltalake
from measuring import machine, seconds, table, tell

from sekisho.connectors import delta_folder
from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Before, In, Partitioned, Source, Where
from sekisho.engine.catalog.model import Column, System, SystemKind, Table

SIZES = {False: 1_000_000, True: 20_000_000}
DAYS = 100
DUE_DAYS = 30
START = datetime(2026, 1, 1, tzinfo=UTC)
CUT = START + timedelta(days=DUE_DAYS)
DAY_DUE = (Before("day", CUT.date()),)
GOAL = 1.2
PERSONS = ("duckdb", "delta", "spark-delta, raw on duckdb")
NUMBER = "09000000000"
COLUMNS = {
    "id": "integer",
    "caller": "text",
    "callee": "text",
    "started_at": "timestamp",
    "seconds": "integer",
    "cell": "text",
}
CALLS = (
    "SELECT range AS id, CASE WHEN range % ({n} // 500) = 0 THEN '09000000000' "  # one number's 500 calls, on every day
    "ELSE '0900' || lpad((1 + range * 7919 % 9999990)::VARCHAR, 7, '0') END AS caller, "
    "'0800' || lpad((range * 104729 % 9999991)::VARCHAR, 7, '0') AS callee, "
    f"TIMESTAMPTZ '{START:%Y-%m-%d}T00:00:00Z' + to_microseconds(CAST(range * ({DAYS}::DOUBLE * 86400e6 / {{n}}) AS BIGINT)) AS started_at, "
    "(range * 31 % 3600) AS seconds, '440-10-' || lpad((range * 13 % 65536)::VARCHAR, 5, '0') AS cell FROM range({begin}, {end})"
)
MADE: dict[object, tuple[tempfile.TemporaryDirectory[str], str]] = {}
TEMPLATES: dict[tuple[object, ...], str] = {}
FIELDS = "id bigint, caller text, callee text, started_at timestamptz, seconds bigint, cell text"


@dataclass(frozen=True, slots=True)
class Contest:
    """One store: how to make it, what raw statements do, and how large it then is."""

    name: str
    kind: SystemKind
    make: Callable[[Path, int], str]
    raw: Callable[[str], None]
    size: Callable[[str], int]
    partition: str | None = None
    opened: Callable[[str], str] = str
    drop: Callable[[str], None] = lambda _: None
    make_raw: Callable[[Path, int], str] | None = None  # where raw is done on another store
    kind_raw: SystemKind | None = None
    due: Where = (Before("started_at", CUT),)
    has_goal: bool = True


def main() -> None:
    """Each store in turns; then the same rows, the same room."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--large", action="store_true", help="20 million calls")
    arguments.add_argument("--rows", type=int)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="")
    given = arguments.parse_args()
    rows = given.rows or SIZES[given.large]
    with spark() as server:
        chosen = [one for one in contests(server) if not given.only or one.name in given.only.split(";")]
        measured = [contest(one, rows, given.rounds) for one in chosen]
    lines = [
        *machine("duckdb", "deltalake", "psycopg", "pysail", "pyarrow"),
        f"{rows:,} calls over {DAYS} days, {DUE_DAYS} % of them removed; {given.rounds} rounds in turns, medians",
        "",
        *table(
            (
                "store",
                "raw s",
                "ours s",
                "ratio",
                f"goal ≤ {GOAL}",
                "million rows/s",
                "bytes a call before",
                "after raw",
                "after ours",
            ),
            measured,
        ),
    ]
    with spark() as server:
        chosen = [
            one for one in contests(server) if one.name in PERSONS and one.name in {name for name, *_ in measured}
        ]
        people = [person(one, rows) for one in chosen]
    heads = ("one number's calls, counted, erased, purged", "s", "million rows looked through a second", "calls")
    lines += ["", *table(heads, people)] if people else []
    servers = "_postgresql" if all(name.startswith("postgresql") for name, *_ in measured) else ""
    tell(f"sweep{'_large' if given.large else ''}{servers}", lines, write=given.write)


def contests(server: str) -> list[Contest]:
    """What is there; PostgreSQL only where SEKISHO_TEST_POSTGRES_URL names a throwaway one."""
    found = [
        Contest("duckdb", SystemKind.DUCKDB, _duckdb, _raw_duckdb, _file),
        Contest("delta", SystemKind.DELTA, _delta, _raw_delta, _tree, "day"),
        Contest("delta, raw by folder", SystemKind.DELTA, _delta, _raw_delta_by_day, _tree, "day", has_goal=False),
        Contest(
            "delta, both by folder",
            SystemKind.DELTA,
            _delta,
            _raw_delta_by_day,
            _tree,
            "day",
            due=DAY_DUE,
            has_goal=False,
        ),
        Contest(
            "spark-delta, raw on duckdb",
            SystemKind.SPARK,
            _delta,
            _raw_duckdb,
            _tree,
            "day",
            lambda url: f"{server}/;lake={_path(url)}",
            make_raw=_duckdb,
            kind_raw=SystemKind.DUCKDB,
        ),
    ]
    if "SEKISHO_TEST_POSTGRES_URL" in os.environ:
        found += [
            Contest("postgresql", SystemKind.POSTGRESQL, _postgresql, _raw_postgresql, _database, drop=_drop),
            Contest(
                "postgresql-partitioned",
                SystemKind.POSTGRESQL,
                _partitioned,
                _raw_partitioned,
                _database,
                "started_at",
                drop=_drop,
            ),
        ]
    return found


def contest(one: Contest, rows: int, rounds: int) -> tuple[str, ...]:
    """A line of the table."""
    raw, ours, sizes = [], [], {}
    for turn in range(rounds):
        for who in ("raw", "ours") if turn % 2 else ("ours", "raw"):
            with tempfile.TemporaryDirectory() as folder:
                is_raw = who == "raw"
                url = _fresh(one.make_raw if is_raw and one.make_raw else one.make, Path(folder), rows)
                size = _file if is_raw and one.make_raw else one.size
                if not is_raw:
                    sizes["before"] = size(url)
                try:
                    if is_raw:
                        raw.append(seconds(partial(one.raw, url)))
                    else:
                        ours.append(seconds(partial(_sweep, one, url, rows)))
                    sizes[who] = size(url)
                    _check(one, url, rows, raw=is_raw)
                finally:
                    one.drop(url)
    theirs, mine = statistics.median(raw), statistics.median(ours)
    ratio = mine / theirs
    return (
        one.name,
        f"{theirs:.2f} ({min(raw):.2f}-{max(raw):.2f})",
        f"{mine:.2f} ({min(ours):.2f}-{max(ours):.2f})",
        f"{ratio:.2f}",
        ("met" if ratio <= GOAL else "not met") if one.has_goal else "none set",
        f"{rows * DUE_DAYS / DAYS / mine / 1e6:.2f}",
        *(f"{sizes[name] / rows:.1f}" for name in ("before", "raw", "ours")),
    )


def person(one: Contest, rows: int) -> tuple[str, ...]:
    """The calls of one number, which stand in many partitions."""
    with tempfile.TemporaryDirectory() as folder:
        url = _fresh(one.make, Path(folder), rows)
        source = open_system(_system(one), one.opened(url))
        where = (In("caller", (NUMBER,)),)
        try:
            found = source.count("calls", where)
            took = seconds(partial(_erased, source, where))
        finally:
            source.close()
            one.drop(url)
    return one.name, f"{took:.2f}", f"{rows / took / 1e6:.2f}", str(found)


def _erased(source: Source, where: Where) -> None:
    source.count("calls", where)
    source.erase("calls", where)
    source.purge()
    if source.count("calls", where):
        raise SystemExit("calls are left")


def _system(one: Contest) -> System:
    columns = {name: Column(name=name, type=plain, item="none") for name, plain in COLUMNS.items()}
    calls = Table(
        name="calls",
        label="",
        subject="customer",
        key=("id",),
        columns=columns,
        owners=(),
        acquired="started_at",
        partition=one.partition,
    )
    return System(id="cdr", label="", kind=one.kind, url="", tables={"calls": calls})


def _sweep(one: Contest, url: str, rows: int) -> None:
    source = open_system(_system(one), one.opened(url))
    try:
        left = source.count("calls", one.due)
        if left != rows * DUE_DAYS // DAYS:
            message = f"{one.name}: another number of calls is due"
            raise SystemExit(message)
        if isinstance(source, Partitioned) and source.drop_partitions("calls", one.due):
            left = source.count("calls", one.due)
        if left:
            source.erase("calls", one.due)
        if isinstance(source, Partitioned):
            source.purge_changed()
        else:
            source.purge()
    finally:
        source.close()


def _check(one: Contest, url: str, rows: int, *, raw: bool) -> None:
    kind = one.kind_raw if raw and one.kind_raw else one.kind
    kind = SystemKind.DELTA if kind is SystemKind.SPARK else kind
    system = System(id="cdr", label="", kind=kind, url="", tables={})
    source = open_system(system, url)
    left, due = source.count("calls"), source.count("calls", (Before("started_at", CUT),))
    source.close()
    if due or left != rows - rows * DUE_DAYS // DAYS:
        message = f"{one.name}: {left} calls are left"
        raise SystemExit(message)


def _fresh(make: Callable[[Path, int], str], folder: Path, rows: int) -> str:
    """A store of files is made once and copied; a database does that itself."""
    if make in {_postgresql, _partitioned}:
        return make(folder, rows)
    if (made := MADE.get((make, rows))) is None:
        kept = tempfile.TemporaryDirectory()
        made = MADE[make, rows] = kept, make(Path(kept.name), rows)
    shutil.copytree(made[0].name, folder, dirs_exist_ok=True)
    return made[1].replace(made[0].name, str(folder))


def _calls(rows: int, begin: int = 0, end: int = 0) -> str:
    return CALLS.format(n=rows, begin=begin, end=end or rows)


def _duckdb(folder: Path, rows: int) -> str:
    path = folder / "calls.duckdb"
    with duckdb.connect(str(path), config={"threads": 2}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(f"CREATE TABLE calls AS {_calls(rows)}")
    return f"duckdb:///{path}"


def _raw_duckdb(url: str) -> None:
    path = Path(_path(url))
    following = path.with_suffix(".new")
    with duckdb.connect(str(path), config={"threads": 2}) as engine:
        engine.execute(f"DELETE FROM calls WHERE started_at < TIMESTAMPTZ '{CUT.isoformat()}'")
        engine.execute("CHECKPOINT")
        engine.execute(f"ATTACH '{following}' AS following")
        engine.execute("COPY FROM DATABASE calls TO following")
        engine.execute("DETACH following")
    following.replace(path)


def _delta(folder: Path, rows: int) -> str:
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        for begin in range(0, rows, rows // 10):
            text = f"SELECT *, started_at::DATE AS day FROM ({_calls(rows, begin, begin + rows // 10)})"
            batch = engine.sql(text).to_arrow_table()
            write_deltalake(
                folder / "lake" / "calls",
                batch,
                mode="append",
                partition_by=["day"],
                configuration=delta_folder.CONFIGURATION,
                writer_properties=delta_folder.writer_properties(),
            )
    return f"delta:///{folder}/lake"


def _raw_delta(url: str) -> None:
    _deleted(url, f"started_at < TIMESTAMP '{CUT:%Y-%m-%d %H:%M:%S}Z'")


def _raw_delta_by_day(url: str) -> None:
    _deleted(url, f"day < '{CUT:%Y-%m-%d}'")


def _deleted(url: str, predicate: str) -> None:
    lake = DeltaTable(Path(_path(url)) / "calls")
    lake.delete(predicate)
    lake.vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False, full=True)
    lake.create_checkpoint()
    lake.cleanup_metadata()


def _postgresql(folder: Path, rows: int) -> str:
    return _filled(folder, rows, [f"CREATE TABLE calls ({FIELDS})"])


def _partitioned(folder: Path, rows: int) -> str:
    days = [START + timedelta(days=day) for day in range(DAYS)]
    parts = [
        f"CREATE TABLE calls_{day:%Y%m%d} PARTITION OF calls FOR VALUES FROM ('{day.isoformat()}') TO ('{(day + timedelta(days=1)).isoformat()}')"
        for day in days
    ]
    return _filled(folder, rows, [f"CREATE TABLE calls ({FIELDS}) PARTITION BY RANGE (started_at)", *parts])


def _filled(folder: Path, rows: int, statements: list[str]) -> str:
    """A copy of a database that is filled once."""
    made = TEMPLATES.get((rows, *statements)) or _template(folder, rows, statements)
    TEMPLATES[rows, *statements] = made
    return _database_url(_created(f"TEMPLATE {made}"))


def _template(folder: Path, rows: int, statements: list[str]) -> str:
    name = _created("")
    atexit.register(_drop, _database_url(name))
    file = folder / "calls.csv"
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute("SET TimeZone = 'UTC'")
        engine.execute(f"COPY ({_calls(rows)}) TO '{file}' (FORMAT csv, HEADER false)")
    with psycopg.connect(_database_url(name), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())
        with connection.cursor().copy(b"COPY calls FROM STDIN (FORMAT csv)") as copy, file.open("rb") as opened:
            while chunk := opened.read(1 << 20):
                copy.write(chunk)
        connection.execute("ANALYZE calls")
        connection.execute("CHECKPOINT")
    return name


def _created(like: str) -> str:
    name = f"sweep_{uuid4().hex[:12]}"
    with psycopg.connect(os.environ["SEKISHO_TEST_POSTGRES_URL"], autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} {like}".encode())
    return name


def _database_url(name: str) -> str:
    return f"{os.environ['SEKISHO_TEST_POSTGRES_URL'].rsplit('/', 1)[0]}/{name}"


def _raw_postgresql(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM calls WHERE started_at < %s", (CUT,))
        connection.execute("VACUUM (FULL, ANALYZE) calls")


def _raw_partitioned(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for day in range(DUE_DAYS):
            connection.execute(f"DROP TABLE calls_{START + timedelta(days=day):%Y%m%d}".encode())
        connection.execute("ANALYZE calls")


def _database(url: str) -> int:
    with psycopg.connect(url) as connection:
        [(size,)] = connection.execute(
            "SELECT sum(pg_total_relation_size(oid))::bigint FROM pg_class WHERE relname LIKE 'calls%' AND relkind = 'r'"
        ).fetchall()
    return int(size)


def _drop(url: str) -> None:
    with psycopg.connect(os.environ["SEKISHO_TEST_POSTGRES_URL"], autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)".encode())


def _file(url: str) -> int:
    return Path(_path(url)).stat().st_size


def _tree(url: str) -> int:
    return sum(one.stat().st_size for one in Path(_path(url)).rglob("*") if one.is_file())


def _path(url: str) -> str:
    return url.partition(":///")[2]


@contextlib.contextmanager
def spark() -> Iterator[str]:
    """Pysail in this process stands for a cluster."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pysail.spark import SparkConnectServer

        server = SparkConnectServer("127.0.0.1", 0)
        server.start(background=True)
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
        server.stop()


if __name__ == "__main__":
    main()
