"""What a case file holds of the stores goes with the person, and the proof of the answer stays."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import answers_world as aw
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.queries.sealed import box, key_path
from sekisho.evidence import actions as ledger
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as retained
from sekisho.registers.retention.rules import PlanStatus

VERIFIER = Path(__file__).resolve().parents[2] / "verifier" / "sekisho_verify.py"


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("erased")
    aw.carrier().write_stores(home)
    return home


@pytest.fixture
def world(stores: Path, tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module: ModuleType = aw.carrier()
    settings.HOME = tmp_path / "home"
    shutil.copytree(stores, settings.HOME)
    module.fill_registers()
    return module


def test_an_answer_goes_with_the_person_once_it_can_no_longer_be_fetched(world: ModuleType, tmp_path: Path) -> None:
    case = aw.ready(world, "disclosure")
    ref = aw.drafted(world, case)
    aw.sent(world, ref)
    bodies = [f"{case}-G1", ref, f"{ref}-D"]
    assert list(actions.copies_of(world.HANA)) == bodies
    assert actions.copies_of(world.KEN) == ()

    plan = retention.propose_plan(person=world.HANA, reason="test", at=world.AT, acting_user="sato")
    found = retained.plan(plan)
    assert [one for one in found.copies if one.startswith("subject_requests:")] == [
        f"subject_requests:{one}" for one in bodies
    ]
    for by in ("mori", "abe"):
        retention.approve_plan(plan=plan, sha256=found.sha256, by=by, at=world.AT)
    at = world.AT + timedelta(days=8)
    assert retention.run_plan(plan=plan, at=at, acting_user="test") is PlanStatus.PARTLY
    assert queries.package(ref), "the person may still fetch it"

    ledger.sequence(at=at, holder="test")
    receipt = queries.receipt(ref)
    later = at + timedelta(days=30)
    assert retention.run_plan(plan=plan, at=later, acting_user="test") is PlanStatus.DONE
    assert not any(path.exists() for one in bodies for path in (box(one), key_path(one)))
    assert actions.copies_of(world.HANA) == ()
    assert retention.verify_plan(plan=plan, at=later, acting_user="test") is not None
    assert retained.plan(plan).status == PlanStatus.VERIFIED.value

    kept = queries.receipt(ref)
    assert kept["body"] == receipt["body"], "what was sent can still be proven"
    told = tmp_path / "receipt.json"
    told.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")
    subprocess.run([sys.executable, str(VERIFIER), str(told)], check=True, capture_output=True)


def test_an_answer_that_was_fetched_need_not_wait(world: ModuleType) -> None:
    from sekisho.casework.subject_requests.models import CaseAccess, CaseAccessUse, SubjectRequest

    case = aw.ready(world, "disclosure")
    ref = aw.drafted(world, case)
    assert actions.drop_for(person=world.HANA, at=world.AT) == 0, "an open case keeps what its answer rests on"
    aw.sent(world, ref)
    assert actions.drop_for(person=world.HANA, at=world.AT) == 0
    row = SubjectRequest.objects.get(reference=case)
    access = CaseAccess.objects.create(request=row, secret_hash="x", issued_at=world.AT, expires_at=world.AT)
    CaseAccessUse.objects.create(access=access, at=world.AT, what="package")
    assert actions.drop_for(person=world.HANA, at=world.AT) == 3
    assert actions.drop_for(person=world.HANA, at=world.AT) == 0
    assert queries.answer(ref).destroyed_at is not None
