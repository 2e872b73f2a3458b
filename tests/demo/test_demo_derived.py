"""What the demo carrier made from its tables: the map says how, the stores hold it, a purge keeps it, an erasure reaches it."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from sekisho.connectors.opening import open_system, url_of
from sekisho.connectors.source import In
from sekisho.demo import derived
from sekisho.demo.building import build
from sekisho.demo.built import Built
from sekisho.engine.catalog.definitions import fingerprint
from sekisho.engine.catalog.model import DataMap
from sekisho.registers.datamap import rules

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
POLICIES = Path(__file__).resolve().parents[2] / "policies"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("derived"), AT, subscribers=300, calls_count=2000)


def datamap(name: str = "arlink") -> DataMap:
    return rules.load((POLICIES / name / "datamap.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["arlink", "carrier"])
def test_the_map_and_the_demo_say_the_same_sql(name: str) -> None:
    systems = datamap(name).systems
    for system, table, text in (
        ("billing", "monthly_usage", derived.MONTHLY_USAGE),
        ("billing", "call_volume", derived.CALL_VOLUME),
        ("crm", "contact_sheet", derived.CONTACT_SHEET),
    ):
        definition = (systems[system].views.get(table) or systems[system].tables[table]).definition
        assert definition is not None
        assert fingerprint(definition.sql, definition.dialect) == fingerprint(text, definition.dialect), table


def test_call_volumes_are_of_the_months_kept_and_of_our_own_callers(built: Built) -> None:
    with duckdb.connect(str(built.home / "systems" / "billing.duckdb"), read_only=True) as connection:
        months = connection.execute("SELECT DISTINCT month_on FROM call_volume ORDER BY 1").fetchall()
        total, theirs = connection.execute(
            "SELECT sum(calls), sum(calls) FILTER (WHERE customer_no = ?) FROM call_volume", [built.story.customer_no]
        ).fetchall()[0]
    assert [str(month) for (month,) in months] == [f"2026-{month:02d}-01" for month in range(6, 12)]
    assert total > 500
    assert theirs  # the person the story erases called somebody


def test_a_purge_keeps_the_views_and_an_erasure_takes_their_rows(built: Built) -> None:
    system = datamap().systems["billing"]
    source = open_system(system, url_of(system, home=built.home, urls={}))
    try:
        where = (In("customer_no", (built.recycled.customer_no,)),)
        before = set(source.views())
        assert source.count("call_volume", where) > 0
        source.erase("call_volume", where)
        source.purge()
        assert source.count("call_volume", where) == 0
        assert set(source.views()) == before == {"monthly_usage"}
        assert source.count("monthly_usage") > 100
    finally:
        source.close()
