"""The demo carrier: the same from the same seed, nobody's number twice, its people where the story needs them."""

import json
import re
import sqlite3
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest
from deltalake import DeltaTable

from sekisho.connectors.opening import open_system, url_of
from sekisho.connectors.residue import find
from sekisho.connectors.source import Before, In, IsNull, Source, Within
from sekisho.demo import hr, parties
from sekisho.demo.building import build
from sekisho.demo.built import Built, PersonRow
from sekisho.demo.numbers import variants
from sekisho.engine.catalog.model import DataMap
from sekisho.registers.datamap import rules
from sekisho.registers.identities.rules import comes_of_age_on

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
KINDS = {
    "crm": ("sqlite", "crm.sqlite3"),
    "hr": ("sqlite", "hr.sqlite3"),
    "billing": ("duckdb", "billing.duckdb"),
    "cdr": ("delta", "cdr"),
    "support": ("jsonl", "support"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    return build(tmp_path_factory.mktemp("carrier"), AT, subscribers=1500, calls_count=6000)


@pytest.fixture(scope="module")
def people(built: Built) -> dict[str, PersonRow]:
    return {person.ref: person for person in built.persons()}


@pytest.fixture(scope="module")
def datamap() -> DataMap:
    return rules.load((ROOT / "policies" / "arlink" / "datamap.yaml").read_text(encoding="utf-8"))


def opened(built: Built, datamap: DataMap, system: str) -> Source:
    return open_system(datamap.systems[system], url_of(datamap.systems[system], home=built.home, urls={}))


def read(source: Source, table: str, columns: list[str], where: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
    return [row for batch in source.rows(table, columns, where) for row in batch.to_pylist()]


def test_the_same_seed_builds_the_same_carrier(built: Built, tmp_path: Path) -> None:
    again = build(tmp_path, AT, subscribers=1500, calls_count=6000)
    assert (again.rows, again.story, again.examples) == (built.rows, built.story, built.examples)
    assert list(again.persons()) == list(built.persons())
    assert list(again.consents()) == list(built.consents())
    for one in ("crm", "hr"):
        dumps = []
        for home in (built.home, tmp_path):
            connection = sqlite3.connect(home / "systems" / f"{one}.sqlite3")
            dumps.append(list(connection.iterdump()))
            connection.close()
        assert dumps[0] == dumps[1]
    tables = [DeltaTable(home / "systems" / "cdr" / "calls") for home in (built.home, tmp_path)]
    first, second = (table.to_pyarrow_table().sort_by("call_id") for table in tables)
    assert first.equals(second)


def test_another_seed_builds_another(built: Built, tmp_path: Path) -> None:
    other = build(tmp_path, AT, subscribers=1500, calls_count=100, seed=8)
    assert other.story.ref != built.story.ref


def test_every_number_of_ours_belongs_to_nobody(people: dict[str, PersonRow]) -> None:
    numbers = [i.value for person in people.values() for i in person.identifiers if i.kind == "number"]
    assert len(numbers) > 1500
    assert all(re.fullmatch(r"0[6789]00\d{7}", number) for number in numbers)


def test_a_line_used_by_another_is_its_contractors_by_contract_and_its_users_by_calls(
    people: dict[str, PersonRow],
) -> None:
    lines = {
        kind: {
            (i.value, i.since, i.until): (p, i.role) for p in people.values() for i in p.identifiers if i.kind == kind
        }
        for kind in ("number", "contracted_number")
    }
    assert lines["contracted_number"]
    companies = 0
    for line, (contractor, role) in lines["contracted_number"].items():
        user, users_role = lines["number"][line]
        assert (role, users_role) == ("contractor", "line_user")
        assert user.ref != contractor.ref
        companies += contractor.is_corporate
    assert 0 < companies < len(lines["contracted_number"]), "companies' lines and families'"


def test_there_is_one_of_everything_that_happens_to_people_and_lines(people: dict[str, PersonRow]) -> None:
    held = [i for p in people.values() for i in p.identifiers if i.kind == "number"]
    assert {"assigned", "recycled", "port_in", "transferred", "succeeded"} <= {i.event for i in held}
    assert {"returned", "port_out", "transferred", "succeeded"} <= {i.ended_by for i in held}
    assert any(len(p.names) > 1 for p in people.values())
    assert any(p.deceased_on for p in people.values())
    tomorrow = (AT + timedelta(days=1)).date()
    minors = [p for p in people.values() if p.guardian and p.born_on]
    assert any(comes_of_age_on(p.born_on) == tomorrow for p in minors if p.born_on)


def test_no_number_has_two_holders_at_once_and_some_have_had_two(people: dict[str, PersonRow]) -> None:
    held: dict[str, list[tuple[datetime, datetime | None, str]]] = {}
    for person in people.values():
        for i in person.identifiers:
            if i.kind == "number":
                assert i.since is not None
                held.setdefault(i.value, []).append((i.since, i.until, person.ref))
    shared = 0
    for intervals in held.values():
        intervals.sort(key=lambda interval: interval[0])
        for (since, until, one), (following, _, other) in pairwise(intervals):
            assert until is not None
            assert since < until <= following
            shared += one != other
    assert shared > 5


def test_every_kind_of_event_and_person_occurs(built: Built, people: dict[str, PersonRow], datamap: DataMap) -> None:
    events = Counter(i.event for person in people.values() for i in person.identifiers if i.kind == "number")
    assert events.keys() >= {"assigned", "recycled", "port_in", "transferred", "succeeded"}
    kinds = Counter(kind for person in people.values() for kind in person.kinds)
    assert kinds.keys() >= {
        "customer",
        "line_user",
        "bill_recipient",
        "staff",
        "leaver",
        "job_applicant",
        "shareholder",
        "business_contact",
        "inquirer",
    }
    assert built.examples.keys() >= {"minor", "deceased", "protected", "corporate", "renamed", "customer", "line_user"}
    minor = people[built.examples["minor"]]
    assert minor.guardian in people
    assert minor.born_on is not None
    assert minor.born_on > AT.date() - timedelta(days=18 * 365)
    source = opened(built, datamap, "crm")
    how_out = Counter(row["how_out"] for row in read(source, "number_assignments", ["how_out"]))
    renamed = Counter(row["kind"] for row in read(source, "name_events", ["kind"]))
    source.close()
    assert how_out.keys() >= {"returned", "port_out", "transferred", "succeeded"}
    assert renamed.keys() == {"renamed", "transferred", "succeeded"}
    names = "".join(name.name for person in people.values() for name in person.names)
    assert all(character in names for character in "𠮷髙﨑塚")


def test_consents_come_from_every_channel_and_are_withdrawn_too(built: Built) -> None:
    consents = list(built.consents())
    assert {row.channel for row in consents} >= {"paper", "phone", "web", "shop"}
    assert {row.kind for row in consents} >= {"accepted_purpose", "provision", "channel", "objection", "specific"}
    assert any(not row.given for row in consents)
    assert all(row.at < AT + timedelta(days=300) for row in consents)


def test_the_story_person_stands_in_all_five_systems_and_holds_the_number_no_more(
    built: Built, people: dict[str, PersonRow], datamap: DataMap
) -> None:
    story = built.story
    needles = {"person": (*variants(story.number), story.customer_no, story.name)}
    for system, (kind, name) in KINDS.items():
        assert list(find(kind, str(built.home / "systems" / name), needles)), system
    assert set(people[story.ref].kinds) == {"customer", "job_applicant"}
    holders = [p.ref for p in people.values() for i in p.identifiers if (i.kind, i.value) == ("number", story.number)]
    assert holders == [story.ref]
    assert story.held_until < AT
    source = opened(built, datamap, "cdr")
    for side in ("caller", "callee"):
        theirs = (In(side, (story.number,)), Within("started_at", story.held_from, story.held_until))
        assert source.count("calls", theirs) == source.count("calls", (In(side, (story.number,)),)) > 10
    source.close()
    source = opened(built, datamap, "support")
    bodies = [row["body"] for row in read(source, "tickets", ["body"])]
    assert all(any(written in body for body in bodies) for written in variants(story.number))
    source.close()


def test_nothing_of_the_story_person_is_kept_by_law(built: Built, datamap: DataMap) -> None:
    theirs = (In("customer_no", (built.story.customer_no,)),)
    crm, billing = opened(built, datamap, "crm"), opened(built, datamap, "billing")
    assert crm.count("identity_records", theirs) == 0
    assert billing.count("invoices", theirs) == billing.count("payments", theirs) == 0
    assert billing.count("line_usage", theirs) > 0
    crm.close()
    billing.close()


def test_the_recycled_number_has_calls_of_both_holders(
    built: Built, people: dict[str, PersonRow], datamap: DataMap
) -> None:
    old = built.recycled
    assert people[old.next_holder].ref == old.next_holder
    source = opened(built, datamap, "cdr")
    before = source.count("calls", (In("caller", (old.number,)), Before("started_at", old.held_until)))
    after = source.count("calls", (In("caller", (old.number,)), Within("started_at", old.held_until, None)))
    source.close()
    assert before > 10
    assert after > 10


def test_calls_lie_within_the_holders_intervals(built: Built, people: dict[str, PersonRow], datamap: DataMap) -> None:
    held: dict[str, list[tuple[datetime, datetime]]] = {}
    for person in people.values():
        for i in person.identifiers:
            if i.kind == "number" and i.since:
                held.setdefault(i.value, []).append((i.since, i.until or AT))
    source = opened(built, datamap, "cdr")
    for row in read(source, "calls", ["caller", "callee", "started_at", "call_id"]):
        if row["call_id"] > 0:
            ours = [row[side] for side in ("caller", "callee") if row[side] in held]
            assert ours
            assert all(any(a <= row["started_at"] < b for a, b in held[number]) for number in ours)
    source.close()


def test_every_planted_defect_is_real(built: Built, people: dict[str, PersonRow], datamap: DataMap) -> None:
    listed = json.loads((built.home / "defects.json").read_text(encoding="utf-8"))
    assert len(listed) >= 10
    assert all(set(one) == {"id", "system", "where", "what", "expected_finding"} for one in listed)
    crm, staff = opened(built, datamap, "crm"), opened(built, datamap, "hr")
    billing, cdr, support = (opened(built, datamap, one) for one in ("billing", "cdr", "support"))
    long_ago = AT - timedelta(days=700)
    assert crm.count("contracts", (IsNull("callback_tmp", negated=True),)) == 60
    assert "callback_tmp" not in datamap.systems["crm"].tables["contracts"].columns
    assert crm.count("subscribers", (Before("closed_on", AT - timedelta(days=10 * 365)),)) == 1
    assert crm.count("desk_identity_images", (Before("verified_on", AT - timedelta(days=90)),)) == 1
    assert crm.count("identity_images", (IsNull("customer_no"),)) == 1
    assert staff.count("job_applicants", (Before("decided_on", long_ago),)) == 1
    assert billing.count("invoices", (Before("due_on", AT - timedelta(days=10 * 365)),)) == 5
    assert billing.count("payments", (IsNull("memo", negated=True),)) == 20
    assert cdr.count("calls", (Before("started_at", long_ago),)) == 20
    assert support.count("tickets", (Before("received_at", long_ago),)) == 3
    for source in (crm, staff, billing, cdr, support):
        source.close()
    contracts = {r.ref: c for r in built.recipients for c in r.contracts if c.kind == "entrustment"}
    assert [ref for ref, contract in contracts.items() if "audit" not in contract.clauses] == [parties.WITHOUT_AUDIT]
    active = [member for member in built.staff if member.left_on is None]
    assert [member.ref for member in active if member.trained_on is None] == [hr.UNTRAINED]
    assert [member.ref for member in active if member.pledged_on is None] == [hr.UNPLEDGED]
    assert sum(member.role == "privacy_officer" for member in active) == 1


def test_the_data_map_fits_what_was_built_but_for_the_planted_column(built: Built, datamap: DataMap) -> None:
    real = {}
    for id_ in datamap.systems:
        source = opened(built, datamap, id_)
        real[id_] = source.crawl()
        source.close()
        for table in datamap.systems[id_].tables.values():
            declared = {column.name: column.type for column in table.columns.values()}
            assert declared == {name: real[id_][table.name][name] for name in declared}, table.name
    found = rules.compare(datamap, real)
    assert [one.column for one in found.differences] == ["callback_tmp"]


def test_no_file_holds_a_value_in_statistics(built: Built) -> None:
    number = {"number": (built.story.number,)}
    found = list(find("delta", str(built.home / "systems" / "cdr"), number))
    assert {one.how for one in found} <= {"decoded"}


def test_the_crm_can_stand_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    name = "demo_crm_test"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    url = f"{postgres_url.rsplit('/', 1)[0]}/{name}"
    try:
        built = build(tmp_path, AT, subscribers=150, calls_count=100, crm_url=url)
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*), min(birth_date) FROM subscribers").fetchone()
        assert row is not None
        assert row[0] == built.rows["crm.subscribers"]
        assert not (tmp_path / "systems" / "crm.sqlite3").exists()
    finally:
        with psycopg.connect(postgres_url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def test_invoices_add_up(built: Built) -> None:
    connection = duckdb.connect(str(built.home / "systems" / "billing.duckdb"), read_only=True)
    unpaid = connection.execute(
        "SELECT sum(unpaid_yen) FROM invoices WHERE due_on < DATE '2026-11-23' AND settled_on IS NULL"
    ).fetchall()[0][0]
    arrears = connection.execute("SELECT sum(unpaid_yen) FROM arrears").fetchall()[0][0]
    connection.close()
    assert unpaid == arrears > 0
