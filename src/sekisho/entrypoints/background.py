"""What the serving process does beside answering: number evidence, follow the policy folder, look at the promises."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from django.db import DatabaseError, close_old_connections, connections

from sekisho.assurance.promises import actions as promises
from sekisho.engine.errors import DocumentRefused, SekishoError
from sekisho.entrypoints import carrier as carriers
from sekisho.evidence import actions as evidence
from sekisho.registers.policies import actions as policies

logger = logging.getLogger(__name__)
EVERY_SECOND = 1.0
FOLLOW_EVERY = 2.0  # seconds: somebody who edits the policy looks at the page right after
CHECK_EVERY = timedelta(minutes=30)


@dataclass(slots=True)
class Background:
    """Two threads: one numbers and signs evidence every second, the other does what may take longer."""

    home: Path
    stopping: threading.Event = field(default_factory=threading.Event)
    holder: str = field(default_factory=lambda: f"serve-{uuid4()}")
    followed: dict[str, str] = field(default_factory=dict)
    checked_at: datetime | None = None
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begin."""
        for name, step, pause in (
            ("sequencer", self.sequence, EVERY_SECOND),
            ("follower", self.follow_and_check, FOLLOW_EVERY),
        ):
            thread = threading.Thread(target=self._forever, args=(step, pause), name=f"sekisho-{name}", daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """End, with everything committed so far numbered and signed, and the lease given up."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=10)
        self.sequence()
        evidence.release(holder=self.holder)
        connections.close_all()

    def sequence(self) -> None:
        """Number and sign what is waiting; hand the head to the witness where there is one."""
        while evidence.sequence(at=datetime.now(UTC), holder=self.holder).more:
            pass
        evidence.hand_to_witness()

    def follow_and_check(self) -> None:
        """Adopt the policy folder when it changed, then look at the promises when that or time asks for it."""
        at = datetime.now(UTC)
        changed = self.follow(at)
        if changed or self.checked_at is None or at - self.checked_at >= CHECK_EVERY:
            self.checked_at = at
            promises.check_all(at)

    def follow(self, at: datetime) -> bool:
        """Take the edited policy into force, if this home follows its folder. A faulty edit changes nothing."""
        carrier = carriers.read(self.home)
        if carrier is None or not carrier.follow:
            return False
        files = dict(carrier.documents())
        if files == self.followed:
            return False
        first = not self.followed
        self.followed = files
        try:
            policies.adopt(files=files, at=at, acting_user="follow", may_correct=carrier.demo)
        except DocumentRefused as error:
            for fault in error.faults:
                logger.warning("%s %s: %s; %s", fault.place, fault.code, fault.message(), fault.remedy())
            return False
        return not first

    def _forever(self, step: Callable[[], None], pause: float) -> None:
        while not self.stopping.is_set():
            try:
                step()
            except (SekishoError, DatabaseError, OSError) as error:
                # Tried again at the next turn. Values of errors may be personal: only coded ones are written out.
                logger.warning("%s", error if isinstance(error, SekishoError) else type(error).__name__)
            finally:
                close_old_connections()
            self.stopping.wait(pause)
        connections.close_all()
