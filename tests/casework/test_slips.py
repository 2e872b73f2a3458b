"""Slips of the pen at the desk are taken back; whoever no number leads to gets an answer like everybody else."""

import shutil
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.actions import Presented
from sekisho.casework.subject_requests.actions.cases import identify_as_nobody
from sekisho.casework.subject_requests.actions.slips import drop_paper, drop_payment
from sekisho.casework.subject_requests.queries.slips import papers_written, payments_written
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.fees import Tendered
from sekisho.casework.subject_requests.rules.intake import Channel
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence

KINDS = ("disclosure", "correction", "suspension")


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, home = aw.carrier(), tmp_path_factory.mktemp("slips")
    module.write_stores(home)
    return module, home


@pytest.fixture
def world(stores: tuple[ModuleType, Path], tmp_path: Path, settings: Any, db: None) -> ModuleType:
    module, home = stores
    settings.HOME = tmp_path / "home"
    shutil.copytree(home, settings.HOME)
    module.fill_registers()
    return module


def opened(world: ModuleType, kind: str = "disclosure") -> str:
    case = actions.open_case(person="", kind=kind, received_on=world.ON, at=world.AT, acting_user=aw.CLERK)
    return case.reference


def shown(world: ModuleType, case: str) -> None:
    for paper in (
        Presented(paper="drivers_licence", expires_on=date(2028, 5, 9)),
        Presented(paper="residence_record", issued_on=date(2026, 10, 1)),
    ):
        actions.record_paper(reference=case, paper=paper, at=world.AT, acting_user=aw.CLERK)


def code(call: Any, **values: Any) -> str:
    with pytest.raises(SekishoError) as raised:
        call(**values)
    return str(raised.value.code)


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_no_number_leads_to_is_told_that_nothing_is_held(world: ModuleType, kind: str) -> None:
    case, doing = opened(world, kind), {"at": world.AT, "acting_user": aw.CLERK}
    identify_as_nobody(reference=case, **doing)
    shown(world, case)
    actions.choose(reference=case, reply="electronic", agency=queries.standing(case, world.AT).agency, **doing)
    actions.record_identity_check(reference=case, **doing)
    aw.go_through(world, case)
    ref = aw.drafted(world, case)
    letter = aw.text_of(aw.files(actions.open_answer(ref=ref, account=aw.SECOND, at=world.AT))["1_ご回答.pdf"])
    assert "hanano@example.jp" not in letter
    aw.sent(world, ref)
    closed = queries.case(case)
    assert (closed.is_open, closed.outcome) == (False, Outcome.NOTHING_HELD)
    [entry] = evidence.records(kinds=["request.identified"])
    assert set(entry.body) >= {"request", "by"}
    assert closed.person not in str(entry.body), "the ledger does not tell who was known from who was not"


def test_whose_request_it_is_is_said_anew_until_it_is_checked(world: ModuleType) -> None:
    case, doing = opened(world), {"at": world.AT, "acting_user": aw.CLERK}
    actions.identify(reference=case, person=world.KEN, **doing)
    actions.open_page(reference=case, account=aw.CLERK, at=world.AT)
    actions.identify(reference=case, person=world.HANA, **doing)
    assert queries.case(case).person == world.HANA
    assert queries.open_until(case, aw.CLERK, world.AT) is None, "what was opened of somebody else is closed"
    shown(world, case)
    actions.record_identity_check(reference=case, **doing)
    assert code(actions.identify, reference=case, person=world.KEN, **doing) == "requests.person-already-known"


def test_papers_and_fees_written_by_mistake_are_taken_back(world: ModuleType) -> None:
    case, doing = opened(world), {"at": world.AT, "acting_user": aw.CLERK}
    actions.identify(reference=case, person=world.HANA, **doing)
    shown(world, case)
    for yen in (660_000, 660):
        piece = Tendered(instrument="stamps", yen=yen)
        actions.record_payment(reference=case, piece=piece, came_by=Channel.MAIL, **doing)
    wrong = payments_written(case)[0]
    drop_payment(reference=case, payment=wrong.number, **doing)
    assert queries.money_of(case, world.AT).came == 660
    assert code(drop_payment, reference=case, payment=wrong.number, **doing) == "requests.no-such-entry"
    licence = papers_written(case)[0]
    drop_paper(reference=case, paper=licence.number, **doing)
    assert not queries.standing(case, world.AT).evidence.is_proved
    other = opened(world)
    assert code(drop_paper, reference=other, paper=papers_written(case)[0].number, **doing) == "requests.no-such-entry"
    shown(world, case)
    actions.record_identity_check(reference=case, **doing)
    late = papers_written(case)[0].number
    assert code(drop_paper, reference=case, paper=late, **doing) == "requests.slip-too-late"
    assert len(evidence.records(kinds=["request.paper-dropped", "request.payment-dropped"])) == 2
