"""What the serving process does beside answering: number evidence, follow the policy folder, carry jobs out."""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, close_old_connections, connections

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints.following import following_fault, try_following
from sekisho.entrypoints.working import WANTS, WORKS
from sekisho.evidence import actions as evidence
from sekisho.registers.backups import jobs as backups
from sekisho.registers.batch_jobs import actions as batch_jobs
from sekisho.registers.batch_jobs.jobs.reconciling import ask_for, reconcile
from sekisho.registers.batch_jobs.jobs.worker import Worker
from sekisho.registers.batch_jobs.rules import limits
from sekisho.registers.decisions.actions import stop_sealing
from sekisho.registers.enforcement import jobs as enforcement

logger = logging.getLogger(__name__)
EVERY_SECOND = 1.0
FOLLOW_EVERY = 2.0  # seconds: somebody who edits the policy looks at the page right after
VIEWS_EVERY = 15.0  # seconds until a change of the registers reaches enforced views at the latest
JOBS_EVERY = 0.5  # seconds until a request is taken up
RETRY_OPEN = 30.0  # seconds until a workflow store that refused is tried again


@dataclass(slots=True)
class Background:
    """Threads: one numbers and signs evidence every second, one follows the folder, one looks at views, one works."""

    home: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    holder: str = field(default_factory=lambda: f"serve-{uuid4()}")
    followed: Mapping[str, str] | None = None
    has_looked: bool = False
    worker: Worker | None = None
    reconcile_at: float = 0.0
    open_at: float = 0.0
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for name, step, pause in (
            ("sequencer", self.sequence, EVERY_SECOND),
            ("follower", self.follow_and_ask, FOLLOW_EVERY),
            ("views", self.ask_for_views, VIEWS_EVERY),
            ("jobs", self.work, JOBS_EVERY),
        ):
            thread = threading.Thread(target=self._forever, args=(step, pause), name=f"sekisho-{name}", daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """End: jobs stop before their next step, everything committed so far is numbered and signed, leases are given up."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=10)
        if self.worker is not None and not self.worker.close():
            logger.warning("a job is still in a step: whoever starts next goes on with it")
        stop_sealing()
        self.sequence()
        evidence.release(holder=self.holder)
        connections.close_all()

    def sequence(self) -> None:
        """Number and sign what is waiting; hand the head to the witness where there is one."""
        while evidence.sequence(at=datetime.now(UTC), holder=self.holder).more:
            pass
        evidence.hand_to_witness()
        backups.keep_current()

    def follow_and_ask(self) -> None:
        """Adopt the policy folder when it changed; ask for a look at the promises then, and when this process starts."""
        at = datetime.now(UTC)
        if self.follow(at) or not self.has_looked:
            batch_jobs.ask_job(kind="promises.look", arguments={}, at=at, acting_user="serve")
            self.has_looked = True

    def ask_for_views(self) -> None:
        """Ask for facts to be sent where enforced views are behind."""
        at = datetime.now(UTC)
        for want in enforcement.wanted(at):
            ask_for(want, at)

    def work(self) -> None:
        """Carry jobs out while no other process does; now and then work out what should exist, and ask for it."""
        if self.worker is None and time.monotonic() >= self.open_at:
            self.open_at = time.monotonic() + RETRY_OPEN
            self.worker = Worker.open(WORKS)
            self.open_at = 0.0  # another process has the place: it may end at any moment
        if self.worker is None:
            return
        if time.monotonic() >= self.reconcile_at:
            self.reconcile_at = time.monotonic() + limits().reconcile
            found = reconcile(self.worker, wants=WANTS, at=datetime.now(UTC))
            for name in (*found.taken_over, *found.closed, *found.orphans, *found.still, *found.faults):
                logger.warning("job put right or standing still: %s", name)
        self.worker.turn()

    def follow(self, at: datetime) -> bool:
        """Take the edited policy into force. A faulty edit changes nothing, and is told once."""
        carrier = carriers.read(self.home)
        documents = _documents(carrier) if carrier and carrier.follow else {}
        if documents == self.followed:
            return False
        self.followed = documents
        changed, fault = try_following(self.home, at), following_fault()
        for one in fault.faults if fault else ():
            logger.warning("%s %s: %s; %s", one.place, one.code, one.message(), one.remedy())
        if fault and not fault.faults:
            logger.warning("%s %s: %s; %s", fault.place, fault.code, fault.message(), fault.remedy())
        return changed

    def _forever(self, step: Callable[[], None], pause: float) -> None:
        while not self.stopping.is_set():
            self._try(step)
            close_old_connections()
            self.stopping.wait(pause)
        connections.close_all()

    def _try(self, step: Callable[[], None]) -> None:
        try:
            step()
        except (SekishoError, DatabaseError, OSError) as error:
            # Tried again at the next turn. Values of errors may be personal: only coded ones are written out.
            logger.warning("%s", error if isinstance(error, SekishoError) else type(error).__name__)


def _documents(carrier: carriers.Carrier) -> Mapping[str, str]:
    """The folder as it is; the code of what reading it raises stands for it, so that it is told once."""
    try:
        return dict(carrier.documents())
    except SekishoError as error:
        return {"": error.code}
