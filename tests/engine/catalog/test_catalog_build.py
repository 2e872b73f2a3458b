"""The data map's checks: every fault at once, each at its place."""

from typing import Any

import pytest

from sekisho.engine.catalog.build import build
from sekisho.engine.catalog.model import PartyErasure, SystemKind
from sekisho.engine.catalog.vocabulary import Vocabulary
from sekisho.engine.errors import Fault, Place

WORDS = Vocabulary(
    items=frozenset({"identity", "identity.name", "traffic.caller", "orphaned"}),
    subject_kinds=frozenset({"customer"}),
    events={
        ("identity", "customer"): frozenset({"contract_end"}),
        ("identity.name", "customer"): frozenset({"contract_end"}),
        ("traffic.caller", "customer"): frozenset({"started_at"}),
    },
)


def column(item: str, **more: object) -> dict[str, object]:
    return {"item": item, "type": "", "reason": "", "free_text": False} | more


def document(**changes: Any) -> dict[str, Any]:
    table: dict[str, Any] = {
        "label": "契約者",
        "subject": "customer",
        "key": ["no"],
        "acquired": "since",
        "triggers": {"contract_end": "ended"},
        "settled": "",
        "partition": "",
        "owners": [{"by": "customer_no", "column": "no", "role": "contractor", "at": "", "blanks": []}],
        "columns": {
            "no": column("none", reason="社内の番号"),
            "name": column("identity.name"),
            "since": column("none", type="date", reason="日付"),
            "ended": column("none", type="date", reason="日付"),
        },
    }
    columns = changes.pop("columns", {})
    table |= changes
    table["columns"] |= columns
    system = {"label": "顧客", "kind": "sqlite", "url": "sqlite:///x", "erase_order": 3, "tables": {"t": table}}
    return {"map": {"id": "m"}, "systems": {"crm": system}}


def faults(vocabulary: Vocabulary | None = WORDS, **changes: Any) -> tuple[Fault, ...]:
    def place_of(path: str) -> Place:
        return Place(path="datamap.yaml", line=1, column=1, field=path)

    return build(document(**changes), sha256="x", place_of=place_of, vocabulary=vocabulary)[1]


def test_a_sound_map_has_no_faults_and_keeps_what_was_said() -> None:
    made, found = build(
        document(columns={"name": column("identity.name")}),
        sha256="abc",
        place_of=lambda path: Place(path="p", line=1, column=1, field=path),
        vocabulary=WORDS,
    )
    assert found == ()
    table = made.systems["crm"].tables["t"]
    assert (made.sha256, made.systems["crm"].kind, table.columns["name"].type) == ("abc", SystemKind.SQLITE, "text")
    assert (table.settled, table.owners[0].at, table.owners[0].erasure) == (None, None, PartyErasure.DELETE_ROW)


def test_blanks_keep_the_row() -> None:
    owner = {"by": "number", "column": "name", "role": "caller", "at": "since", "blanks": ["name"]}
    made, _ = build(
        document(owners=[owner]), sha256="", place_of=lambda path: Place(path=path, line=1, column=1), vocabulary=None
    )
    assert made.systems["crm"].tables["t"].owners[0].erasure is PartyErasure.BLANK


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"key": ["gone"]}, "catalog.no-such-column", "systems.crm.tables.t.key[0]"),
        ({"acquired": "gone"}, "catalog.no-such-column", "systems.crm.tables.t.acquired"),
        ({"settled": "gone"}, "catalog.no-such-column", "systems.crm.tables.t.settled"),
        ({"partition": "gone"}, "catalog.no-such-column", "systems.crm.tables.t.partition"),
        ({"owners": []}, "catalog.no-owner", "systems.crm.tables.t"),
        ({"triggers": {}}, "catalog.no-trigger", "systems.crm.tables.t.columns.name"),
        ({"subject": "nobody"}, "catalog.unknown-subject-kind", "systems.crm.tables.t.subject"),
        ({"columns": {"x": column("")}}, "catalog.no-class", "systems.crm.tables.t.columns.x"),
        ({"columns": {"x": column("none")}}, "catalog.no-reason", "systems.crm.tables.t.columns.x"),
        ({"columns": {"x": column("identity.shoe")}}, "catalog.unknown-item", "systems.crm.tables.t.columns.x"),
        ({"columns": {"x": column("orphaned")}}, "catalog.no-deletion-rule", "systems.crm.tables.t.columns.x"),
        ({"columns": {"x": column("traffic.caller")}}, "catalog.no-trigger", "systems.crm.tables.t.columns.x"),
    ],
)
def test_each_fault_has_its_code_and_place(changes: dict[str, Any], code: str, where: str) -> None:
    found = faults(**changes)
    assert [(fault.code, fault.place.field) for fault in found] == [(code, where)]
    assert all(fault.message(language) and fault.remedy(language) for fault in found for language in ("ja", "en"))


def test_an_owner_names_a_known_identifier_and_real_columns() -> None:
    owner = {"by": "shoe_size", "column": "gone", "role": "x", "at": "never", "blanks": ["none_such"]}
    assert sorted(fault.code for fault in faults(owners=[owner])) == [
        "catalog.no-such-column",
        "catalog.no-such-column",
        "catalog.no-such-column",
        "catalog.unknown-identifier",
    ]


def test_all_faults_come_at_once() -> None:
    found = faults(columns={"x": column(""), "y": column("identity.shoe")}, key=["gone"])
    assert len(found) == 3


def test_without_a_policy_its_words_are_not_checked() -> None:
    assert faults(vocabulary=None, columns={"x": column("anything.goes")}, triggers={}) == ()
