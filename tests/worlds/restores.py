"""A small carrier that is backed up, goes on, is lost and restored; each act in a process of its own that may be killed.

`python restores.py HOME` reads one JSON object per line, forks, does it, and says when the child is gone. `kill_at`: dies
by SIGKILL at the point of that number. What an act returns is written to HOME's parent as `result.json`.
"""

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import restored_looks as looks
import restored_world as events
import warm
from restored_world import OTHERS, ROOT, small_world

__all__ = ["OTHERS", "Carrier", "small_world"]


class Carrier:
    """The parent's side: a home, what stands apart of it, its backups, and the process that forks."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.home, self.backups = folder, folder / "home", folder / "backups"
        self.apart = folder / "home.apart"
        self.environment = {"SEKISHO_DATABASE_URL": ""} | environment
        self.home.mkdir(parents=True)
        self.process = warm.start(
            [sys.executable, "-W", "ignore", __file__, str(self.home)],
            env=os.environ | {"SEKISHO_HOME": str(self.home), "SEKISHO_APART": ""} | self.environment,
        )
        assert self._line() == "ready"

    def do(self, act: str, *, kill_at: int | None = None, code: int = 0, **values: Any) -> Any:
        """Do it in a child; returns what it returned. `code` -9: it is expected to die."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": act, "kill_at": kill_at, **values}) + "\n")
        self.process.stdin.flush()
        assert self._line().startswith("pid ")
        ended = int(self._line().removeprefix("end "))
        said = json.loads(result.read_text(encoding="utf-8")) if result.exists() else None
        assert ended == code, f"{act} {values} ended with {ended}: {said}"
        return said

    def lose(self) -> None:
        """The disk under the home is gone. What was kept apart is elsewhere."""
        shutil.rmtree(self.home)

    def snapshot(self) -> None:
        """Remember home, backups and what is apart, to begin anew from."""
        for name in ("home", "home.apart", "backups"):
            if (self.folder / name).exists():
                shutil.copytree(self.folder / name, self.folder / "snapshot" / name)

    def begin_anew(self) -> None:
        """Back to the snapshot."""
        for name in ("home", "home.apart", "backups"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            if (self.folder / "snapshot" / name).exists():
                shutil.copytree(self.folder / "snapshot" / name, self.folder / name)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


# The child's side.

ACTS: Mapping[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        events.build,
        looks.backup,
        events.erase,
        events.sweep,
        events.approve,
        events.run,
        events.give_up,
        events.withdraw,
        events.leave,
        events.open_access,
        events.end_access,
        events.hold,
        events.pass_on,
        events.take_back,
        looks.holders,
        looks.called,
        looks.restore,
        looks.check,
        looks.points,
        looks.registers,
        looks.verify,
        looks.expire,
        looks.apart,
        looks.returned,
        events.acquire,
        looks.proof,
        events.number_now,
    )
}


def counting(stop_at: int | None) -> Callable[[str], None]:
    """Dies at the point of that number, as hard as a process can."""
    seen = 0

    def reached(_point: str) -> None:
        nonlocal seen
        seen += 1
        if seen == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def act(home: Path, said: dict[str, Any]) -> None:
    """Do one act and leave its result."""
    from sekisho.engine.errors import SekishoError

    name, kill_at = said.pop("do"), said.pop("kill_at")
    if name in ("check", "restore"):
        said["reached"] = counting(kill_at)
    result = home.parent / "result.json"
    try:
        result.write_text(json.dumps(ACTS[name](home, **said)), encoding="utf-8")
    except SekishoError as error:
        result.write_text(json.dumps({"refused": error.code} | error.values), encoding="utf-8")
        os._exit(3)


def serve(home: Path) -> None:
    """Fork for each line: imports are paid once, the child is a process of its own."""
    small_world().setup(home)
    import sekisho.connectors.delta_folder
    import sekisho.connectors.duckdb_file
    import sekisho.connectors.jsonl_folder
    import sekisho.connectors.sqlite_file
    import sekisho.registers.backups.actions.opening  # noqa: F401

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                act(home, json.loads(line))
                code = 0
            finally:
                if code:
                    traceback.print_exc()
                    sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"pid {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"end {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    serve(Path(sys.argv[1]))
