"""Rows of ended jobs go with their time; a failed one waits until somebody has seen why."""

from datetime import UTC, datetime, timedelta

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as evidence
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.models import JobStep
from sekisho.registers.batch_jobs.queries import State
from sekisho.registers.batch_jobs.rules import limits

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LIFE = limits().ended_life
pytestmark = pytest.mark.django_db


def ended(state: State, day: int) -> str:
    arguments = {"on": f"2026-11-{day:02d}"}
    ref = actions.ask_job(kind="retention.sweep", arguments=arguments, at=AT, acting_user="test")
    actions.claim_job(job=ref, executor="worker-0", at=AT)
    with writing():
        actions.mark_step(job=ref, key="one", at=AT)
    actions.end_job(job=ref, state=state, at=AT, why="connector.unreachable" if state is State.FAILED else "")
    return ref


def test_ended_jobs_go_with_their_time_and_failed_ones_once_they_were_seen() -> None:
    done, failed = ended(State.DONE, 1), ended(State.FAILED, 2)
    waits = actions.ask_job(kind="retention.sweep", arguments={"on": "2026-11-03"}, at=AT, acting_user="test")
    assert actions.forget_jobs(at=AT + LIFE - timedelta(seconds=1), acting_user="test") == 0
    assert actions.forget_jobs(at=AT + LIFE, acting_user="test") == 1
    assert not queries.is_known(done)
    assert [job.ref for job in queries.unseen()] == [failed]
    assert JobStep.objects.count() == 1
    actions.acknowledge_job(job=failed, at=AT, acting_user="mori")
    actions.acknowledge_job(job=failed, at=AT, acting_user="sato")  # whoever was first has seen it
    assert queries.job(failed).acknowledged_by == "mori"
    assert queries.unseen() == ()
    assert actions.forget_jobs(at=AT + LIFE, acting_user="test") == 1
    assert [job.ref for job in queries.jobs()] == [waits]
    kinds = [one.kind for one in evidence.unnumbered(["batch_jobs.forgotten", "batch_jobs.acknowledged"])]
    assert sorted(kinds) == ["batch_jobs.acknowledged", "batch_jobs.forgotten", "batch_jobs.forgotten"]


def test_only_a_failure_is_acknowledged() -> None:
    done = ended(State.DONE, 1)
    for job, code in ((done, "batch_jobs.not-failed"), ("job-000000000000", "batch_jobs.unknown-job")):
        with pytest.raises(SekishoError) as refused:
            actions.acknowledge_job(job=job, at=AT, acting_user="mori")
        assert refused.value.code == code
