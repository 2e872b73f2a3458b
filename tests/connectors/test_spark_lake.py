"""A lake at a cluster: what the Delta log tells, what is left after a purge, and what is refused."""

from pathlib import Path

import pytest
from deltalake import DeltaTable
from foreign_stores import START, STORES, system_of

from sekisho.connectors.opening import located, open_system
from sekisho.connectors.source import Before, Contains, In, Partitioned, Source
from sekisho.connectors.spark_url import parts_of
from sekisho.engine.catalog.model import System, SystemKind
from sekisho.engine.errors import SekishoError

NUMBER = "09000000007"


@pytest.fixture
def kind() -> str:
    return "spark-delta"


def test_the_log_tells_no_value_and_purge_leaves_none(source: Source, tmp_path: Path) -> None:
    source.blank("calls", ["memo"], (Contains("memo", (NUMBER,)),))
    source.rewrite_text("calls", "name", ["number"], {(NUMBER,): "葛飾 応為"})
    source.erase("calls", (In("number", (NUMBER,)), Before("id", 424242)))
    table = tmp_path / "lake" / "calls"
    said = "".join(path.read_text(encoding="utf-8") for path in (table / "_delta_log").glob("*.json"))
    assert "replaceWhere" in said or "predicate" in said
    assert not [value for value in (NUMBER, "応為", "424242", f"{START:%Y-%m-%dT03}") if value in said]
    source.purge()
    assert {path.name for path in table.rglob("*.parquet") if "_delta_log" not in path.parts} == {
        Path(uri).name for uri in DeltaTable(table).file_uris()
    }
    assert source.count("calls") == 59
    assert source.count("calls", (In("number", (NUMBER,)),)) == 0


def test_only_partitions_of_which_every_row_is_due_are_dropped(source: Source) -> None:
    assert isinstance(source, Partitioned)
    due = (Before("at", START.replace(day=3)),)
    rest = source.count("calls") - source.count("calls", due)
    assert source.drop_partitions("calls", due) == 2
    assert source.drop_partitions("calls", due) == 0
    assert source.count("calls", due) == 3
    source.erase("calls", due)
    assert source.count("calls") == rest


def test_a_lake_out_of_our_own_reach_is_not_said_to_be_purged(url: str, system: System) -> None:
    source = open_system(system, url.replace("lake=/", "lake=file:///"))
    assert source.count("calls") == 60
    with pytest.raises(SekishoError) as refused:
        source.purge()
    assert refused.value.code == "connector.cannot-purge"
    assert refused.value.remedy("ja")
    source.close()


@pytest.mark.parametrize("url", ["sc://127.0.0.1:9/;lake=/x", "sc://127.0.0.1:9"])
def test_no_server_or_no_lake_cannot_be_reached(url: str) -> None:
    with pytest.raises(SekishoError) as refused:
        open_system(system_of(STORES["spark-delta"]), url)
    assert refused.value.code == "connector.unreachable"


def test_urls_keep_what_is_the_server_s() -> None:
    assert parts_of("sc://h:1/;lake=/a/b;token=t;format=parquet") == ("sc://h:1/;token=t", "/a/b", "parquet")
    assert parts_of("sc://h:1/;lake=/a") == ("sc://h:1", "/a", "delta")
    assert located(SystemKind.SPARK, "sc://h:1/;lake=/a/b") == (SystemKind.SPARK, Path("/a/b"))
