"""A request holds ids only, lives once, belongs to its asker's transaction, and is given up where that is safe."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from sekisho.engine.errors import SekishoError
from sekisho.evidence.writing import writing
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.actions import Word
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.queries import State
from sekisho.registers.batch_jobs.rules import kinds

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PLAN = "erase-0123456789ab"
pytestmark = pytest.mark.django_db


def ask(kind: str = "retention.sweep", **arguments: str) -> str:
    return actions.ask_job(kind=kind, arguments=arguments or {"on": "2026-11-23"}, at=AT, acting_user="test")


@pytest.mark.parametrize(
    "value",
    [
        "佐藤 健",
        "sato ken",
        "09001234567",
        "erase-09001234567",
        "erase-0312345678",
        "hanano@example.jp",
        "1985-04-02",
        "P-hana",
        "",
        "erase-" + "a" * 65,
        "erase-0123456789ab\n",
        ["erase-0123456789ab"],
        {"plan": "x"},
        7,
        None,
    ],
)
def test_an_argument_that_is_no_reference_is_refused_and_not_repeated(value: object) -> None:
    with pytest.raises(SekishoError) as refused:
        actions.ask_job(kind="retention.erase", arguments={"plan": value}, at=AT, acting_user="test")
    assert refused.value.code == "batch_jobs.arguments"
    assert refused.value.values == {"kind": "retention.erase", "names": "plan"}
    assert not JobRequest.objects.exists()


@pytest.mark.parametrize("value", ["2026-11-31", "20261123", "today", "2026-11-23T00:00"])
def test_a_day_is_a_day(value: str) -> None:
    with pytest.raises(SekishoError, match=r"batch_jobs\.arguments"):
        ask(on=value)


def test_arguments_are_those_of_the_kind_neither_more_nor_less() -> None:
    for given in ({}, {"plan": PLAN, "person": "p-1"}):
        with pytest.raises(SekishoError, match=r"batch_jobs\.arguments"):
            actions.ask_job(kind="retention.erase", arguments=given, at=AT, acting_user="test")
    with pytest.raises(SekishoError, match=r"batch_jobs\.unknown-kind"):
        actions.ask_job(kind="retention.guess", arguments={}, at=AT, acting_user="test")


def test_every_kind_takes_a_reference_a_day_a_name_or_a_digest_and_nothing_else() -> None:
    shapes = {shape for kind in kinds().values() for shape in kind.arguments.values()}
    assert shapes <= {"ref", "day", "name", "digest"}
    good = {"ref": PLAN, "day": "2026-11-23", "name": "crm", "digest": "a" * 64}
    for kind in kinds().values():
        arguments = {name: good[shape] for name, shape in kind.arguments.items()}
        assert actions.ask_job(kind=kind.id, arguments=arguments, at=AT, acting_user="test").startswith("job-")


def test_what_lives_is_not_asked_for_twice_and_after_its_end_it_is() -> None:
    first = ask()
    assert ask() == first
    assert ask(on="2026-11-24") != first
    assert actions.claim_job(job=first, executor="worker-0", at=AT)
    assert ask() == first
    assert actions.end_job(job=first, state=State.DONE, at=AT) is State.DONE
    assert ask() != first


def test_a_request_goes_with_the_transaction_it_was_made_in() -> None:
    class Failed(Exception):
        pass

    def ask_and_fail() -> None:
        with writing():
            ask()
            raise Failed

    with pytest.raises(Failed):
        ask_and_fail()
    assert queries.jobs() == ()


def test_a_lane_has_one_job_running() -> None:
    sweep, erase = ask(), ask("retention.erase", plan=PLAN)
    assert [job.ref for job in queries.claimable()] == [sweep]
    assert actions.claim_job(job=sweep, executor="worker-0", at=AT)
    assert queries.claimable() == ()
    assert not actions.claim_job(job=erase, executor="worker-1", at=AT), "the database says so too"
    assert queries.job(erase).state is State.REQUESTED
    actions.end_job(job=sweep, state=State.DONE, at=AT)
    assert [job.ref for job in queries.claimable()] == [erase]


def test_given_up_before_anybody_took_it_up_it_ends_at_once() -> None:
    job = ask()
    assert actions.cancel_job(job=job, at=AT, acting_user="mori") is State.CANCELLED
    assert queries.job(job).ended_at == AT
    with pytest.raises(SekishoError, match=r"batch_jobs\.has-ended"):
        actions.cancel_job(job=job, at=AT, acting_user="mori")


def test_given_up_while_it_runs_it_is_told_with_its_next_word_of_progress() -> None:
    job = ask()
    actions.claim_job(job=job, executor="worker-0", at=AT)
    attempt = actions.take_up(job=job, executor="worker-0", at=AT)
    told: dict[str, Any] = {"job": job, "attempt": attempt, "total": 3, "what": "crm.customers", "at": AT}
    assert actions.report_progress(done=1, **told) is Word.GO_ON
    assert actions.cancel_job(job=job, at=AT, acting_user="mori") is State.RUNNING
    assert queries.job(job).is_being_cancelled
    assert actions.report_progress(done=2, **told) is Word.GIVE_UP


def test_who_was_taken_for_dead_learns_that_another_goes_on() -> None:
    job = ask()
    actions.claim_job(job=job, executor="worker-0", at=AT)
    first = actions.take_up(job=job, executor="worker-0", at=AT)
    second = actions.take_up(job=job, executor="worker-1", at=AT)
    told: dict[str, Any] = {"job": job, "done": 1, "total": 3, "what": "", "at": AT}
    assert actions.report_progress(attempt=first, **told) is Word.LEAVE
    assert actions.report_progress(attempt=second, **told) is Word.GO_ON
    assert (queries.job(job).executor, queries.job(job).attempts) == ("worker-1", 2)


def test_an_erasure_is_not_given_up_half_way() -> None:
    job = ask("retention.erase", plan=PLAN)
    with pytest.raises(SekishoError) as refused:
        actions.cancel_job(job=job, at=AT, acting_user="mori")
    assert refused.value.code == "batch_jobs.not-cancellable"
    assert "消去計画を取り下げ" in refused.value.remedy()
    assert "withdraw the plan" in refused.value.remedy("en")


def test_how_it_ended_first_stays() -> None:
    job = ask()
    actions.claim_job(job=job, executor="worker-0", at=AT)
    actions.end_job(job=job, state=State.PARTLY, at=AT, result="sweep-0123456789ab")
    assert actions.end_job(job=job, state=State.FAILED, at=AT, why="batch_jobs.broke") is State.PARTLY
    assert (queries.job(job).why, queries.job(job).result) == ("", "sweep-0123456789ab")


def test_a_step_has_its_effect_once_and_its_mark_goes_with_it() -> None:
    job = ask()
    with writing():
        assert actions.mark_step(job=job, key="1", at=AT)
    with writing():
        assert not actions.mark_step(job=job, key="1", at=AT)
    with transaction.atomic():
        assert actions.mark_step(job=job, key="2", at=AT)
        transaction.set_rollback(True)
    with writing():
        assert actions.mark_step(job=job, key="2", at=AT), "its effect was taken back, and so was the mark"


def test_an_end_has_its_time_and_a_living_job_none() -> None:
    job = ask()
    for wrong in ({"state": "done"}, {"ended_at": AT}, {"state": "asleep"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            JobRequest.objects.filter(ref=job).update(**wrong)


@pytest.mark.parametrize(
    ("state", "fields", "later", "how"),
    [
        ("requested", {}, timedelta(minutes=14), None),
        ("requested", {}, timedelta(minutes=15), "unclaimed"),
        ("running", {"heartbeat_at": AT}, timedelta(seconds=119), None),
        ("running", {"heartbeat_at": AT}, timedelta(seconds=120), "silent"),
        ("running", {"heartbeat_at": AT + timedelta(hours=1), "progressed_at": AT}, timedelta(minutes=60), "quiet"),
    ],
)
def test_what_stands_still_is_seen(state: str, fields: dict[str, datetime], later: timedelta, how: str | None) -> None:
    job = ask()
    JobRequest.objects.filter(ref=job).update(state=state, **fields)
    assert [(one.job.ref, one.how) for one in queries.standing_still(AT + later)] == ([(job, how)] if how else [])


def test_who_waits_behind_a_living_job_of_its_lane_does_not_stand_still() -> None:
    ahead = ask()
    ask("retention.erase", plan=PLAN)
    actions.claim_job(job=ahead, executor="worker-0", at=AT)
    late = AT + timedelta(minutes=20)
    actions.report_alive(jobs=(ahead,), at=late)
    assert queries.standing_still(late) == ()
