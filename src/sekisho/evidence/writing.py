"""Take the write lock in turn. SQLite has one writer and an unfair queue; within this process ours is fair.

With a rollback journal a commit shuts readers out too, and they come back by chance: a reading that must not wait for
long takes its turn as well.
"""

import os
import threading
from collections import deque
from collections.abc import Generator
from contextlib import contextmanager

from django.db import connection, transaction


class FairLock:
    """First come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held = False

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Event()
            self._waiting.append(turn)
        turn.wait()

    def __exit__(self, *exc_info: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()  # the lock passes on, still held
            else:
                self._held = False


class _Process:
    lock = FairLock()


def _after_fork() -> None:
    _Process.lock = FairLock()


os.register_at_fork(after_in_child=_after_fork)


@contextmanager
def writing() -> Generator[None]:
    """One transaction; on SQLite it begins when its turn has come. Inside another transaction it is a part of it."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        with transaction.atomic():
            yield
        return
    with _Process.lock, transaction.atomic():
        yield


@contextmanager
def reading() -> Generator[None]:
    """One short reading; on SQLite it begins when its turn has come, and no commit of this process is in its way."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with _Process.lock:
        yield
