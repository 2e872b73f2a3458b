"""The worker: takes requests up, one durable workflow each, says that it lives, and stops between two steps.

A step may run twice where the process dies after its effect and before the workflow store heard of it; every step is
therefore keyed in the rows it writes, by (job, step) or by the run's own ordinal, and a repeat changes nothing.
"""

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

from django.conf import settings
from django.db import DatabaseError, connection, connections

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.actions import Word
from sekisho.registers.batch_jobs.jobs.lease import Lease
from sekisho.registers.batch_jobs.queries import Doing, JobRecord, State
from sekisho.registers.batch_jobs.rules import limits

Step = tuple[str, str]  # key, place it works in
Outcome = tuple[State, str]  # how it ended, reference of what it made
Reached = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How a kind of job is carried out. Each may be repeated after a crash."""

    kind: str
    begin: Callable[[Doing], Sequence[Step]]  # what there is to do, asked once and remembered
    step: Callable[[Doing, str], None]
    end: Callable[[Doing], Outcome]


class Stopping(BaseException):
    """This process ends: the workflow stays as it is, and whoever comes next goes on with it.

    Not an `Exception`: neither a room nor the workflow store may take it for the work's own end.
    """


class _GivenUp(Exception):
    """Somebody asked to give the job up, and it stands between two steps."""


class _Refused(Exception):
    def __init__(self, code: str, **values: str) -> None:
        self.code, self.values = code, values
        super().__init__(code)


def _nothing(_point: str) -> None:
    return


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, kw_only=True)
class Worker:
    """Carries jobs out in this process, as long as it holds its place."""

    lease: Lease
    works: Mapping[str, Work]
    only: str = ""  # a command works for its own job alone
    clock: Callable[[], datetime] = _now
    reached: Reached = _nothing  # told of every point between two durable states; tests stop the process there
    stopping: threading.Event = field(default_factory=threading.Event)
    active: dict[str, float] = field(default_factory=dict)
    durable: Any = None
    pulse: threading.Thread | None = None

    @classmethod
    def open(cls, works: Sequence[Work], **given: Any) -> Self | None:
        """Take a place and go on with what its last holder left; None where somebody living works already."""
        places = 1 if connection.vendor == "sqlite" else limits().postgres_workers
        lease = Lease.take(Path(settings.HOME), places)
        if lease is None:
            return None
        from sekisho.registers.batch_jobs.jobs import durable

        worker = cls(lease=lease, works={work.kind: work for work in works}, **given)
        url = durable.url_of(connection.settings_dict, str(settings.HOME))
        if connection.vendor == "sqlite":
            with suppress(FileExistsError):
                os.close(os.open(Path(settings.HOME) / "jobs.sqlite3", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            worker.durable = durable.Durable(url=url, executor=lease.executor, carry=worker.carry)
        except SekishoError:
            lease.release()
            raise
        worker.pulse = threading.Thread(target=worker._beat, name="sekisho-heartbeat", daemon=True)
        worker.pulse.start()
        return worker

    def turn(self) -> tuple[str, ...]:
        """Take up what waits, as far as hands and lanes allow; returns what was begun."""
        begun: list[str] = []
        for job in queries.claimable():
            if len(self.active) + len(begun) >= limits().hands:
                break
            if self.only and job.ref != self.only:
                continue
            if actions.claim_job(job=job.ref, executor=self.lease.executor, at=self.clock()):
                self.reached("claimed")
                self.start(job.ref)
                begun.append(job.ref)
        return tuple(begun)

    def start(self, job: str) -> None:
        """Begin the workflow of a job that was claimed."""
        self.durable.start(job)
        self.reached("started")

    def close(self) -> bool:
        """Stop before the next steps and give the place up; False where a step did not end in time and the place stays."""
        self.stopping.set()
        deadline = time.monotonic() + limits().stop
        while self.active and time.monotonic() < deadline:
            time.sleep(0.02)
        if self.pulse is not None:
            self.pulse.join()
        self.durable.close()
        if self.active:
            return False
        self.lease.release()
        return True

    def carry(self, ref: str, remembered: Callable[[str, Callable[[], Any]], Any]) -> str:
        """The workflow of one job. `remembered` runs a step, or answers what it answered before the crash."""
        self.active[ref] = time.monotonic()
        try:
            return self._carry(ref, remembered)
        finally:
            connections.close_all()
            del self.active[ref]

    def _carry(self, ref: str, remembered: Callable[[str, Callable[[], Any]], Any]) -> str:
        job = queries.job(ref)
        if job.has_ended:
            return job.state.value
        job = replace(job, attempts=actions.take_up(job=ref, executor=self.lease.executor, at=self.clock()))
        self.reached("taken-up")
        state, result, why = State.FAILED, "", _Refused("")
        try:
            state, result = self._all_steps(job, self._work_of(job), remembered)
        except _GivenUp:
            state = State.CANCELLED
        except _Refused as refused:
            why = refused
        self.reached("before-end")
        ended = actions.end_job(
            job=ref, state=state, at=self.clock(), why=why.code, why_values=why.values, result=result
        )
        self.reached("ended")
        return ended.value

    def _work_of(self, job: JobRecord) -> Work:
        if job.kind.id not in self.works:
            raise _Refused("batch_jobs.no-such-work", kind=job.kind.id)
        if job.attempts > limits().attempts:
            raise _Refused("batch_jobs.worn-out")
        return self.works[job.kind.id]

    def _all_steps(self, job: JobRecord, work: Work, remembered: Callable[[str, Callable[[], Any]], Any]) -> Outcome:
        def step(name: str, call: Callable[[Doing], Any], at_step: int, total: int | None, place: str) -> Any:
            doing = self._doing(job, at_step, total)
            if name != "end" or total != 1:  # work of one step told its own count
                self._between(job, at_step, total, place)
            self.reached(f"{name}.before")
            answer = remembered(name, lambda: self._tried(job, lambda: call(doing), at_step, total, place))
            self.reached(f"{name}.after")
            if answer["refused"]:
                raise _Refused(answer["refused"], **answer["values"])
            if answer["given_up"]:
                raise _GivenUp
            return answer["value"]

        steps = step("begin", lambda doing: [list(one) for one in work.begin(doing)], 0, None, "")
        for done, (key, place) in enumerate(steps):
            step(f"step {key}", partial(_called, work, key), done, len(steps), place)
        state, result = step("end", lambda doing: _plain(work.end(doing)), len(steps), len(steps), "")
        return State(state), result

    def _doing(self, job: JobRecord, at_step: int, total: int | None) -> Doing:
        at = job.as_of or self.clock()

        def progress(done: int, of: int | None, what: str) -> None:
            # A work of one step tells its own count; one of many keeps the worker's.
            counted = (done, of) if total in {None, 1} else (at_step, total)
            self._between(job, *counted, what)

        return Doing(
            job=job,
            at=at,
            progress=progress,
            once=lambda key: actions.mark_step(job=job.ref, key=key, at=at),
            reached=self.reached,
        )

    def _between(self, job: JobRecord, done: int, total: int | None, what: str) -> None:
        """Between two steps: say how far it is, and stop here where the process ends or the job was given up."""
        if self.stopping.is_set():
            raise Stopping
        word = self._report(job, done, total, what)
        if word is Word.LEAVE:
            raise Stopping
        if word is Word.GIVE_UP and job.kind.is_cancellable:
            raise _GivenUp

    def _report(self, job: JobRecord, done: int, total: int | None, what: str, why: str = "") -> Word:
        return actions.report_progress(
            job=job.ref, attempt=job.attempts, done=done, total=total, what=what, at=self.clock(), why=why
        )

    def _tried(
        self, job: JobRecord, call: Callable[[], Any], done: int, total: int | None, place: str
    ) -> dict[str, Any]:
        """A step's answer. A full disk or a lost database is tried again; a refusal is an answer, so that it is remembered."""
        answer: dict[str, Any] = {"refused": "", "values": {}, "given_up": False, "value": None}
        wait = limits().wait
        for left in reversed(range(limits().tries)):
            try:
                return answer | {"value": call()}
            except _GivenUp:
                return answer | {"given_up": True}
            except SekishoError as error:
                return answer | {"refused": error.code, "values": {name: str(it) for name, it in error.values.items()}}
            except (DatabaseError, OSError) as error:
                if not left:
                    break
                with suppress(DatabaseError):
                    self._report(job, done, total, place, type(error).__name__[:64])  # its words may hold values
            if self.stopping.wait(wait):
                raise Stopping
            wait *= 2
        return answer | {"refused": "batch_jobs.kept-failing"}

    def _beat(self) -> None:
        try:
            while not self.stopping.wait(limits().heartbeat):
                with suppress(DatabaseError):
                    actions.report_alive(jobs=tuple(self.active), at=self.clock())
        finally:
            connections.close_all()


def _called(work: Work, key: str, doing: Doing) -> None:
    work.step(doing, key)


def _plain(outcome: Outcome) -> list[str]:
    return [outcome[0].value, outcome[1]]
