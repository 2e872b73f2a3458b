"""An erasure reaches the copies that queries left: dropped before the stores are touched, and looked for afterwards."""

import importlib.util
import sys
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sekisho.registers.consents.actions import NewConsent, import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies import queries as policies
from sekisho.registers.projections import actions as projections
from sekisho.registers.projections.actions import Asked
from sekisho.registers.projections.models import Projection
from sekisho.registers.retention import actions
from sekisho.registers.retention import queries as retention
from sekisho.registers.retention.rules import PlanStatus

FIXTURE = Path(__file__).resolve().parents[2] / "fixtures" / "erasure_world.py"


@pytest.fixture
def erasure_world(transactional_db: None, tmp_path: Path, settings: Any) -> ModuleType:
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    settings.HOME = tmp_path / "home"
    module.write_stores(settings.HOME)
    module.fill_registers()
    era = policies.in_force(module.AT).era
    staff = NewStaff(
        ref="s-biller", display_name="s-biller", role="clerk", employment="employee", joined_on=date(2020, 4, 1),
        trained_on=module.AT.date(), pledged_on=date(2024, 4, 1), acknowledged_era=era,
    )  # fmt: skip
    enrol(staff=[staff], at=module.AT, acting_user="test")
    accepted = NewConsent(
        person=module.HANA, kind=ConsentKind.ACCEPTED_PURPOSE, scope="*", given=True, notice_era=era, channel="web",
        at=module.AT,
    )  # fmt: skip
    import_events(consents=[accepted], at=module.AT, acting_user="test")
    return module


def test_an_erasure_takes_the_copies_first_and_finds_nothing_left(erasure_world: ModuleType, tmp_path: Path) -> None:
    world: Any = erasure_world
    asked = Asked(query="SELECT name FROM crm.customers", purpose="billing", actor="s-biller", at=world.AT)
    before = projections.run(asked)
    assert world.NAME in before.rows.column("name").to_pylist()
    [file] = (tmp_path / "home" / "projections").glob("*/*.parquet")
    plan = world.propose_and_approve(world.HANA)
    assert world.NAME not in projections.run(asked).rows.column("name").to_pylist()  # suppressed: gone at once
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    assert not file.exists()
    assert not Projection.objects.filter(dropped_at=None).exists()
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.VERIFIED


def test_a_copy_nobody_knows_makes_it_partly_done(erasure_world: ModuleType, tmp_path: Path) -> None:
    world: Any = erasure_world
    plan = world.propose_and_approve(world.HANA)
    assert actions.run_plan(plan=plan, at=world.AT, acting_user="sato") is PlanStatus.DONE
    left = tmp_path / "home" / "projections" / "left"
    left.mkdir(parents=True)
    (left / "rows.csv").write_text(f"name\n{world.NAME}\n", encoding="utf-8")
    assert actions.verify_plan(plan=plan, at=world.AT, acting_user="sato") is not PlanStatus.VERIFIED


def test_the_plan_and_the_certificate_name_every_copy(erasure_world: ModuleType) -> None:
    world: Any = erasure_world
    projections.run(Asked(query="SELECT name FROM crm.customers", purpose="billing", actor="s-biller", at=world.AT))
    [key] = Projection.objects.filter(dropped_at=None).values_list("key", flat=True)
    plan = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
    document = retention.plan(plan)
    assert document.copies == (f"projections:{key}",)
    assert (document.steps[0].kind, document.steps[0].ordinal) == ("copies", 1)
    for by in ("mori", "abe"):
        actions.approve_plan(plan=plan, sha256=document.sha256, by=by, at=world.AT)
    actions.run_plan(plan=plan, at=world.AT, acting_user="sato")
    actions.verify_plan(plan=plan, at=world.AT, acting_user="sato")
    actions.certify_plan(plan=plan, at=world.AT, acting_user="sato")
    certificate = retention.certificate(plan)
    assert certificate["copies"] == [f"projections:{key}"]
    assert certificate["steps"][0]["after"] == 0
