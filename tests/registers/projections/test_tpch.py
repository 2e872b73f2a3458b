"""TPC-H's twenty-two questions where the customer's name, address, phone and balance are hidden: exact, or refused for it."""

import io
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import pytest
import sqlglot
from ruamel.yaml import YAML
from sqlglot import exp

from sekisho.connectors.documents import read_folder
from sekisho.demo import stores
from sekisho.engine.gate.query_schema import QueryRefused
from sekisho.registers.consents.actions import NewConsent, import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import IdentifierInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies.actions import adopt
from sekisho.registers.projections import actions
from sekisho.registers.projections.actions import Asked

POLICIES = Path(__file__).resolve().parents[3] / "policies"
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SHOPPER = ("name", "address", "phone", "balance", "segment", "nation", "note")
ITEMS = {
    "c_name": "shopper.name",
    "c_address": "shopper.address",
    "c_phone": "shopper.phone",
    "c_acctbal": "shopper.balance",
    "c_mktsegment": "shopper.segment",
    "c_nationkey": "shopper.nation",
    "c_comment": "shopper.note",
}
TYPES = {"int64": "integer", "double": "number", "date32[day]": "date", "string": "text"}
OWNERS = {
    "customer": ("c_custkey", "c_since", "c_ended"),
    "orders": ("o_custkey", "o_orderdate", "o_ended"),
    "lineitem": ("l_custkey", "l_shipdate", "l_ended"),
}
KEYS = {"customer": ["c_custkey"], "orders": ["o_orderkey"], "lineitem": ["l_orderkey", "l_linenumber"]}


@pytest.fixture
def shop(db: None, tpch: ModuleType, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """The tables in a DuckDB file, under a policy with a purpose that hides four columns of the customer."""
    settings.HOME = tmp_path
    (tmp_path / "systems").mkdir()
    tables: dict[str, Any] = tpch.tables()
    stores.write_duckdb(tmp_path / "systems" / "tpch.duckdb", tables)
    files = dict(read_folder(POLICIES / "arlink"))
    files |= {name: _policy(text) for name, text in files.items() if name.endswith("policy.yaml")}
    files |= {name: _datamap(tables) for name in files if name.endswith("datamap.yaml")}
    era = adopt(files=files, at=AT, acting_user="test")
    datamap.adopt(files=files, at=AT, acting_user="test")
    people = range(1, tpch.CUSTOMERS + 1)
    import_population(people=[_person(n) for n in people], at=AT, acting_user="test")
    import_events(consents=[_consent(n, era) for n in people], at=AT, acting_user="test")
    enrol(
        staff=[
            NewStaff(
                ref="s-analyst",
                display_name="分析",
                role="analyst",
                employment="employee",
                joined_on=date(2024, 4, 1),
                trained_on=date(2026, 6, 1),
                pledged_on=date(2024, 4, 1),
                acknowledged_era=era,
            )
        ],
        at=AT,
        acting_user="test",
    )
    return tables


@pytest.mark.once
def test_answers_are_exact_or_refused_for_a_hidden_column(shop: dict[str, Any], tpch: ModuleType) -> None:
    engine = duckdb.connect()
    engine.execute("CREATE SCHEMA tpch")
    for name, table in shop.items():
        engine.register("incoming", table)
        engine.execute(f"CREATE TABLE tpch.{name} AS SELECT * FROM incoming")
        engine.unregister("incoming")
    empty, refused = [], []
    for number, text in tpch.QUESTIONS.items():
        query = _named(text)
        asked = Asked(query=query, purpose="reporting", actor="s-analyst", at=AT)
        if number in tpch.HIDDEN:
            with pytest.raises(QueryRefused) as raised:
                actions.run(asked)
            assert raised.value.code == "query.hidden-column", number
            assert raised.value.column.rpartition(".")[2] in tpch.HIDDEN[number]
            refused.append(number)
            continue
        expected = engine.sql(query).fetchall()
        found = actions.run(asked).rows
        assert [tuple(row.values()) for row in found.to_pylist()] == expected, number
        if not any(value is not None for row in expected for value in row):
            empty.append(number)
    assert refused == [10, 18, 22]
    assert empty == []  # questions that answer nothing prove nothing


def _named(text: str) -> str:
    tree = sqlglot.parse_one(text, dialect="duckdb")
    own = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name not in own:
            table.set("db", exp.to_identifier("tpch"))
    return tree.sql("duckdb")


def _policy(text: str) -> str:
    yaml = YAML()
    said = yaml.load(text)
    said["classes"]["shopper"] = {
        "label": "買い物の客",
        "kind": "ordinary",
        "of": ["customer"],
        "clause": "B-36",
        "fields": dict.fromkeys(SHOPPER, "項目"),
    }
    said["classes"]["order"] = {
        "label": "注文",
        "kind": "ordinary",
        "of": ["customer"],
        "clause": "B-36",
        "fields": {"detail": "内容", "number": "番号"},
    }
    said["purposes"]["reporting"] = {"label": "報告", "nature": "support", "clause": "B-51"}
    shown = ["shopper.segment", "shopper.nation", "shopper.note", "order.detail", "order.number"]
    said["uses"].append({"purpose": "reporting", "of": ["customer"], "items": shown, "clause": "B-51"})
    said["retention"].append(
        {
            "items": ["shopper", "order"],
            "of": ["customer"],
            "after": "contract_end",
            "keep": "P1Y",
            "clause": "B-20",
            "action": "erase",
        }
    )
    out = io.StringIO()
    yaml.dump(said, out)
    return out.getvalue()


def _datamap(tables: dict[str, Any]) -> str:
    said: dict[str, Any] = {}
    for name, table in tables.items():
        owner, acquired, ended = OWNERS.get(name, ("", "loaded_on", ""))
        columns = {
            field.name: {
                "item": _item(name, field.name, owner, ended),
                "type": TYPES[str(field.type)],
                "reason": "個人の情報ではない",
            }
            for field in table.schema
        }
        said[name] = {
            "label": name,
            "subject": "customer",
            "key": KEYS.get(name, [table.schema.names[0]]),
            "acquired": acquired,
            "triggers": {"contract_end": ended} if ended else {},
            "owners": [{"by": "customer_no", "column": owner, "role": "contractor"}] if owner else [],
            "columns": columns,
        }
    system = {"label": "店", "kind": "duckdb", "url": "duckdb:///{home}/systems/tpch.duckdb", "tables": said}
    out = io.StringIO()
    YAML(typ="safe").dump({"sekisho_datamap": 1, "map": {"id": "tpch"}, "systems": {"tpch": system}}, out)
    return out.getvalue()


def _item(table: str, column: str, owner: str, ended: str) -> str:
    if not owner or column in (owner, ended, "c_since"):
        return "none"
    if column in ITEMS:
        return ITEMS[column]
    return "order.number" if column.endswith("orderkey") else "order.detail"


def _person(number: int) -> NewPerson:
    held = IdentifierInterval(person=f"p-{number}", kind="customer_no", value=str(number))
    return NewPerson(
        ref=f"p-{number}",
        kinds=("customer",),
        acquired_on=date(2025, 4, 1),
        born_on=date(1980, 1, 1),
        identifiers=(held,),
    )


def _consent(number: int, era: str) -> NewConsent:
    return NewConsent(
        person=f"p-{number}",
        kind=ConsentKind.ACCEPTED_PURPOSE,
        scope="*",
        given=True,
        notice_era=era,
        channel="web",
        at=datetime(2025, 4, 1, tzinfo=UTC),
    )
