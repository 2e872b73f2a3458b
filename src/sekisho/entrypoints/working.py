"""Every kind of long work with the room that does it, and who says what should exist: one list to read.

`carry_out` is how a command asks: it inserts the request and follows it, in whichever process carries it out.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import partial

from sekisho.assurance.promises import actions as promises
from sekisho.casework.subject_requests import actions as requests
from sekisho.casework.subject_requests import jobs as desk
from sekisho.engine.errors import SekishoError
from sekisho.registers.backups import jobs as backups
from sekisho.registers.backups.actions import returning
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.jobs.reconciling import Wants
from sekisho.registers.batch_jobs.jobs.worker import Outcome, Work, Worker
from sekisho.registers.batch_jobs.queries import Doing, JobRecord, State, Wanted
from sekisho.registers.contractors import actions as contractors
from sekisho.registers.enforcement import jobs as enforcement
from sekisho.registers.findings import actions as findings
from sekisho.registers.findings import queries as found
from sekisho.registers.lists import actions as lists
from sekisho.registers.lists import jobs as list_jobs
from sekisho.registers.lists import queries as list_queries
from sekisho.registers.projections import actions as projections
from sekisho.registers.projections import jobs as projection_jobs
from sekisho.registers.retention import actions as holds
from sekisho.registers.retention import jobs as retention

LOOK = 0.2  # seconds between two looks at a job that is followed
Told = Callable[[int, int | None, str], None]
ONE = "all"


def one_step(kind: str, do: Callable[[Doing, str], None]) -> Work:
    """Work of one step, which says itself how far it is."""
    return Work(kind=kind, begin=_begin_one, step=do, end=_end_one)


def _begin_one(_doing: Doing) -> Sequence[tuple[str, str]]:
    return ((ONE, ""),)


def _end_one(_doing: Doing) -> Outcome:
    return State.DONE, ""


def _look(doing: Doing, key: str) -> None:
    promises.check_all(doing.at, acting_user=doing.job.asked_by, progress=doing.progress, once=partial(doing.once, key))


def _find(doing: Doing, _key: str) -> None:
    findings.look(at=doing.at, acting_user=doing.job.asked_by, step=doing.progress)


def _find_again(doing: Doing, _key: str) -> None:
    findings.look_again(at=doing.at, acting_user=doing.job.asked_by, step=doing.progress)


def _outdated(_at: datetime) -> Iterable[Wanted]:
    """What older rules judged is judged anew, once there was a look at all."""
    if found.last_run() is not None and found.outdated():
        yield Wanted(kind="findings.look-again", arguments={})


def _end_holds(doing: Doing, _key: str) -> None:
    holds.end_expired_holds(at=doing.at, acting_user=doing.job.asked_by)


def _chase(doing: Doing, _key: str) -> None:
    contractors.chase(at=doing.at, acting_user=doing.job.asked_by)


def _quarantine(doing: Doing, _key: str) -> None:
    returning.quarantine_rows(at=doing.at, acting_user=doing.job.asked_by)


def _forget(doing: Doing, _key: str) -> None:
    actions.forget_jobs(at=doing.at, acting_user=doing.job.asked_by)


def _destroy_scans(doing: Doing, _key: str) -> None:
    requests.destroy_due(at=doing.at, acting_user=doing.job.asked_by)
    requests.destroy_files(at=doing.at, acting_user=doing.job.asked_by)


EXPIRING = (
    projections.expire,
    projections.expire_requests,
    lists.expire,
    lists.expire_requests,
    lists.expire_members,
    backups.expire,
)


def _expire(doing: Doing, _key: str) -> None:
    for done, expire in enumerate(EXPIRING):
        doing.progress(done, len(EXPIRING), "")
        expire(at=doing.at)


WORKS: tuple[Work, ...] = (
    Work(
        kind="retention.sweep",
        begin=retention.begin_sweep,
        step=retention.step_of_sweep,
        end=retention.end_sweep,
    ),
    Work(
        kind="retention.erase",
        begin=retention.begin_erasure,
        step=retention.step_of_erasure,
        end=retention.end_erasure,
    ),
    Work(
        kind="retention.run",
        begin=retention.begin_run,
        step=retention.step_of_erasure,
        end=retention.end_erasure,
    ),
    one_step("retention.replan", retention.replan),
    one_step("retention.end-holds", _end_holds),
    one_step("promises.look", _look),
    one_step("contractors.chase", _chase),
    one_step("backups.quarantine", _quarantine),
    one_step("findings.look", _find),
    one_step("findings.look-again", _find_again),
    one_step("enforcement.refresh", enforcement.refresh),
    one_step("copies.expire", _expire),
    Work(kind="lists.build", begin=_begin_one, step=list_jobs.build, end=list_jobs.end),
    Work(kind="projections.build", begin=_begin_one, step=projection_jobs.build, end=projection_jobs.end),
    one_step("jobs.forget", _forget),
    one_step("requests.destroy-scans", _destroy_scans),
    one_step("requests.effects", desk.bring_about),
    one_step("requests.watch", desk.watch),
    one_step("requests.read-pages", desk.read_pages),
)
WANTS: tuple[Wants, ...] = (retention.wanted, enforcement.wanted, desk.wanted, _outdated)


def carry_out(
    *,
    kind: str,
    arguments: Mapping[str, str],
    acting_user: str,
    as_of: datetime | None = None,
    told: Told | None = None,
) -> JobRecord:
    """Ask for work and follow it to its end: another process does it where one holds the place, else this one.

    Raises: what its asking raises; the refusal it ended with.
    """
    ref = actions.ask_job(kind=kind, arguments=arguments, at=datetime.now(UTC), acting_user=acting_user, as_of=as_of)
    return follow(ref, told=told)


def sweep(*, on: date, as_of: datetime | None, acting_user: str, told: Told) -> str:
    """Sweep as a job; the run's reference. Raises: the refusal it ended with."""
    asked = {"on": on.isoformat()}
    return require_success(
        carry_out(kind="retention.sweep", arguments=asked, acting_user=acting_user, as_of=as_of, told=told)
    ).result


def build_list(*, request: str, told: Told) -> str:
    """Follow the job that builds an asked list; the list's reference. Raises: the refusal it ended with, lists.given-up."""
    asked = list_queries.job_of(request)
    if asked is None:
        raise SekishoError("lists.unknown-request", room="sekisho.registers.lists", request=request)
    ended = require_success(follow(asked.ref, told=told))
    if ended.state is State.CANCELLED:
        raise SekishoError("lists.given-up", room="sekisho.registers.lists", job=ended.ref)
    return ended.result


def build_copy(*, job: str, told: Told) -> None:
    """Follow the job that builds a copy for a query. Raises: the refusal it ended with, projections.given-up."""
    ended = require_success(follow(job, told=told))
    if ended.state is State.CANCELLED:
        raise SekishoError("projections.given-up", room="sekisho.registers.projections", job=ended.ref)


def run_plan(*, plan: str, as_of: datetime | None, acting_user: str, told: Told) -> None:
    """Carry an approved plan out as a job; verifying is asked for apart. Raises: the refusal it ended with."""
    asked = {"plan": plan}
    require_success(carry_out(kind="retention.run", arguments=asked, acting_user=acting_user, as_of=as_of, told=told))


def follow(ref: str, *, told: Told | None = None, working: bool = True) -> JobRecord:
    """Follow a job to its end, and carry it out where nobody else does (`working`)."""
    worker: Worker | None = None
    try:
        while True:
            job = queries.job(ref)
            if told is not None:
                told(job.done, job.total, job.what)
            if job.has_ended:
                return job
            if working and worker is None:
                worker = Worker.open(WORKS, only=ref)
            if worker is not None:
                _go_on(worker, job)
            time.sleep(LOOK)
    finally:
        if worker is not None:
            worker.close()


def require_success(job: JobRecord) -> JobRecord:
    """The job, unless it was refused. Raises: the code it ended with."""
    if job.state is State.FAILED:
        raise SekishoError(job.why, room=room_of(job.why), **job.why_values)
    return job


def room_of(code: str) -> str:
    """The room whose texts say this code."""
    area = code.split(".", 1)[0]
    return {
        "connector": "sekisho.connectors",
        "erasure": "sekisho.engine.erasure",
        "catalog": "sekisho.engine.catalog",
    }.get(area, f"sekisho.registers.{area}")


def _go_on(worker: Worker, job: JobRecord) -> None:
    if job.state is State.REQUESTED:
        worker.turn()
    elif job.ref not in worker.active and worker.durable.status(job.ref) is None:
        worker.durable.start(job.ref)  # its process died between the row's commit and the workflow's
