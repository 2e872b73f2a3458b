"""The board's word on the queue: unproven until every schedule ran, broken where one is late or a job stands still."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from sekisho.evidence.proof import Proof, Verdict
from sekisho.registers.batch_jobs import actions
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.proofs import nothing_stands_still
from sekisho.registers.batch_jobs.queries import State
from sekisho.registers.batch_jobs.rules import due_slot, schedules

AT = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)  # three o'clock in Tokyo: every schedule is due
CLAUSE: Any = SimpleNamespace(id="B-06")
pytestmark = pytest.mark.django_db


def prove(at: datetime) -> Proof:
    return nothing_stands_still(at=at, clause=CLAUSE)


@pytest.fixture
def ran() -> None:
    """Every schedule ran, and its job ended."""
    actions.begin_schedules(at=AT)
    for id_, schedule in schedules().items():
        job = actions.ask_for_slot(schedule=id_, slot=due_slot(schedule, AT), at=AT)
        assert job is not None
        actions.claim_job(job=job, executor="worker-0", at=AT)
        actions.end_job(job=job, state=State.DONE, at=AT)


def test_where_nothing_ever_ran_nothing_is_proven() -> None:
    proof = prove(AT)
    assert (proof.verdict, proof.looked_at) == (Verdict.UNPROVEN, 0)
    assert "sekisho work" in proof.why


@pytest.mark.usefixtures("ran")
def test_when_every_schedule_ran_it_is_kept() -> None:
    proof = prove(AT)
    assert (proof.verdict, proof.looked_at, proof.why) == (Verdict.KEPT, len(schedules()), "")
    assert proof.figure.en.startswith(f"{len(schedules())} of {len(schedules())} ")  # type: ignore[attr-defined]


@pytest.mark.usefixtures("ran")
def test_an_hour_that_is_an_hour_late_breaks_it() -> None:
    assert prove(AT + timedelta(minutes=59)).verdict is Verdict.KEPT
    proof = prove(AT + timedelta(hours=25, minutes=1))
    assert proof.verdict is Verdict.BROKEN
    assert "daily-sweep" in proof.why


@pytest.mark.usefixtures("ran")
def test_a_job_that_stands_still_breaks_it() -> None:
    job = actions.ask_job(kind="retention.erase", arguments={"plan": "erase-1"}, at=AT, acting_user="test")
    JobRequest.objects.filter(ref=job).update(state="running", heartbeat_at=AT)
    proof = prove(AT + timedelta(minutes=3))
    assert proof.verdict is Verdict.BROKEN
    assert f"{job} (silent)" in proof.why
