"""DBOS behind a few words: a workflow is one job, its id the job's reference, its steps remembered in a database of their own.

Loaded by workers only: importing it costs a third of a second, and commands that need no job must not.
"""

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID, error
from sqlalchemy.exc import SQLAlchemyError

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.rules import ROOM

# Raised only when the order or the meaning of a kind's steps changes: what another version began is not gone on with.
APPLICATION_VERSION = "1"
SCHEMA = "jobs"
Steps = Callable[[str, Callable[[], Any]], Any]  # name of a step, its work -> its answer, now or as remembered
LIVE = ("PENDING", "ENQUEUED", "DELAYED")
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@dataclass(slots=True)
class _Process:
    carry: Callable[[str, Steps], str] | None = None


_process = _Process()  # DBOS is one per process, and so is this


@DBOS.workflow(name="sekisho.job", max_recovery_attempts=1000)  # type: ignore[untyped-decorator, unused-ignore]
def _job(job: str) -> str:
    if _process.carry is None:
        raise RuntimeError("a workflow outside a worker")
    return _process.carry(job, _step)


def _step(name: str, work: Callable[[], Any]) -> Any:
    return DBOS.run_step({"name": name}, work)


@contextmanager
def _told() -> Generator[None]:
    """What the workflow store refuses, as a coded refusal: its own words may hold the address with its password."""
    try:
        yield
    except (error.DBOSException, SQLAlchemyError) as refused:
        raise SekishoError("batch_jobs.store", room=ROOM, why=type(refused).__name__) from refused


class Durable:
    """The workflows of one executor. Arguments and answers are JSON, never pickle."""

    RUNS = "PENDING"  # what the store calls a workflow that somebody carries out

    def __init__(self, *, url: str, executor: str, carry: Callable[[str, Steps], str]) -> None:
        _process.carry = carry
        config: DBOSConfig = {
            "name": "sekisho",
            "system_database_url": url,
            "dbos_system_schema": SCHEMA,
            "application_version": APPLICATION_VERSION,
            "executor_id": executor,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "CRITICAL",  # its own log lines would repeat exceptions word for word
            "use_listen_notify": False,
            "notification_listener_polling_interval_sec": 0.1,  # also how long its thread takes to end
        }
        with _told():
            DBOS(config=config)
            DBOS.launch()  # goes on with what this executor had begun when it died

    def start(self, job: str) -> None:
        """Begin the workflow of a job; where it exists already nothing happens."""
        if self.status(job) is None:
            with _told(), SetWorkflowID(job):
                DBOS.start_workflow(_job, job)

    def status(self, job: str) -> str | None:
        """What the workflow store says of a job; None where it knows none."""
        with _told():
            found = DBOS.get_workflow_status(job)
        return found.status if found else None

    def live(self) -> Mapping[str, tuple[str, str]]:
        """Workflows that have not ended: who has them, and whether they run or wait for somebody to take them."""
        with _told():
            found = DBOS.list_workflows(status=list(LIVE), load_input=False, load_output=False)
        return {one.workflow_id: (one.executor_id or "", one.status) for one in found}

    def go_on(self, job: str) -> None:
        """Hand the workflow of a job to whoever is free: its process died. One at a time, never all of an executor's:
        what runs would be begun a second time beside itself.
        """
        with _told():
            DBOS.resume_workflow(job)

    def cancel(self, job: str) -> None:
        """Take a workflow out of the store's hands."""
        with _told():
            DBOS.cancel_workflow(job)

    def forget_before(self, at: datetime) -> int:
        """Let go of ended workflows that are older; how many."""
        with _told():
            old = DBOS.list_workflows(
                status=list(ENDED), completed_before=at.isoformat(), load_input=False, load_output=False
            )
            if old:
                DBOS.delete_workflows([one.workflow_id for one in old])
        return len(old)

    def close(self) -> None:
        """Let go of the database. What runs is not waited for here."""
        DBOS.destroy()
        _process.carry = None


def url_of(database: Mapping[str, Any], home: str) -> str:
    """Where the workflows live: beside the home's database, or in a schema of the carrier's PostgreSQL."""
    if database["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{home}/jobs.sqlite3"
    host, port = database.get("HOST") or "", database.get("PORT") or ""
    user = ":".join(quote(str(database[part]), safe="") for part in ("USER", "PASSWORD") if database.get(part))
    where = f"/{quote(str(database['NAME']), safe='')}"
    if host.startswith("/"):  # a folder of sockets
        where += f"?{urlencode({'host': host} | ({'port': port} if port else {}))}"
    else:
        where = f"{host}{f':{port}' if port else ''}{where}"
    return f"postgresql+psycopg://{user}{'@' if user else ''}{where}"
