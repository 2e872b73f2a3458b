"""What derived columns inherit, what a declaration must cover, and how a reclassification ends."""

from dataclasses import replace
from typing import Any

import pytest

from sekisho.engine.catalog.build import build
from sekisho.engine.catalog.checking import derived_faults
from sekisho.engine.catalog.inheriting import Inheritance, Release
from sekisho.engine.catalog.lineage import Lineages
from sekisho.engine.catalog.model import StoredView
from sekisho.engine.errors import Place

SECRET = frozenset({"traffic", "traffic.caller", "traffic.day", "location", "location.cell"})
CALLS = {"id": "none", "caller": "traffic.caller", "day": "traffic.day", "cell": "location.cell"}
PEOPLE = {"no": "none", "name": "identity.name", "phone": "identity.phone"}


def column(said: str | list[str]) -> dict[str, Any]:
    several = said if isinstance(said, list) else []
    one = "" if several else said
    return {"item": one, "items": several, "type": "", "reason": "r" if one == "none" else "", "free_text": False}


def table(columns: dict[str, Any], **more: Any) -> dict[str, Any]:
    first = next(iter(columns))
    base: dict[str, Any] = {
        "label": "l",
        "subject": "customer",
        "key": [first],
        "acquired": first,
        "triggers": {},
        "settled": "",
        "partition": "",
        "owners": [{"by": "customer_no", "column": first, "role": "r", "at": "", "blanks": []}],
        "columns": {name: column(said) for name, said in columns.items()},
    }
    return base | more


def view(sql: str, columns: dict[str, Any], *, kind: str = "view") -> dict[str, Any]:
    return table(columns, kind=kind, sql=sql, dialect="")


def world(
    releases: dict[tuple[str, str, str], Release] | None = None,
    stored: dict[str, dict[str, StoredView]] | None = None,
    **derived: dict[str, Any],
) -> Inheritance:
    systems = {
        "crm": {"label": "l", "kind": "duckdb", "url": "u", "erase_order": 1, "tables": {"people": table(PEOPLE)}, "derived": derived},
        "cdr": {"label": "l", "kind": "delta", "url": "u", "erase_order": 1, "tables": {"calls": table(CALLS)}, "derived": {}},
    }  # fmt: skip
    made, faults = build(
        {"map": {"id": "m"}, "systems": systems},
        sha256="x",
        place_of=lambda path: Place(path="datamap.yaml", line=1, column=1, field=path),
    )
    assert not faults
    return Inheritance(lineages=Lineages(datamap=made, stored=stored or {}), secret=SECRET, releases=releases or {})


def codes(known: Inheritance) -> list[tuple[str, str]]:
    return [(fault.code, fault.place.field.removeprefix("systems.crm.derived.")) for fault in derived_faults(known)]


def test_an_item_is_inherited_by_value_only() -> None:
    known = world(v=view("SELECT no, name FROM people WHERE phone <> ''", {"no": "none", "name": "identity.name"}))
    assert known.items("crm", "v", "no") == ()
    assert known.items("crm", "v", "name") == ("identity.name",)
    assert codes(known) == []


def test_secrecy_is_inherited_by_influence_too() -> None:
    sql = "SELECT p.no, p.name FROM people AS p WHERE p.phone IN (SELECT caller FROM cdr.calls WHERE day > 3)"
    known = world(v=view(sql, {"no": "none", "name": "identity.name"}))
    assert known.items("crm", "v", "no") == ("traffic.caller", "traffic.day", "location")
    assert codes(known) == [("catalog.narrower-than-lineage", "v.columns.no"), ("catalog.narrower-than-lineage", "v.columns.name")]  # fmt: skip
    (no, _name) = derived_faults(known)
    assert "crm.v.no ← cdr.calls.caller (traffic.caller, filter)" in no.values["chain"]
    assert no.message() and no.remedy("en")  # noqa: PT018


def test_that_there_are_such_calls_at_all_is_secret() -> None:
    known = world(
        n=view("SELECT count(*) AS n FROM cdr.calls", {"n": "none"}),
        e=view("SELECT no FROM people WHERE EXISTS (SELECT 1 FROM cdr.calls)", {"no": "none"}),
        i=view("SELECT c.id FROM cdr.calls AS c", {"id": "none"}),
    )
    for place in (("n", "n"), ("e", "no"), ("i", "id")):
        assert known.items("crm", *place) == ("location", "traffic")


def test_a_class_covers_its_fields_and_a_field_does_not_cover_another() -> None:
    sql = "SELECT name || phone AS who FROM people"
    assert codes(world(v=view(sql, {"who": "identity"}))) == []
    assert codes(world(v=view(sql, {"who": ["identity.name", "identity.phone"]}))) == []
    assert codes(world(v=view(sql, {"who": "identity.name"}))) == [("catalog.narrower-than-lineage", "v.columns.who")]


def test_the_chain_leads_through_views_and_derived_tables() -> None:
    known = world(
        a=view("SELECT no, name AS n FROM people", {"no": "none", "n": "identity.name"}, kind="table"),
        b=view("SELECT upper(n) AS big FROM a", {"big": "identity.name"}),
        c=view("SELECT big FROM b", {"big": "none"}),
    )
    (fault,) = derived_faults(known)
    assert fault.values["chain"] == "crm.c.big ← crm.b.big (identity.name, value)"  # it is declared there already
    (one,) = known.inherited("crm", "b", "big")
    assert str(one) == "crm.b.big ← crm.a.n"


def test_what_is_declared_beyond_the_lineage_is_inherited_as_well() -> None:
    known = world(a=view("SELECT no FROM people", {"no": "identity.name"}), b=view("SELECT no FROM a", {"no": "none"}))
    assert codes(known) == [("catalog.narrower-than-lineage", "b.columns.no")]


def test_what_the_definition_gives_must_be_declared_and_what_is_declared_must_be_given() -> None:
    known = world(v=view("SELECT no, phone FROM people", {"no": "none", "gone": "none"}))
    assert codes(known) == [
        ("catalog.undeclared-derived-column", "v"),
        ("catalog.no-such-output", "v.columns.gone"),
    ]
    assert derived_faults(known)[0].values["chain"] == "crm.v.phone ← crm.people.phone (identity.phone, value)"


@pytest.mark.parametrize(
    "sql",
    ["SELECT nobody FROM people", "SELECT secret_function(no) AS no FROM people", "SELECT FROM", "SELECT no FROM v"],
)
def test_what_cannot_be_traced_is_unknown_whatever_is_declared(sql: str) -> None:
    known = world(v=view(sql, {"no": "identity.name"}))
    assert known.items("crm", "v", "no") == ("unknown", "identity.name")
    (found,) = codes(known)
    assert found == ("catalog.unknown-origin", "v.columns.no") if sql.endswith("FROM v") else found[1] == "v.sql"
    assert known.lineages.datamap.systems["crm"].views["v"].columns["no"].items == ("identity.name",)


def test_a_view_without_sql_is_read_from_its_store_and_unknown_until_then() -> None:
    bare = view("", {"no": "none", "phone": "none"})
    assert world(v=bare).items("crm", "v", "phone") == ("unknown",)
    stands = StoredView(sql="CREATE VIEW v AS SELECT no, phone FROM people;", dialect="duckdb", columns={"no": "text", "phone": "text"})  # fmt: skip
    known = world(stored={"crm": {"v": stands}}, v=bare)
    assert known.items("crm", "v", "phone") == ("identity.phone",)
    assert codes(known) == [("catalog.narrower-than-lineage", "v.columns.phone")]


def test_where_map_and_store_differ_both_count() -> None:
    said = view("SELECT no, name AS who FROM people", {"no": "none", "who": "identity.name"})
    stands = StoredView(sql="SELECT no, phone AS who FROM people", dialect="duckdb", columns={"no": "t", "who": "t"})
    known = world(stored={"crm": {"v": stands}}, v=said)
    assert set(known.items("crm", "v", "who")) == {"identity.name", "identity.phone"}


def test_views_nobody_declared_are_found_with_their_chain() -> None:
    stands = StoredView(
        sql="SELECT phone AS tel, 1 AS one FROM people", dialect="duckdb", columns={"tel": "t", "one": "t"}
    )
    known = world(stored={"crm": {"shadow": stands}})
    assert [fault.code for fault in derived_faults(known)] == ["catalog.undeclared-view", "catalog.undeclared-derived-column"]  # fmt: skip
    assert "crm.shadow.tel ← crm.people.phone" in derived_faults(known)[1].values["chain"]


def test_copies_and_views_may_not_pass_for_each_other() -> None:
    columns = {"no": "none"}
    stands = StoredView(sql="SELECT no FROM people", dialect="duckdb", columns={"no": "t"}, keeps_rows=True)
    assert codes(world(stored={"crm": {"v": stands}}, v=view("", columns))) == [("catalog.materialized-view", "v")]
    plain = replace(stands, keeps_rows=False)
    copy = view("SELECT no FROM people", columns, kind="table")
    assert codes(world(stored={"crm": {"v": plain}}, v=copy)) == [("catalog.copy-is-a-view", "v")]
    assert codes(world(stored={"crm": {}}, v=view("SELECT no FROM people", columns))) == [("catalog.missing-view", "v")]


COUNTED = "SELECT caller AS who, count(*) AS n FROM cdr.calls GROUP BY caller"
DECLARED = {"who": ["traffic", "location"], "n": "none"}


def released(sql: str) -> dict[tuple[str, str, str], Release]:
    basis = world(v=view(sql, DECLARED)).basis("crm", "v", "n")
    return {("crm", "v", "n"): Release(items=(), basis=basis)}


def test_a_reclassified_column_is_what_two_people_said() -> None:
    before = world(v=view(COUNTED, DECLARED))
    assert before.items("crm", "v", "n") == ("traffic.caller", "location")
    after = world(releases=released(COUNTED), v=view(COUNTED, DECLARED), w=view("SELECT n FROM v", {"n": "none"}))
    assert after.items("crm", "v", "n") == ()
    assert after.items("crm", "w", "n") == ()  # what is made from it starts anew
    assert codes(after) == []


def test_spacing_keeps_it_and_another_definition_ends_it() -> None:
    releases = released(COUNTED)
    assert codes(world(releases=releases, v=view(f"{COUNTED.lower()} -- as before", DECLARED))) == []
    changed = world(releases=releases, v=view(f"{COUNTED} HAVING count(*) = 1", DECLARED))
    assert changed.items("crm", "v", "n") == ("traffic.caller", "location")
    assert codes(changed) == [("catalog.release-lapsed", "v.columns.n")]


def test_a_change_further_up_ends_it_too() -> None:
    def chained(sql: str, releases: dict[tuple[str, str, str], Release] | None = None) -> Inheritance:
        first = view(sql, {"who": ["traffic", "location"]})
        return world(releases=releases, u=first, v=view("SELECT count(who) AS n FROM u", {"n": "none"}))

    one = "SELECT caller AS who FROM cdr.calls"
    releases = {("crm", "v", "n"): Release(items=(), basis=chained(one).basis("crm", "v", "n"))}
    assert codes(chained(one, releases)) == []
    assert codes(chained(f"{one} WHERE day = 1", releases)) == [("catalog.release-lapsed", "v.columns.n")]


def test_reclassifying_does_not_narrow_what_is_declared() -> None:
    declared = DECLARED | {"n": ["traffic", "location"]}
    basis = world(v=view(COUNTED, declared)).basis("crm", "v", "n")
    known = world(releases={("crm", "v", "n"): Release(items=(), basis=basis)}, v=view(COUNTED, declared))
    assert set(known.items("crm", "v", "n")) == {"traffic", "location"}
