"""Two people alike in everything, but of one an authority asked in confidence to keep what there is: the desk sees no difference."""

import importlib.util
import re
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.models import SubjectRequest
from sekisho.casework.subject_requests.queries import Gathered
from sekisho.connectors.source import In
from sekisho.evidence.models import Entry
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.policies import actions as policies
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention.queries.locating import opened
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "erasure_world.py"
ASKED, TWIN = "P-13", "P-15"  # not next to each other: the calls of one are not the other's
CLERK = "account:1"
pytestmark = pytest.mark.django_db


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> ModuleType:
    settings.HOME = tmp_path
    module = _world()
    module.write_stores(tmp_path)
    module.fill_registers()
    return module


def ready(world: ModuleType, person: str) -> str:
    case = actions.open_case(
        person=person, kind="disclosure", received_on=date(2026, 11, 20), at=world.AT, acting_user=CLERK
    )
    row = SubjectRequest.objects.filter(reference=case.reference)
    row.update(identity_checked_at=world.AT, identity_checked_by=CLERK)
    return case.reference


def gather(world: ModuleType, reference: str) -> Gathered:
    return queries.gathered(actions.gather(reference=reference, at=world.AT, acting_user=CLERK))


def preserve(world: ModuleType) -> None:
    """Then the sweep takes what is due, of both; of the one it may not."""
    retention.place_hold(
        kind="preservation", source="HOZEN-4711", placed_on=world.ON, at=world.AT, acting_user="hino",
        approved_by="abe", person=ASKED, is_confidential=True,
    )  # fmt: skip
    retention.sweep(on=world.ON, at=world.AT, acting_user="test")


def seen(found: Gathered) -> dict[str, object]:
    """All the desk sees of a gathering, but whose it is."""
    return {
        "statement": found.statement(),
        "systems": [(one.system, one.state, one.rows, one.code) for one in found.systems],
        "sections": [
            (one.system, one.table, [column.name for column in one.columns], [shape(row) for row in one.rows])
            for one in found.sections
        ],
        "redactions": [(one.section, one.row, one.column, one.why, one.state) for one in found.redactions],
    }


def shape(row: tuple[object, ...]) -> tuple[str, ...]:
    """A row without whose it is: digits are anybody's."""
    return tuple(re.sub(r"\d", "0", str(value)) for value in row)


def test_a_gathering_of_the_one_is_that_of_the_other(world: ModuleType) -> None:
    for person in (ASKED, TWIN):
        said = NewConsent(
            person=person, kind=ConsentKind.OBJECTION, scope="*", given=True, notice_era="1.0", channel="paper", at=world.AT,
        )  # fmt: skip
        consents.record(consent=said, at=world.AT, acting_user="test")
    preserve(world)
    one, other = (gather(world, ready(world, person)) for person in (ASKED, TWIN))
    assert seen(one) == seen(other)
    told = {section.table: len(section.rows) for section in one.sections}
    assert {"names", "numbers", "consents"} <= told.keys(), "our own registers are told of alike"
    with opened("cdr") as source:
        there = sum(source.count("calls", (In(side, (world.number_of(13),)),)) for side in ("caller", "callee"))
    assert there > told["calls"] > 0, "calls past their time are told of as gone, and yet are there"


def test_what_the_sweep_would_have_emptied_is_empty(world: ModuleType, monkeypatch: Any) -> None:
    """Mail addresses go a month after the contract; the one an authority asked to keep is there, and told of as gone."""
    files = world.documents()
    line = next(one for one in files["policy.yaml"].splitlines() if "items: [identity], of: [customer, line_user], after: contract_end" in one)  # fmt: skip
    sooner = line.replace("items: [identity],", "items: [identity.mail],").replace("keep: P3Y", "keep: P1M")
    policies.adopt(
        files={"policy.yaml": files["policy.yaml"].replace(line, f"{line}\n{sooner}")},
        at=world.AT, acting_user="test", may_correct=True,
    )  # fmt: skip
    retention.place_hold(
        kind="authority_order", source="HOZEN-4711", placed_on=world.ON, at=world.AT, acting_user="hino",
        approved_by="abe", person=world.KEN, items=("identity.mail",), is_confidential=True,
    )  # fmt: skip
    before = gather(world, ready(world, world.KEN))
    assert mails(before) == ["user1@example.jp"]
    retention.sweep(on=world.ON, at=world.AT, acting_user="test")
    with opened("crm") as source:
        assert source.count("customers", (In("mail", ("user1@example.jp",)),)) == 1
        assert source.count("customers", (In("mail", (world.MAIL,)),)) == 0
    assert mails(gather(world, ready(world, world.KEN))) == mails(gather(world, ready(world, world.HANA))) == [None]


def mails(found: Gathered) -> list[object]:
    """The mail column of the register of customers."""
    (section,) = [one for one in found.sections if one.table == "customers"]
    place = [column.name for column in section.columns].index("mail")
    return [row[place] for row in section.rows]


def test_evidence_and_pages_are_the_same_but_for_the_reference(world: ModuleType, monkeypatch: Any) -> None:
    preserve(world)
    monkeypatch.setattr(timezone, "now", lambda: world.AT)
    open_account(username="madoguchi", password="tests only", display_name="窓口", role=Role.CLERK, at=world.AT)
    user = User.objects.get(username="madoguchi")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    told = []
    for person in (ASKED, TWIN):
        before = Entry.objects.count()
        reference = ready(world, person)
        actions.open_page(reference=reference, account=f"account:{user.pk}", at=world.AT)
        client.post(f"/console/cases/{reference}/gathering/")
        pages = [
            _anybody(client.get(f"/console/cases/{reference}/{page}").content.decode(), reference, person)
            for page in ("gathering/", "gathering/?s=0", "person/", "answer/", "")
        ]
        entries = [one.kind for one in Entry.objects.order_by("pk")[before:]]
        told.append((pages, entries))
    (pages, entries), (twins, twin_entries) = told
    assert "request.gathered" in entries
    assert entries == twin_entries
    for mine, theirs in zip(pages, twins, strict=True):
        assert mine == theirs


def _anybody(page: str, reference: str, person: str) -> str:
    plain = page.replace(reference, "K").replace(person, "P")
    plain = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", plain)
    plain = re.sub(
        r"\b[0-9a-f]{8,}\b", "hash", plain
    )  # by which a form knows a row, or that the case changed meanwhile
    return re.sub(r"\d", "0", plain)


def _world() -> ModuleType:
    if "erasure_world" in sys.modules:
        return sys.modules["erasure_world"]
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module
