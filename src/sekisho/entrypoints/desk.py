"""Where evaluations over HTTP wait: those that wait at the same time are read, decided and sealed together.

An event loop hands requests in and is handed the replies; a few threads take whatever waits, each with its connection
to the database. While one reads and decides, the batch of another is on its way to the disk.
"""

import asyncio
import contextlib
import os
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection

from sekisho.engine.errors import SekishoError
from sekisho.registers.decisions.api.answering import answer
from sekisho.registers.decisions.api.exchange import Reply, Request, refusal_of
from sekisho.registers.decisions.rules import ROOM

THREADS = 3
MOST_AT_ONCE = 32  # requests taken by one thread: the rest is left to the next
IDLE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A request and where its reply is awaited."""

    request: Request
    reply: "asyncio.Future[Reply]"
    loop: asyncio.AbstractEventLoop


class Desk:
    """The queue and its threads. Threads start when somebody waits and end when nobody has for a while."""

    def __init__(self) -> None:
        self._wake = threading.Condition()
        self._waiting: deque[Waiting] = deque()
        self._threads: set[threading.Thread] = set()
        self._idle = 0
        self._stopping = False

    async def answer(self, request: Request) -> Reply:
        """The reply to one request."""
        loop = asyncio.get_running_loop()
        waiting = Waiting(request=request, reply=loop.create_future(), loop=loop)
        with self._wake:
            self._waiting.append(waiting)
            if self._idle:
                self._wake.notify()
            elif len(self._threads) < THREADS:
                thread = threading.Thread(target=self._run, name="desk", daemon=True)
                self._threads.add(thread)
                thread.start()
        return await waiting.reply

    def stop(self) -> None:
        """Answer whoever waits, then end the threads and their connections."""
        with self._wake:
            threads, self._stopping = list(self._threads), True
            self._wake.notify_all()
        for thread in threads:
            thread.join()
        self._stopping = False

    def _run(self) -> None:
        try:
            while some := self._next():
                replies = [refusal_of(SekishoError("decisions.unavailable", room=ROOM))] * len(some)
                try:
                    replies = answer([one.request for one in some], datetime.now(UTC))
                finally:  # whatever happens, nobody waits for ever: a mistake of ours ends this thread, loudly
                    _tell(some, replies)
        finally:
            connection.close()
            with self._wake:
                self._threads.discard(threading.current_thread())

    def _next(self) -> list[Waiting]:
        """Whoever waits; empty when the thread may end."""
        with self._wake:
            while not self._waiting:
                if self._stopping:
                    return []
                self._idle += 1
                is_woken = self._wake.wait(IDLE_SECONDS)
                self._idle -= 1
                if not is_woken and not self._waiting:
                    return []
            some = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
            if self._waiting and self._idle:
                self._wake.notify()
            return some


def _tell(some: list[Waiting], replies: list[Reply]) -> None:
    for loop in {one.loop for one in some}:
        mine = [(one, reply) for one, reply in zip(some, replies, strict=True) if one.loop is loop]
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody is left to be told
            loop.call_soon_threadsafe(_set, mine)


def _set(told: list[tuple[Waiting, Reply]]) -> None:
    for one, reply in told:
        if not one.reply.done():
            one.reply.set_result(reply)


class _Process:
    desk = Desk()


def _after_fork() -> None:
    _Process.desk = Desk()


os.register_at_fork(after_in_child=_after_fork)


def desk() -> Desk:
    """The desk of this process."""
    return _Process.desk
