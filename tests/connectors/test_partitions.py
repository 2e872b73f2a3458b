"""Whole partitions go at once, and only those of which every row is due; what is left of them is nothing."""

import shutil
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError
from foreign_stores import START

from sekisho.connectors.delta_folder import write, writer_properties
from sekisho.connectors.residue import find
from sekisho.connectors.source import Before, In, NotIn, Partitioned, Source
from sekisho.engine.errors import SekishoError

DUE = (Before("at", START.replace(day=3, hour=0)),)  # the first two days: 0-20, 21-44
NUMBER = "09000000007"


@pytest.fixture
def by_day(url: str) -> str:
    """The calls, partitioned by day in PostgreSQL, with one partition nothing is in and one for the rest."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ALTER TABLE calls RENAME TO loose")
        connection.execute("CREATE TABLE calls (LIKE loose) PARTITION BY RANGE (at)")
        for day in (1, 2, 3, 4):
            connection.execute(
                f"CREATE TABLE calls_{day} PARTITION OF calls "
                f"FOR VALUES FROM ('2026-05-0{day} 00:00Z') TO ('2026-05-0{day + 1} 00:00Z')".encode()
            )
        connection.execute("CREATE TABLE calls_rest PARTITION OF calls DEFAULT")
        connection.execute("INSERT INTO calls SELECT * FROM loose")
        connection.execute("INSERT INTO calls SELECT id + 100, number, name, on_day, at - interval '9 days' FROM loose")
        connection.execute("ANALYZE calls")
        connection.execute("DROP TABLE loose")
    return url


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_postgresql_lets_go_of_what_is_wholly_due(by_day: str, source: Source) -> None:
    assert isinstance(source, Partitioned)
    assert source.drop_partitions("calls", (*DUE, NotIn("number", (NUMBER,)))) == 1  # the held row keeps the first day
    assert source.drop_partitions("calls", DUE) == 1
    assert source.drop_partitions("calls", DUE) == 0
    assert list(source.crawl()) == ["calls"]
    assert sizes(by_day) == {"calls_3": 15, "calls_4": 0, "calls_rest": 60}
    source.purge()
    assert source.count("calls", (In("number", (NUMBER,)),)) == 1
    source.erase("calls", (In("number", (NUMBER,)),))
    source.purge()
    assert list(find("postgresql", by_day, {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_a_table_emptied_keeps_no_samples(source: Source, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE calls")
    source.erase("calls", (Before("id", 1000),))
    source.purge()
    assert list(find("postgresql", url, {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
def test_only_partitions_that_changed_are_rewritten(by_day: str, source: Source) -> None:
    before = files(by_day)
    assert isinstance(source, Partitioned)
    source.erase("calls", (In("id", (50,)),))
    source.purge_changed()
    assert {name for name, file in files(by_day).items() if file != before[name]} == {"calls_3"}
    source.purge()  # what a process that died left undone is nobody's here: everything is rewritten
    assert not [name for name, file in files(by_day).items() if file == before[name]]


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_lets_go_of_what_is_wholly_due(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Partitioned)
    table = tmp_path / "lake" / "calls"
    due = (Before("at", START.replace(day=3) + timedelta(hours=1)),)
    assert source.drop_partitions("calls", (*due, NotIn("number", (NUMBER,)))) == 1
    assert source.drop_partitions("calls", due) == 1
    assert source.drop_partitions("calls", due) == 0
    assert len(DeltaTable(table).file_uris()) == 1
    assert source.count("calls", due) == 4
    source.purge()
    assert list(find("delta", f"delta:///{tmp_path}/lake", {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_reads_nothing_where_the_folder_decides(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Partitioned)
    table = tmp_path / "lake" / "calls"
    kept = {path: path.read_bytes() for path in table.glob("day=2026-05-03/*")}
    for path in table.glob("day=*/*.parquet"):
        path.write_bytes(b"nobody can read this")
    assert source.count("calls", (Before("day", date(2026, 5, 3)),)) == 45
    assert source.drop_partitions("calls", (Before("day", date(2026, 5, 3)),)) == 2
    source.purge_changed()
    assert list(table.rglob("*.parquet")) == [*kept, table / "_delta_log" / checkpoint(table)]
    for path, content in kept.items():
        path.write_bytes(content)
    assert source.count("calls") == 15


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_asks_files_that_came_or_were_written_over(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Partitioned)
    table = tmp_path / "lake" / "calls"
    due = (Before("at", START.replace(day=3, hour=0)),)
    assert source.count("calls", due) == 45
    [first] = table.glob("day=2026-05-01/*")
    late = pa.table({"id": [99], "number": ["x"], "at": [START.replace(day=1, hour=23)], "day": [date(2026, 5, 1)]})
    future = late.set_column(2, "at", pa.array([START.replace(day=30)], pa.timestamp("us", tz="UTC")))
    write_deltalake(table, future, mode="append", schema_mode="merge", writer_properties=writer_properties())
    assert source.drop_partitions("calls", due) == 1  # the first day now holds a call that is not due
    assert source.count("calls", due) == 21
    [came] = set(table.glob("day=2026-05-01/*.parquet")) - {first}
    pq.write_table(late.drop_columns(["day"]), came)
    assert source.count("calls", due) == 22
    assert source.drop_partitions("calls", due) == 1


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_drops_and_rewrites_rows_without_a_day(source: Source, tmp_path: Path) -> None:
    assert isinstance(source, Partitioned)
    table = tmp_path / "lake" / "calls"
    dayless = pa.table({"id": [98, 99], "number": ["x", NUMBER], "day": pa.array([None, None], pa.date32())})
    write_deltalake(table, dayless, mode="append", schema_mode="merge", writer_properties=writer_properties())
    source.erase("calls", (In("number", (NUMBER,)),))
    assert source.count("calls") == 60
    assert source.drop_partitions("calls", (In("id", (98,)),)) == 1
    assert source.count("calls") == 59
    source.purge()
    assert list(find("delta", f"delta:///{tmp_path}/lake", {"number": (NUMBER,)})) == []


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_loses_no_row_that_came_while_it_wrote(source: Source, tmp_path: Path) -> None:
    table, day = tmp_path / "lake" / "calls", date(2026, 5, 1)
    known = DeltaTable(table)
    late = pa.table({"id": [99], "number": ["x"], "day": [day]})
    write_deltalake(table, late, mode="append", schema_mode="merge", writer_properties=writer_properties())
    with pytest.raises(CommitFailedError):
        write(known, [], "day", [day])
    assert source.count("calls", (In("id", (0, 99)),)) == 2


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_sees_a_table_that_was_put_back(source: Source, tmp_path: Path) -> None:
    table, copy = tmp_path / "lake" / "calls", tmp_path / "copy"
    shutil.copytree(table, copy)
    source.erase("calls", DUE)
    assert source.count("calls") == 15
    shutil.rmtree(table)
    shutil.copytree(copy, table)
    assert source.count("calls") == 60
    source.erase("calls", (In("id", (7,)),))
    assert source.count("calls", DUE) == 44


@pytest.mark.parametrize("kind", ["postgresql", "delta"], indirect=True)
def test_no_condition_no_partition(source: Source) -> None:
    assert isinstance(source, Partitioned)
    with pytest.raises(SekishoError) as refused:
        source.drop_partitions("calls", ())
    assert refused.value.code == "connector.no-condition"


def checkpoint(table: Path) -> str:
    [name] = [path.name for path in (table / "_delta_log").glob("*.checkpoint.parquet")]
    return name


def sizes(url: str) -> dict[str, int]:
    with psycopg.connect(url) as connection:
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}".encode()).fetchall()[0][0] for name in files(url)
        }


def files(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        return dict(
            connection.execute(
                "SELECT relname::text, pg_relation_filepath(oid) FROM pg_class WHERE relispartition AND relkind = 'r' "
                "ORDER BY 1"
            ).fetchall()
        )
