"""Programs of their own process, without a second and a half of imports each: a server that has the libraries forks for each.

`run` and `start` take what `subprocess.run` and `subprocess.Popen` take for `python …`, as far as the tests need it. What is
forked has loaded no module of Django's apps, no settings and no home; it gets its own arguments, environment and files, and
dies like any process. A test of what a program loads, or of how Python itself starts it, keeps to `subprocess`.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

LIBRARIES = (
    "click",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "dbos",
    "deltalake",
    "django.core.handlers.wsgi",
    "django.core.management",
    "django.core.serializers.json",
    "django.db.backends.postgresql.base",
    "django.db.backends.sqlite3.base",
    "django.db.models",
    "django.urls",
    "duckdb",
    "numpy",
    "openpyxl",
    "pandas",
    "phonenumbers",
    "psycopg",
    "pyarrow.compute",
    "pyarrow.dataset",
    "pyarrow.parquet",
    "rich.console",
    "rich.progress",
    "rich.table",
    "sqlalchemy",
    "sqlglot",
)
OURS = ("sekisho.engine", "sekisho.connectors")
NOT_OURS = ("spark", "child", "page_reader", "ocr")
MOST = 1 << 20  # bytes of a request
PAUSE = 0.005


class Started:
    """A program that runs, as `subprocess.Popen` tells of one."""

    def __init__(self, pid: int, ended: IO[str], stdin: IO[str] | None, stdout: IO[str] | None) -> None:
        self.pid, self._ended, self.stdin, self.stdout = pid, ended, stdin, stdout
        self.returncode: int | None = None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code; -9 when it was killed."""
        if self.returncode is None:
            if timeout is not None:
                deadline = time.monotonic() + timeout
                while self._lives():
                    if time.monotonic() > deadline:
                        raise subprocess.TimeoutExpired("warm", timeout)
                    time.sleep(PAUSE)
            self.returncode = int(self._ended.readline())
            self._ended.close()
        return self.returncode

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        if self.returncode is None and self._lives():
            os.kill(self.pid, signal.SIGKILL)

    def _lives(self) -> bool:
        return Path(f"/proc/{self.pid}").exists()


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    input: str | None = None,  # noqa: A002 as subprocess calls it
    capture_output: bool = True,
    text: bool = True,
    check: bool = False,
    timeout: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` returns."""
    assert text
    assert capture_output
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(input or "")
        given.flush()
        given.seek(0)
        started = _begun(command, env, (given.fileno(), out.fileno(), err.fileno()), None, None)
        try:
            code = started.wait(timeout)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()
            raise
        said, complained = (_read(one) for one in (out, err))
    if check and code:
        raise subprocess.CalledProcessError(code, list(map(str, command)), said, complained)
    return subprocess.CompletedProcess(list(map(str, command)), code, said, complained)


def start(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> Started:
    """A program with pipes for its input and output. It complains where the test does."""
    its_input, ours = os.pipe()
    mine, its_output = os.pipe()
    started = _begun(command, env, (its_input, its_output, 2), os.fdopen(ours, "w"), os.fdopen(mine))
    os.close(its_input)
    os.close(its_output)
    return started


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode()


def _begun(
    command: Sequence[str | Path],
    env: Mapping[str, str] | None,
    files: tuple[int, int, int],
    stdin: IO[str] | None,
    stdout: IO[str] | None,
) -> Started:
    first, *arguments = map(str, command)
    assert first == sys.executable, "only Python's own programs run warm"
    told, ended = os.pipe()
    asked = {"arguments": arguments, "env": dict(os.environ if env is None else env), "folder": str(Path.cwd())}
    message = json.dumps(asked).encode()
    assert len(message) < MOST
    socket.send_fds(_server(), [message], [*files, ended])
    os.close(ended)
    report = os.fdopen(told)
    return Started(int(report.readline()), report, stdin, stdout)


_running: dict[int, socket.socket] = {}


def _server() -> socket.socket:
    """This process's own, started when first asked for; it ends with us."""
    if os.getpid() not in _running:
        ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        for one in (ours, its):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, MOST)
        root = Path(__file__).resolve().parents[2]
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, str(its.fileno())],
            pass_fds=(its.fileno(),),
            cwd=root,
            env={name: value for name, value in os.environ.items() if not name.startswith(("SEKISHO_", "DJANGO_"))}
            | {"PYTHONPATH": str(root / "src")},
        )
        its.close()
        _running[os.getpid()] = ours
        atexit.register(_stop, ours, process)
    return _running[os.getpid()]


def _stop(ours: socket.socket, process: "subprocess.Popen[bytes]") -> None:
    ours.close()
    process.wait()


def _serve(number: int) -> dict[str, Any]:
    """Fork for each request; returns, in the fork, what to run."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for package in OURS:
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not any(part in found.name for part in NOT_OURS):
                importlib.import_module(found.name)
    gc.freeze()  # what is loaded stays: nobody need look through it again
    with socket.socket(fileno=number) as requests:
        while True:
            message, files, _, _ = socket.recv_fds(requests, MOST, 4)
            if not message:
                os._exit(0)
            if (watcher := os.fork()) == 0:
                break
            for one in files:
                os.close(one)
            os.waitpid(watcher, 0)
    if os.fork():  # the server waits for nobody: whoever watches the program is nobody's child
        os._exit(0)
    *standard, report = files
    if (pid := os.fork()) != 0:
        for one in standard:
            os.close(one)
        os.write(report, f"{pid}\n".encode())
        os.write(report, f"{os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}\n".encode())
        os._exit(0)
    os.close(report)
    for place, one in enumerate(standard):
        os.dup2(one, place)
        os.close(one)
    asked: dict[str, Any] = json.loads(message)
    return asked


def _become(asked: dict[str, Any]) -> None:
    """What Python does with its own arguments, as far as the tests need it."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["env"])
    time.tzset()
    sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    warnings.resetwarnings()
    arguments = asked["arguments"]
    while arguments[0] == "-W":
        warnings.simplefilter(arguments[1])
        arguments = arguments[2:]
    paths = [path for path in asked["env"].get("PYTHONPATH", "").split(os.pathsep) if path]
    how, *rest = arguments
    if how == "-m":
        sys.path[:1] = ["", *paths]
        sys.argv = rest
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif how == "-c":
        sys.path[:1] = ["", *paths]
        sys.argv = ["-c", *rest[1:]]
        exec(compile(rest[0], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 the test's own program
    elif how.startswith("-"):
        raise SystemExit(f"{how} does not run warm")
    else:
        sys.path[:1] = [str(Path(how).resolve().parent), *paths]
        sys.argv = [how, *rest]
        runpy.run_path(how, run_name="__main__")


def _main() -> NoReturn:
    """Ends as Python does, but for taking two thousand modules down one by one."""
    asked, code = _serve(int(sys.argv[1])), 0
    try:
        _become(asked)
    except SystemExit as ended:
        if isinstance(ended.code, int) or ended.code is None:
            code = ended.code or 0
        else:
            sys.stderr.write(f"{ended.code}\n")
            code = 1
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for one in (sys.stdout, sys.stderr):
        one.flush()
    os._exit(code)


if __name__ == "__main__":
    _main()
