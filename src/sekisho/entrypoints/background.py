"""What the serving process does beside answering: number evidence, follow the policy folder, look at the promises."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, close_old_connections, connections

from sekisho.assurance.promises import actions as promises
from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints.following import following_fault, try_following
from sekisho.evidence import actions as evidence
from sekisho.registers.backups import jobs as backups
from sekisho.registers.decisions.actions import stop_sealing
from sekisho.registers.enforcement import jobs as enforcement
from sekisho.registers.lists import actions as lists
from sekisho.registers.projections import actions as projections
from sekisho.registers.retention import jobs as retention

logger = logging.getLogger(__name__)
EVERY_SECOND = 1.0
FOLLOW_EVERY = 2.0  # seconds: somebody who edits the policy looks at the page right after
VIEWS_EVERY = 15.0  # seconds until a change of the registers reaches enforced views at the latest
CHECK_EVERY = timedelta(minutes=30)


@dataclass(slots=True)
class Background:
    """Threads: one numbers and signs evidence every second, one follows and checks, one resumes what was interrupted."""

    home: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    holder: str = field(default_factory=lambda: f"serve-{uuid4()}")
    followed: Mapping[str, str] | None = None
    checked_at: datetime | None = None
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for name, step, pause in (
            ("sequencer", self.sequence, EVERY_SECOND),
            ("follower", self.follow_and_check, FOLLOW_EVERY),
            ("views", lambda: enforcement.keep_current(datetime.now(UTC)), VIEWS_EVERY),
        ):
            thread = threading.Thread(target=self._forever, args=(step, pause), name=f"sekisho-{name}", daemon=True)
            thread.start()
            self.threads.append(thread)
        resuming = threading.Thread(target=self._once, args=(self.resume,), name="sekisho-resume", daemon=True)
        resuming.start()
        self.threads.append(resuming)

    def stop(self) -> None:
        """End, with everything committed so far numbered and signed, and the lease given up."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=10)
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

    def follow_and_check(self) -> None:
        """Adopt the policy folder when it changed, then look at the promises when that or time asks for it."""
        at = datetime.now(UTC)
        changed = self.follow(at)
        if changed or self.checked_at is None or at - self.checked_at >= CHECK_EVERY:
            self.checked_at = at
            promises.check_all(at)
            projections.expire(at=at)
            lists.expire(at=at)

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

    def resume(self) -> None:
        """Go on with sweeps and erasures that were under way when the last process ended."""
        for name in retention.resume(datetime.now(UTC)):
            logger.warning("resumed %s", name)

    def _once(self, step: Callable[[], None]) -> None:
        try:
            self._try(step)
        finally:
            connections.close_all()

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
