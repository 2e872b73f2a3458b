"""A real worker over a real workflow store: giving up, trying again, refusing, and what the reconciler puts right."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.jobs.lease import Lease
from sekisho.registers.batch_jobs.jobs.reconciling import Reconciled, reconcile
from sekisho.registers.batch_jobs.jobs.worker import Outcome, Work, Worker
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.batch_jobs.queries import Doing, JobRecord, State, Wanted

KIND = "retention.sweep"
DAY = {"on": "2026-11-23"}
PATIENCE = 30.0  # seconds
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


class Bench:
    """Three steps that do what the test says, and count."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.then: Callable[[Doing, str], None] = lambda _doing, _key: None

    def work(self) -> Work:
        return Work(kind=KIND, begin=self.begin, step=self.step, end=self.end)

    def begin(self, _doing: Doing) -> Sequence[tuple[str, str]]:
        return [(str(key), f"store.table_{key}") for key in range(3)]

    def step(self, doing: Doing, key: str) -> None:
        self.ran.append(key)
        self.then(doing, key)

    def end(self, _doing: Doing) -> Outcome:
        return State.DONE, "sweep-0123456789ab"


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def worker(bench: Bench, tmp_path: Path, settings: Any) -> Iterator[Worker]:
    settings.HOME = tmp_path
    one = Worker.open((bench.work(),))
    assert one is not None
    yield one
    assert one.close()


def ask() -> str:
    return actions.ask_job(kind=KIND, arguments=DAY, at=datetime.now(UTC), acting_user="test")


def ended(worker: Worker, job: str) -> JobRecord:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        worker.turn()
        found = queries.job(job)
        if found.has_ended and job not in worker.active:
            return found
        time.sleep(0.02)
    pytest.fail(f"{queries.job(job)}")


def look(worker: Worker, *wants: Wanted, at: datetime | None = None) -> Reconciled:
    return reconcile(worker, wants=(lambda _at: wants,), at=at or datetime.now(UTC))


def test_steps_run_in_order_and_the_row_says_so(worker: Worker, bench: Bench) -> None:
    job = ended(worker, ask())
    assert (job.state, job.done, job.total, job.result) == (State.DONE, 3, 3, "sweep-0123456789ab")
    assert bench.ran == ["0", "1", "2"]
    _until(lambda: worker.durable.status(job.ref) == "SUCCESS")


def test_given_up_it_stops_before_its_next_step(worker: Worker, bench: Bench) -> None:
    def give_up(doing: Doing, key: str) -> None:
        if key == "1":
            actions.cancel_job(job=doing.job.ref, at=datetime.now(UTC), acting_user="mori")

    bench.then = give_up
    job = ended(worker, ask())
    assert (job.state, job.cancel_by) == (State.CANCELLED, "mori")
    assert bench.ran == ["0", "1"]


def test_given_up_inside_a_step_that_tells_its_progress_it_stops_there(worker: Worker, bench: Bench) -> None:
    def give_up(doing: Doing, key: str) -> None:
        actions.cancel_job(job=doing.job.ref, at=datetime.now(UTC), acting_user="mori")
        doing.progress(1, 2, "")
        bench.ran.append("after")

    bench.then = give_up
    assert ended(worker, ask()).state is State.CANCELLED
    assert bench.ran == ["0"]


def test_a_full_disk_is_tried_again_and_the_row_says_that_it_waits(
    worker: Worker, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hurry(monkeypatch)
    said = []

    def full_twice(doing: Doing, key: str) -> None:
        said.append(queries.job(doing.job.ref).why)
        if len(bench.ran) < 3:
            raise OSError(28, "No space left on device", "/home/taro/secret")

    bench.then = full_twice
    job = ended(worker, ask())
    assert (job.state, job.why) == (State.DONE, "")
    assert bench.ran == ["0", "0", "0", "1", "2"]
    assert said[:3] == ["", "OSError", "OSError"], "the kind of trouble, not its words"


def test_a_disk_that_stays_full_fails_the_job_with_a_reason(
    worker: Worker, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hurry(monkeypatch)

    def full(_doing: Doing, _key: str) -> None:
        raise OSError(28, "No space left on device")

    bench.then = full
    job = ended(worker, ask())
    assert (job.state, job.why) == (State.FAILED, "batch_jobs.kept-failing")


def test_a_refusal_ends_the_job_with_its_code_and_values(worker: Worker, bench: Bench) -> None:
    def refuse(_doing: Doing, _key: str) -> None:
        raise SekishoError("retention.hold-window", room="sekisho.registers.retention", plan="erase-1", until="x")

    bench.then = refuse
    job = ended(worker, ask())
    assert (job.state, job.why, job.why_values) == (
        State.FAILED,
        "retention.hold-window",
        {"plan": "erase-1", "until": "x"},
    )


def test_a_second_worker_finds_the_place_taken_and_the_next_one_free(worker: Worker, tmp_path: Path) -> None:
    assert Lease.take_named(tmp_path, worker.lease.executor) is None
    other = Lease.take(tmp_path, 2)
    assert other is not None
    assert other.executor == "worker-1"
    other.release()
    assert (tmp_path / "jobs" / "worker-0.lock").read_text() == f"{os.getpid()}\n"


def test_what_should_exist_is_asked_for_once_and_after_a_failure_only_later(worker: Worker, bench: Bench) -> None:
    def refuse(_doing: Doing, _key: str) -> None:
        raise SekishoError("batch_jobs.has-ended", room="sekisho.registers.batch_jobs", job="job-1")

    want = Wanted(kind=KIND, arguments=DAY)
    (first,) = look(worker, want).asked
    assert look(worker, want).asked == [], "it is on its way"
    bench.then = refuse
    assert ended(worker, first).state is State.FAILED
    assert look(worker, want).asked == [], "it has only just failed"
    assert len(look(worker, want, at=datetime.now(UTC) + timedelta(hours=2)).asked) >= 1


def test_a_row_without_its_workflow_gets_one(worker: Worker) -> None:
    job = ask()
    assert actions.claim_job(job=job, executor=worker.lease.executor, at=datetime.now(UTC))  # and died
    assert job in look(worker).taken_over
    assert ended(worker, job).state is State.DONE


def test_a_row_whose_process_died_elsewhere_is_taken_over(worker: Worker) -> None:
    job = ask()
    assert actions.claim_job(job=job, executor="worker-7", at=datetime.now(UTC))
    assert job in look(worker).taken_over
    assert ended(worker, job).executor == worker.lease.executor


def test_a_workflow_whose_thread_broke_off_is_gone_on_with_only_when_it_has_been_silent(
    worker: Worker, bench: Bench
) -> None:
    worker.stopping.set()
    job = ask()
    actions.claim_job(job=job, executor=worker.lease.executor, at=datetime.now(UTC))
    worker.start(job)
    _until(lambda: queries.job(job).attempts == 1 and job not in worker.active)
    worker.stopping.clear()
    assert look(worker).taken_over == [], "it may only be about to begin"
    assert look(worker, at=datetime.now(UTC) + timedelta(minutes=3)).taken_over == [job]
    assert ended(worker, job).state is State.DONE
    assert bench.ran == ["0", "1", "2"]


def test_a_workflow_without_its_row_is_taken_out(worker: Worker) -> None:
    worker.stopping.set()  # so that the workflow stays as it is: begun, not ended
    job = ask()
    actions.claim_job(job=job, executor=worker.lease.executor, at=datetime.now(UTC))
    worker.durable.start(job)
    _until(lambda: queries.job(job).attempts == 1 and job not in worker.active)
    JobRequest.objects.filter(ref=job).delete()  # as after a restore of the product database alone
    assert look(worker).orphans == [job]
    assert worker.durable.status(job) == "CANCELLED"


def test_a_workflow_that_broke_ends_its_row_with_a_reason(worker: Worker, bench: Bench) -> None:
    def break_down(_doing: Doing, _key: str) -> None:
        raise ZeroDivisionError

    bench.then = break_down
    job = ask()
    worker.turn()
    _until(lambda: worker.durable.status(job) == "ERROR" and job not in worker.active)
    assert job in look(worker).closed
    assert (queries.job(job).state, queries.job(job).why) == (State.FAILED, "batch_jobs.broke")


def test_a_kind_that_this_process_does_not_know_is_refused_not_left_lying(worker: Worker) -> None:
    asked = actions.ask_job(kind="promises.look", arguments={}, at=datetime.now(UTC), acting_user="test")
    job = ended(worker, asked)
    assert (job.state, job.why) == (State.FAILED, "batch_jobs.no-such-work")


def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from sekisho.registers.batch_jobs.jobs import worker
    from sekisho.registers.batch_jobs.rules import limits

    quick = replace(limits(), wait=0.01)
    monkeypatch.setattr(worker, "limits", lambda: quick)


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
