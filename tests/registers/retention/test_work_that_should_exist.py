"""What the room says should be done now, recomputed from plans and runs alone; and a job that carries it out."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from types import ModuleType

import pytest

from sekisho.registers.batch_jobs import actions as batch_jobs
from sekisho.registers.batch_jobs import queries as asked
from sekisho.registers.batch_jobs.queries import Doing, State
from sekisho.registers.retention import actions, jobs, queries

WINDOW = timedelta(days=3)


def wanted(at: datetime) -> list[tuple[str, dict[str, str]]]:
    return [(one.kind, dict(one.arguments)) for one in jobs.wanted(at)]


@pytest.fixture
def plan(world: ModuleType) -> str:
    ref: str = actions.propose_plan(person=world.HANA, reason="request", at=world.AT, acting_user="sato")
    for by in ("mori", "abe"):
        sha256 = queries.plan(ref).sha256
        actions.approve_plan(plan=ref, sha256=sha256, by=by, at=world.AT, hold_window=WINDOW)
    return ref


def doing(job: str, at: datetime) -> Doing:
    return Doing(
        job=asked.job(job),
        at=at,
        progress=lambda _done, _total, _what: None,
        once=lambda _key: True,
        reached=lambda _point: None,
    )


def carry_out(names: Iterable[tuple[str, str]], one: Doing) -> State:
    for key, _place in names:
        jobs.step_of_erasure(one, key)
        jobs.step_of_erasure(one, key)  # a step may run twice
    return jobs.end_erasure(one)[0]


def test_an_approved_erasure_is_wanted_when_its_window_is_over_until_it_is_verified(
    world: ModuleType, plan: str
) -> None:
    later = world.AT + WINDOW
    assert wanted(later - timedelta(seconds=1)) == []
    ((kind, arguments),) = wanted(later)
    assert (kind, arguments) == ("retention.erase", {"plan": plan})
    one = doing(batch_jobs.ask_job(kind=kind, arguments=arguments, at=later, acting_user="reconciler"), later)
    assert carry_out(jobs.begin_erasure(one), one) is State.DONE
    assert queries.plan(plan).status == "verified"
    assert wanted(later) == []


def test_while_a_command_carries_it_out_nobody_else_is_asked(world: ModuleType, plan: str) -> None:
    later = world.AT + WINDOW
    job = batch_jobs.ask_job(kind="retention.run", arguments={"plan": plan}, at=later, acting_user="cli")
    assert wanted(later) == []
    batch_jobs.claim_job(job=job, executor="worker-0", at=later)
    batch_jobs.end_job(job=job, state=State.FAILED, at=later, why="batch_jobs.broke")
    assert wanted(later) == [("retention.erase", {"plan": plan})]


def test_a_sweep_that_lost_its_job_is_wanted_and_one_that_was_given_up_is_not(world: ModuleType) -> None:
    actions.begin_sweep(sweep="sweep-0123456789ab", on=world.ON, at=world.AT, acting_user="test")
    assert wanted(world.AT) == [("retention.sweep", {"on": world.ON.isoformat()})]
    actions.resume_sweep(sweep="sweep-0123456789ab", at=world.AT, acting_user="test")
    assert wanted(world.AT) == []
    arguments = {"on": world.ON.isoformat()}
    job = batch_jobs.ask_job(kind="retention.sweep", arguments=arguments, at=world.AT, acting_user="mori")
    jobs.begin_sweep(doing(job, world.AT))
    batch_jobs.cancel_job(job=job, at=world.AT, acting_user="mori")
    assert queries.unfinished_sweeps(), "half done, and said so"
    assert wanted(world.AT) == []


def test_the_next_sweep_begins_with_what_was_given_up(world: ModuleType) -> None:
    arguments = {"on": world.ON.isoformat()}
    first = batch_jobs.ask_job(kind="retention.sweep", arguments=arguments, at=world.AT, acting_user="mori")
    jobs.begin_sweep(doing(first, world.AT))
    batch_jobs.cancel_job(job=first, at=world.AT, acting_user="mori")
    second = batch_jobs.ask_job(kind="retention.sweep", arguments=arguments, at=world.AT, acting_user="mori")
    jobs.begin_sweep(doing(second, world.AT))
    assert queries.unfinished_sweeps() == (f"sweep-{second.removeprefix('job-')}",)
