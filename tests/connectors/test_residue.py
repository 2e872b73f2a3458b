"""The independent reader finds what stands, wherever it stands, and nothing once a source has erased and purged."""

import json
import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from sekisho.connectors.needles import Needles
from sekisho.connectors.opening import open_system
from sekisho.connectors.residue import Residue, find
from sekisho.connectors.source import Contains, In, Source
from sekisho.engine.catalog.model import System
from sekisho.engine.errors import SekishoError

NUMBER, NAME = "09000000007", "𠮷田 髙子7"
NEEDLES = {"number": (NUMBER, "090-0000-0007", "０９０－００００－０００７"), "name": (NAME,)}


def look(kind: str, url: str) -> list[Residue]:
    return list(find(kind, url, NEEDLES))


def test_found_where_it_stands_and_gone_after_erasure_and_purge(
    source: Source, kind: str, url: str, system: System
) -> None:
    source.close()
    assert {found.label for found in look(kind, url)} == {"number", "name"}
    erasing = open_system(system, url)
    erasing.erase("calls", (In("number", (NUMBER,)),))
    erasing.rewrite_text("calls", "memo", ("id",), {(9,): "連絡は090-0000-0007でした"})
    erasing.close()
    assert "number" in {found.label for found in look(kind, url)}
    erasing = open_system(system, url)
    erasing.rewrite_text("calls", "memo", ("id",), {(9,): "連絡済み"})
    assert erasing.count("calls", (Contains("memo", (NUMBER,)),)) == 0
    erasing.purge()
    erasing.purge()
    assert erasing.count("calls") == 59
    erasing.close()
    assert look(kind, url) == []


def test_locations_never_hold_the_value(source: Source, kind: str, url: str) -> None:
    source.close()
    for found in look(kind, url):
        assert NUMBER not in found.location
        assert NAME not in found.location


@pytest.mark.parametrize("kind", ["duckdb"], indirect=True)
def test_duckdb_keeps_bytes_until_purge(source: Source, url: str) -> None:
    source.erase("calls", (In("number", (NUMBER,)),))
    source.close()
    assert {(found.label, found.how) for found in look("duckdb", url)} >= {("number", "bytes")}


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_delta_old_files_and_log_are_looked_at(source: Source, url: str) -> None:
    folder = Path(url.removeprefix("delta://")) / "calls"
    source.erase("calls", (In("number", (NUMBER,)),))
    old = look("delta", url)
    assert any(found.how == "decoded" and ".parquet number" in found.location for found in old)
    assert not any("_delta_log" in found.location for found in old)  # nothing but days in any predicate
    source.purge()
    assert look("delta", url) == []
    other = {"number": ("09000000010",)}
    DeltaTable(folder).delete("number = '09000000010'")  # what a careless program does
    DeltaTable(folder).vacuum(retention_hours=0, dry_run=False, enforce_retention_duration=False)
    assert {found.how for found in find("delta", url, other)} == {"bytes", "log"}
    source.purge()
    assert list(find("delta", url, other)) == []


@pytest.mark.parametrize("kind", ["delta"], indirect=True)
def test_statistics_are_looked_at(source: Source, url: str, tmp_path: Path) -> None:
    source.erase("calls", (In("number", (NUMBER,)),))
    source.purge()
    stray = pa.table({"number": [NUMBER], "on": [1]})
    write_deltalake(tmp_path / "lake" / "other", stray)
    found = look("delta", url)
    assert any(one.location.endswith("footer") and one.how == "statistics" for one in found)
    assert any("_delta_log" in one.location for one in found)


def test_sqlite_free_pages_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "free.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("CREATE TABLE t (v TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"{NUMBER} {i} " + "x" * 400,) for i in range(50)])
    connection.commit()
    connection.execute("DELETE FROM t")
    connection.commit()
    connection.close()
    assert [(found.label, found.how) for found in look("sqlite", str(path))] == [("number", "bytes")]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "utf-16-le", "utf-16-be"])
def test_stray_files_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "export.csv").write_bytes("番号,０９０－００００－０００７\n".encode(encoding))
    assert {found.label for found in look("jsonl", str(tmp_path))} == {"number"}


def test_json_escapes_and_odd_notations_are_decoded(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    lines = [{"a": NAME}, {"b": {"c": ["かけ直しは ０９０（００００）０００７ まで"]}}]
    (tmp_path / "t" / "x.jsonl").write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    found = look("jsonl", str(tmp_path))
    assert {(one.label, one.how) for one in found} == {("number", "decoded"), ("name", "decoded")}


def test_numbers_kept_as_integers_and_lists_are_found(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    pq.write_table(pa.table({"n": [9000000007], "m": [["x", NUMBER]]}), tmp_path / "t" / "x.parquet")
    assert {one.location for one in look("delta", str(tmp_path)) if one.how == "decoded"} == {
        "t/x.parquet n",
        "t/x.parquet m",
    }
    connection = duckdb.connect(str(tmp_path / "i.duckdb"))
    connection.execute("CREATE TABLE t AS SELECT 9000000007 AS n")
    connection.close()
    assert [one.location for one in look("duckdb", str(tmp_path / "i.duckdb")) if one.how == "decoded"] == [
        "i.duckdb t.n"
    ]


def test_values_that_only_touch_are_not_a_hit(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    table = pa.table({"v": ["0900", "0000007", "x" * 40]})
    pq.write_table(table, tmp_path / "t" / "x.parquet", compression="zstd", use_dictionary=False)
    assert look("delta", str(tmp_path)) == []
    assert Needles(NEEDLES).in_text("0900\x1f0000007") == set()


def test_not_finding_is_not_the_same_as_not_looking(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb", "delta", "jsonl"):
        with pytest.raises(SekishoError) as refused:
            look(kind, str(tmp_path / "nowhere"))
        assert refused.value.code == "connector.unreachable"
