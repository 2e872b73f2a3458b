"""Who may ask and what they are told: every group by its own identifiers, the dead and their heirs, purposes, provisions."""

import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import effects_world
import pytest
from django.db import connection

from sekisho.casework.subject_requests import actions
from sekisho.casework.subject_requests.console.wording import IDENTIFIERS
from sekisho.casework.subject_requests.queries.deciding import weighings
from sekisho.casework.subject_requests.queries.gathering_registers import registered
from sekisho.casework.subject_requests.queries.telling import provision_records, purposes_of
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.casework.subject_requests.rules.gathering_codes import coded, coding_of
from sekisho.casework.subject_requests.rules.gathering_packing import decoded
from sekisho.casework.subject_requests.rules.subjects import bar_of, groups, groups_of, identifiers
from sekisho.connectors.documents import read_folder
from sekisho.engine.gate.ask import Act, Ask
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Text
from sekisho.registers.decisions.actions import decide, stop_sealing
from sekisho.registers.identities import actions as identities
from sekisho.registers.policies import queries as policies

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, stores = effects_world.carrier(), tmp_path_factory.mktemp("kinds")
    module.write_stores(stores)
    return module, stores


@pytest.fixture
def world(made: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, stores = made
    settings.HOME = tmp_path / "home"
    shutil.copytree(stores, settings.HOME)
    module.fill_registers()
    return module


@pytest.fixture
def carrier(transactional_db: None, tmp_path: Path, settings: Any) -> Iterator[Any]:
    settings.HOME = tmp_path
    path = TESTS / "registers" / "decisions" / "conftest.py"
    spec = importlib.util.spec_from_file_location("decisions_world", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["decisions_world"] = module
    spec.loader.exec_module(module)
    yield module.build()
    stop_sealing()
    connection.close()


def opened(world: Any, kind: str, person: str) -> str:
    at = world.AT
    return actions.open_case(person=person, kind=kind, received_on=at.date(), at=at, acting_user="sato").reference


@pytest.mark.parametrize("name", ["arlink", "carrier"])
def test_everybody_in_the_data_map_can_be_found_by_their_own_identifier(name: str) -> None:
    files = read_folder(ROOT / "policies" / name)
    policy = load(files)
    by = set(re.findall(r"\{by: (\w+),", files["datamap.yaml"]))
    assert by
    assert by <= set(identifiers())
    assert set(identifiers()) <= set(IDENTIFIERS)
    known = {kind for group in groups() for kind in group.of}
    assert set(policy.subjects) <= known, "every kind of person of a policy is in a group"


def test_somebody_may_belong_to_several_groups() -> None:
    assert [one.id for one in groups_of({"customer"}, ["applicant_no"])] == ["subscriber", "job_applicant"]
    assert groups_of((), ()) == ()


def test_of_the_dead_the_heirs_are_told_what_passed_to_them_and_nothing_of_communications(world: ModuleType) -> None:
    reference = opened(world, "disclosure", world.HANA)
    living = weighings(reference, world.AT)
    assert {one.weighed.answer for one in living} == {Answer.GRANT}
    identities.mark_deceased(
        person=world.HANA, on=date(2026, 11, 1), at=world.AT, document="family_register", acting_user="sato"
    )
    told = {one.holding.item.partition(".")[0]: one.weighed for one in weighings(reference, world.AT)}
    assert told["bill"].answer is Answer.GRANT
    assert (told["identity"].answer, told["identity"].bar) == (Answer.REFUSE, "not_living")
    assert (told["traffic"].answer, told["traffic"].bar) == (Answer.REFUSE, "secrecy_after_death")


def test_every_bar_is_a_refusal_of_law_for_every_kind_of_request(world: ModuleType) -> None:
    policy, known = policies.in_force(world.AT), law(world.AT.date())
    bars = {bar_of(policy, item, is_deceased=True) for item in policy.classes} - {""}
    assert bars == {"not_living", "secrecy_after_death"}
    assert all(set(known.refusals[bar].kinds) == set(known.requests) for bar in bars)
    assert not any(bar_of(policy, item, is_deceased=False) for item in policy.classes)


def test_the_purposes_of_what_is_held_are_told_class_by_class(world: ModuleType) -> None:
    lines = {one.item: one for one in purposes_of(opened(world, "purpose_notice", world.HANA), world.AT)}
    policy = policies.in_force(world.AT)
    assert {"identity", "bill", "traffic"} <= set(lines)
    told = {label.ja for label, _ in lines["bill"].purposes}
    assert policy.purposes["billing"].label.ja in told
    assert policy.purposes["employment"].label.ja not in told
    assert all(clause for line in lines.values() for _, clause in line.purposes)


def test_records_of_provision_name_the_recipient_and_the_items(carrier: Any) -> None:
    ask = Ask(
        actor=carrier.clerk, act=Act.THIRD_PARTY_PROVISION, data_subjects=(carrier.hana,),
        items=("identity.name", "bill.unpaid_yen"), purpose="arrears_assignment", recipient="r-assignee", at=carrier.at,
        resource={"bill.due_on": carrier.at.date() - timedelta(days=60), "bill.unpaid_yen": 3300},
    )  # fmt: skip
    case = {"kind": "record_disclosure", "received_on": carrier.at.date(), "at": carrier.at, "acting_user": "s-1"}
    reference = actions.open_case(person=carrier.hana, **case).reference
    assert provision_records(reference, carrier.at) == ()
    decide(ask)
    (record,) = provision_records(reference, carrier.at)
    assert (record.recipient, record.on) == ("債権回収の会社", date(2026, 11, 23))
    assert len(record.items) == 2
    told = registered(carrier.hana, policies.in_force(carrier.at), carrier.at, key=b"test", besides=reference)
    (table,) = [one for one in told.tables if one.table == "provisions"]
    (row,) = [decoded(one.line)[1] for one in table.rows]
    assert row[:2] == (record.on, record.recipient), "a disclosure tells of the same records"
    assert coded(row[4], coding_of(table.columns[4])) == Text("氏名、未払いの額", "name, amount unpaid")
    assert provision_records(actions.open_case(person=carrier.ken, **case).reference, carrier.at) == ()
