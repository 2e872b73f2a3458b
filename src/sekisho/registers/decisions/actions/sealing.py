"""Seal decisions in batches: whoever waits is committed together, by one committer, before anybody is answered.

One transaction holds the batch, the records and one evidence entry: the Merkle root over the salted records. Group commit
pays the disk once for all who wait; while one batch is on its way to the disk the next one gathers.
"""

import logging
import os
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.engine.merkle.commitment import commitment
from sekisho.engine.merkle.tree import Tree, leaf_hash
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.decisions.models import DecisionBatch
from sekisho.registers.decisions.queries.malformed import MalformedAsk
from sekisho.registers.decisions.rules import ROOM, limits

logger = logging.getLogger(__name__)
NUL = b"\\u0000"  # as JSON writes it: PostgreSQL holds no such text


@dataclass(slots=True, kw_only=True)
class Ticket:
    """One decision waiting to be sealed, and where it ended up."""

    record: Mapping[str, object]
    text: str  # the record as canonical JSON, as it is written
    salt: bytes
    leaf_hash: bytes
    at: datetime
    done: threading.Event = field(default_factory=threading.Event)
    is_abandoned: bool = False
    entry: str = ""
    position: int = 0


class Committer:
    """The one thread that commits. It starts when somebody waits and ends when nobody has for a while."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: deque[Ticket] = deque()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def seal(self, tickets: Sequence[Ticket]) -> None:
        """Wait until the tickets' batches are committed, or until the limit: a ticket without entry is not sealed."""
        deadline = time.monotonic() + limits()["sealing"]["wait_seconds"]
        with self._wake:
            self._waiting.extend(tickets)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="committer", daemon=True)
                self._thread.start()
            self._wake.notify()
        for ticket in tickets:
            if not ticket.done.wait(max(0.0, deadline - time.monotonic())) or not ticket.entry:
                ticket.is_abandoned = True  # if it is committed all the same, a refusal was answered: the safe side

    def stop(self) -> None:
        """Commit what waits, then end the thread and its connection."""
        with self._wake:
            thread, self._stopping = self._thread, True
            self._wake.notify()
        if thread is not None:
            thread.join()
        self._stopping = False

    def _run(self) -> None:
        try:
            while batch := self._next_batch():
                try:
                    commit(batch)
                except (DatabaseError, SekishoError) as error:
                    logger.warning("a batch could not be sealed: %s", kind_of(error))
                    connection.close()  # the next batch begins with a connection that works
                finally:
                    for ticket in batch:
                        ticket.done.set()
        finally:
            connection.close()
            with self._wake:
                if self._thread is threading.current_thread():  # ended by a mistake: the next to wait starts another
                    self._thread = None

    def _next_batch(self) -> list[Ticket]:
        """Everybody who waits; empty when the thread may end."""
        with self._wake:
            idle = limits()["sealing"]["idle_seconds"]
            while True:
                batch = [ticket for ticket in self._take() if not ticket.is_abandoned]
                if batch:
                    return batch
                if (self._stopping or not self._wake.wait(idle)) and not self._waiting:
                    self._thread = None
                    return []

    def _take(self) -> list[Ticket]:
        return [self._waiting.popleft() for _ in range(min(len(self._waiting), limits()["sealing"]["most_in_batch"]))]


class _Process:
    committer = Committer()


def _after_fork() -> None:
    _Process.committer = Committer()


os.register_at_fork(after_in_child=_after_fork)


def seal(tickets: Sequence[Ticket]) -> None:
    """Seal the decisions durably, together where they can be.

    INVARIANT: a ticket has an entry and a position once its batch is committed, and never before.

    Raises: decisions.inside-transaction.
    """
    if not tickets:
        return
    if connection.in_atomic_block:
        raise SekishoError("decisions.inside-transaction", room=ROOM)
    _Process.committer.seal(tickets)


def stop_sealing() -> None:
    """Commit what waits and let go of the database."""
    _Process.committer.stop()


def leaf_of(record: Mapping[str, object], salt: bytes) -> bytes:
    """The leaf of a record in its batch's tree."""
    return canonical({"record": record, "salt": salt.hex()})


def commit(batch: list[Ticket]) -> None:
    """Commit one batch; its tickets know their place only afterwards. Evidence: `decisions.sealed`."""
    tree = Tree()
    for ticket in batch:
        tree.append(ticket.leaf_hash)
    at = max(ticket.at for ticket in batch)
    with writing():
        entry = append(kind="decisions.sealed", body={"decisions": len(batch), "root": tree.root().hex()}, at=at)
        sealed = DecisionBatch.objects.create(entry=UUID(entry), root=tree.root(), size=len(batch), sealed_at=at)
        with connection.cursor() as cursor:
            cursor.executemany(
                _INSERT, [(sealed.pk, position, *_columns(ticket)) for position, ticket in enumerate(batch)]
            )
    for position, ticket in enumerate(batch):
        ticket.entry, ticket.position = entry, position


_INSERT = """INSERT INTO decisions_sealeddecision
(batch_id, position, leaf_hash, salt, record, answer, act, purpose, actor, policy, at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""


def ticket_of(*, record: Mapping[str, object], private: Mapping[str, object], at: datetime) -> Ticket:
    """A decision ready to be sealed. Whatever cannot be sealed is its caller's trouble alone, not its batch's.

    `private` is what the ask said of the rows: the record keeps a salted commitment to it, not the values.

    Raises: decisions.malformed-ask, canonical.not-allowed.
    """
    salt = secrets.token_bytes(32)
    whole = {**record, "resource": commitment(salt, private)}
    text = canonical(whole)
    if NUL in text:
        raise MalformedAsk("NUL")
    # The canonical form of {"record": …, "salt": …}, as `leaf_of` has it, without writing the record twice.
    leaf = b'{"record":' + text + b',"salt":"' + salt.hex().encode() + b'"}'
    return Ticket(record=whole, text=text.decode(), salt=salt, leaf_hash=leaf_hash(leaf), at=at)


def kind_of(error: Exception) -> str:
    """What went wrong, without the values: those may be personal."""
    if isinstance(error, SekishoError):
        return error.code
    return f"{type(error).__name__} {getattr(error.__cause__, 'sqlite_errorname', '')}".strip()


def _columns(ticket: Ticket) -> tuple[Any, ...]:
    record = ticket.record
    return (
        ticket.leaf_hash,
        ticket.salt,
        ticket.text,
        str(record["answer"])[:16],
        str(record["act"])[:32],
        str(record["purpose"])[:64],
        str(record["actor"])[:64],
        str(record["policy"])[:96],
        connection.ops.adapt_datetimefield_value(ticket.at),
    )
