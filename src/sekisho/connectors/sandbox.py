"""Run a checked query in a process of its own that holds nothing but a folder of projections.

The parent counts rows and bytes, keeps the time, and kills. What the child says in trouble is never passed on: an engine's
message can quote a value, so there is one sentence for all of it. Source: DESIGN.md section 5.
"""

import contextlib
import io
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pyarrow as pa

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.connectors"
MODULE = "sekisho.connectors.sandbox_child"
LONGEST_LINE = 4096
MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one run may take."""

    rows: int = 1_000_000
    megabytes: int = 512  # of the answer
    memory_mb: int = 2048
    seconds: int = 60
    threads: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One projection in the folder, under the name a query calls it by. `persons`: columns with numbers of people."""

    system: str
    table: str
    file: str
    persons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """The answers, and which isolation was reached: network, user, folder, limits, namespace."""

    answers: tuple[pa.Table, ...]
    isolation: tuple[str, ...]
    seconds: float


class Sandbox:
    """One child, started at once so that it is ready when the query is; used once."""

    def __init__(self) -> None:
        self._child = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-I", "-B", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def run(
        self, queries: Sequence[str], *, folder: Path, views: Sequence[View], gone: Sequence[int], limits: Limits
    ) -> Ran:
        """The answers to queries over the views, without rows of the people who are gone.

        Raises: sandbox.timed-out, sandbox.too-many-rows, sandbox.failed, sandbox.not-ready.
        """
        request = {
            "folder": str(folder),
            "views": [
                {"system": view.system, "table": view.table, "file": view.file, "persons": list(view.persons)}
                for view in views
            ],
            "gone": list(gone),
            "queries": list(queries),
            "memory_mb": limits.memory_mb,
            "seconds": limits.seconds,
            "threads": limits.threads,
        }
        deadline = time.monotonic() + limits.seconds
        answers = _Answers(self._child, deadline, limits)
        try:
            self._ask(request)
            told = json.loads(answers.line())
            begun = time.monotonic()
            found = io.BufferedReader(answers, MEGABYTE)
            rows = tuple(_rows(found, limits) for _ in queries)
            took = time.monotonic() - begun
            if self._child.wait(max(0.1, deadline - time.monotonic())) != 0:
                raise _refusal("sandbox.failed")
        except (OSError, ValueError, pa.ArrowException, subprocess.TimeoutExpired):
            raise _refusal("sandbox.failed") from None
        finally:
            self.close()
        return Ran(answers=rows, isolation=tuple(told["isolation"]), seconds=took)

    def close(self) -> None:
        """End the child, whatever it is doing."""
        if self._child.poll() is None:
            self._child.kill()
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _ask(self, request: object) -> None:
        if self._child.stdin is None:
            raise _refusal("sandbox.not-ready")
        self._child.stdin.write(json.dumps(request).encode() + b"\n")
        self._child.stdin.close()


class _Answers(io.RawIOBase):
    """The child's answer as a file: reading past the deadline or the budget refuses."""

    def __init__(self, child: "subprocess.Popen[bytes]", deadline: float, limits: Limits) -> None:
        if child.stdout is None:
            raise _refusal("sandbox.not-ready")
        self._descriptor = child.stdout.fileno()
        self._deadline = deadline
        self._left = limits.megabytes * MEGABYTE

    def readable(self) -> bool:
        return True

    def line(self) -> bytes:
        """The first line: what isolation was reached."""
        found = b""
        while not found.endswith(b"\n"):
            byte = self._read(1)
            if not byte or len(found) > LONGEST_LINE:
                raise _refusal("sandbox.not-ready")
            found += byte
        return found

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        found = self._read(min(len(view), MEGABYTE))
        view[: len(found)] = found
        return len(found)

    def _read(self, most: int) -> bytes:
        waiting = self._deadline - time.monotonic()
        if waiting <= 0 or not select.select([self._descriptor], [], [], waiting)[0]:
            raise _refusal("sandbox.timed-out")
        found = os.read(self._descriptor, most)
        self._left -= len(found)
        if self._left < 0:
            raise _refusal("sandbox.too-many-rows")
        return found


def _rows(found: "io.BufferedReader[_Answers]", limits: Limits) -> pa.Table:
    batches: list[pa.RecordBatch] = []
    left = limits.rows
    with pa.ipc.open_stream(found) as stream:
        for batch in stream:
            left -= batch.num_rows
            if left < 0:
                raise _refusal("sandbox.too-many-rows", most=limits.rows)
            batch.validate(full=True)
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def _refusal(code: str, **values: object) -> SekishoError:
    return SekishoError(code, room=ROOM, **{"most": "", **values})
