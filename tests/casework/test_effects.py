"""What an answer brings about, on real stores: corrections in every copy, stops that bind the gate, plans, recipients."""

import json
import shutil
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import effects_world
import pyarrow as pa
import pytest

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.rules.answering import EffectKind, EffectState
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.registers.identities import queries as identities

RIGHT = "𠮷田 華乃"
BIRTH = "1990-04-01"


@pytest.fixture(scope="session")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModuleType, Path]:
    module, stores = effects_world.carrier(), tmp_path_factory.mktemp("effects")
    module.write_stores(stores)
    return module, stores


@pytest.fixture
def world(carrier: tuple[ModuleType, Path], tmp_path: Path, settings: Any, transactional_db: None) -> ModuleType:
    module, stores = carrier
    settings.HOME = tmp_path / "home"
    shutil.copytree(stores, settings.HOME)
    module.fill_registers()
    return module


def answered(world: ModuleType, kind: str, *lines: dict[str, object], **more: Any) -> str:
    return effects_world.sent_answer(world, kind=kind, person=world.HANA, lines=lines, **more)


def bring_about(world: ModuleType, answer: str, **more: Any) -> bool:
    return actions.bring_about(answer_ref=answer, at=world.AT, acting_user="sato", **more)


def rows(world: ModuleType, settings: Any, table: str) -> list[dict[str, Any]]:
    return [json.loads(row) for row in world.state(settings.HOME)[table]]


def test_a_correction_reaches_every_copy_of_the_person_and_nobody_elses(world: ModuleType, settings: Any) -> None:
    before = world.state(settings.HOME)
    answer = answered(
        world, "correction", effects_world.line("identity.name"), corrections=[effects_world.wrong_name(world, RIGHT)]
    )
    assert not bring_about(world, answer)
    assert effects_world.brought_about(world, answer)
    customers = rows(world, settings, "crm.customers")
    assert [row["name"] for row in customers if row["customer_no"] == world.customer_no(0)] == [RIGHT]
    applicants = rows(world, settings, "hr.applicants")  # another class of the same field, the same person
    assert [row["name"] for row in applicants if row["applicant_no"] == "A00000"] == [RIGHT]
    after = world.state(settings.HOME)
    changed = {table: len(set(after[table]) ^ set(before[table])) // 2 for table in before}
    assert changed == {**dict.fromkeys(before, 0), "crm.customers": 1, "hr.applicants": 1, "support.tickets": 1}
    assert [one.name for one in identities.names_of(world.HANA)] == [RIGHT]
    assert {one.state for one in queries.effects_of(answer)} == {EffectState.DONE}


def test_nothing_of_the_values_stands_in_the_database_or_the_ledger(world: ModuleType, settings: Any) -> None:
    answer = answered(
        world, "correction", effects_world.line("identity.name"), corrections=[effects_world.wrong_name(world, RIGHT)]
    )
    bring_about(world, answer)
    told = str([entry.body for entry in evidence.records()])
    assert RIGHT not in told
    assert world.NAME not in told
    sealed = (Path(settings.HOME) / "scans").glob("*-C1.sealed")
    assert all(RIGHT.encode() not in path.read_bytes() for path in sealed)


def test_a_change_of_name_is_an_event_and_the_former_name_stays_known(world: ModuleType) -> None:
    happened = date(2026, 11, 1)
    answer = answered(
        world,
        "correction",
        effects_world.line("identity"),
        corrections=[effects_world.wrong_name(world, RIGHT, happened)],
    )
    assert bring_about(world, answer)
    assert [one.name for one in identities.names_of(world.HANA)] == [world.NAME, RIGHT]
    assert bring_about(world, answer)


def test_a_stop_binds_the_next_decision(world: ModuleType) -> None:
    from sekisho.registers.consents.queries import ConsentKind, standing_of

    answer = answered(world, "suspension", effects_world.line("identity"), effects_world.line("inquiry", effect="stop"))
    assert bring_about(world, answer)
    assert standing_of(world.HANA, world.AT).has(ConsentKind.RESTRICTED, "marketing")
    kinds = [one.kind for one in queries.effects_of(answer)]
    assert kinds == [EffectKind.USE_STOP, EffectKind.ERASURE_PLAN]


def test_a_repeat_does_nothing_twice(world: ModuleType, settings: Any) -> None:
    answer = answered(world, "suspension", effects_world.line("identity"))
    bring_about(world, answer)
    before = len(evidence.records())
    assert bring_about(world, answer)
    assert len(evidence.records()) == before


def test_a_store_that_is_gone_leaves_its_effect_with_a_code_and_the_next_turn_does_it(
    world: ModuleType, settings: Any
) -> None:
    store, away = settings.HOME / "systems" / "hr.sqlite3", settings.HOME / "away"
    answer = answered(
        world, "correction", effects_world.line("identity.name"), corrections=[effects_world.wrong_name(world, RIGHT)]
    )
    store.rename(away)
    assert not bring_about(world, answer)
    failed = [one for one in queries.effects_of(answer) if one.state is EffectState.FAILED]
    assert [(one.target, bool(one.code)) for one in failed] == [("hr.applicants", True)]
    assert queries.unfinished_answers() == (answer,)
    store.unlink(missing_ok=True)
    away.rename(store)
    assert effects_world.brought_about(world, answer)
    assert queries.unfinished_answers() == ()


def test_an_answer_that_has_not_left_brings_nothing_about(world: ModuleType) -> None:
    from sekisho.casework.subject_requests.models import CaseAnswer

    answer = answered(world, "suspension", effects_world.line("identity"))
    CaseAnswer.objects.update(state="approved")
    with pytest.raises(SekishoError) as raised:
        bring_about(world, answer)
    assert raised.value.code == "requests.answer-not-sent"
    assert queries.effects_of(answer) == ()


def test_what_is_left_is_asked_for_as_a_job_and_done_by_it(world: ModuleType, settings: Any) -> None:
    from sekisho.casework.subject_requests import jobs
    from sekisho.registers.batch_jobs import actions as batch_jobs
    from sekisho.registers.batch_jobs import queries as asked
    from sekisho.registers.batch_jobs.queries import Doing

    store, away = settings.HOME / "systems" / "hr.sqlite3", settings.HOME / "away"
    answer = answered(
        world, "correction", effects_world.line("identity.name"), corrections=[effects_world.wrong_name(world, RIGHT)]
    )
    store.rename(away)
    bring_about(world, answer)
    (want,) = jobs.wanted(world.AT)
    ref = batch_jobs.ask_job(kind=want.kind, arguments=want.arguments, at=world.AT, acting_user="reconciler")
    store.unlink(missing_ok=True)
    away.rename(store)
    doing = Doing(
        job=asked.job(ref), at=world.AT, progress=lambda *_: None, once=lambda _: True, reached=lambda _: None
    )
    jobs.bring_about(doing, "all")
    assert list(jobs.wanted(world.AT)) == []
    undone = [one for one in queries.effects_of(answer) if one.state is not EffectState.DONE]
    assert [(one.target, one.state) for one in undone] == [("support.tickets", EffectState.WAITING)]


def test_a_certified_erasure_puts_its_certificate_into_the_case(world: ModuleType) -> None:
    from sekisho.registers.retention import actions as retention
    from sekisho.registers.retention import queries as plans

    answer = answered(world, "suspension", effects_world.line("identity"), effects_world.line("bill"))
    bring_about(world, answer)
    (plan,) = plans.plans(person=world.HANA)
    assert (plan.reason, [one.target for one in queries.effects_of(answer)][1]) == ("K-2026-0001", plan.ref)
    assert actions.link_certificates(at=world.AT, acting_user="job") == ()
    for by in ("mori", "abe"):
        retention.approve_plan(plan=plan.ref, sha256=plan.sha256, by=by, at=world.AT)
    later = world.AT + timedelta(days=40)
    assert queries.overdue_answers(later.date()) == ("K-2026-0001",)
    hold = plans.plan(plan.ref).hold_until
    at = max(world.AT, hold) + timedelta(minutes=1) if hold else world.AT
    retention.run_plan(plan=plan.ref, at=at, acting_user="test")
    retention.verify_plan(plan=plan.ref, at=at, acting_user="test")
    retention.certify_plan(plan=plan.ref, at=at, acting_user="test")
    assert actions.link_certificates(at=at, acting_user="job") == ("K-2026-0001",)
    assert queries.case("K-2026-0001").certificate
    assert queries.overdue_answers(later.date()) == ()
    assert actions.link_certificates(at=at, acting_user="job") == ()


def test_a_day_is_put_right_where_days_are_stored(world: ModuleType, settings: Any) -> None:
    from sekisho.casework.subject_requests.rules.effects import Correction

    told = {"item": "bill.due_on", "wrong": "2026-03-31", "right": "2026-04-30", "happened": None, "document": ""}
    answer = answered(world, "correction", effects_world.line("bill.due_on"), corrections=[told])
    assert Correction(**told).field == "due_on"  # type: ignore[arg-type]
    assert bring_about(world, answer), queries.effects_of(answer)
    mine = [row for row in rows(world, settings, "billing.invoices") if row["customer_no"] == world.customer_no(0)]
    assert {row["due_on"] for row in mine} == {"2024-03-31", "2026-04-30"}


def test_a_day_in_columns_stays_a_day() -> None:
    from sekisho.connectors.columns import rewritten

    table = pa.table({"no": ["1", "2"], "on": pa.array([date(2026, 3, 31), None], pa.date32())})
    new, has_changed = rewritten(table, "on", ["no"], {("1",): "2026-04-30"})
    assert (has_changed, new["on"].to_pylist()) == (True, [date(2026, 4, 30), None])
