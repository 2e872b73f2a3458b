"""Files of `sekisho eligible`: written whole or not at all, readable by their owner only."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sekisho.engine.errors import SekishoError

if TYPE_CHECKING:
    from sekisho.registers.lists.actions import HandedOver, Rechecked

ROOM = "sekisho.registers.lists"
REFUSALS = ("lists.not-writable", "lists.not-written")


def manifest_of(file: Path) -> Path:
    """Where the manifest of a list stands: list.parquet has list.manifest.json."""
    return file.with_suffix(".manifest.json")


def read_manifest(file: Path, manifest: Path | None) -> str:
    """The manifest of a list. Raises: lists.not-readable."""
    path = manifest or manifest_of(file)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SekishoError("lists.not-readable", room=ROOM, path=path, why=_why(error)) from error


def affected_in(path: Path) -> tuple[str, ...]:
    """The numbers of a file, one a line. Raises: lists.not-readable."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SekishoError("lists.not-readable", room=ROOM, path=path, why=_why(error)) from error
    return tuple(dict.fromkeys(line.strip() for line in lines if line.strip()))


def write_sent(path: Path, recheck: "Callable[[], Rechecked]") -> "Rechecked":
    """Write what a recheck left, with its manifest beside it: the place is tried before anybody is decided again.

    Raises: lists.send-not-writable, lists.send-not-written and what the recheck raises.
    """
    targets = (_Target(one, refusals=("lists.send-not-writable", "lists.send-not-written")) for one in _pair(path))
    with next(targets) as target, next(targets) as beside:
        found = recheck()
        with target.writing():
            target.file.write(found.file)
            target.file.flush()
            beside.file.write(found.manifest.encode())
    return found


def write_beside(path: Path, ref: str, hand_over: "Callable[[], AbstractContextManager[HandedOver]]") -> None:
    """Take a list out to `path`, with its manifest beside it: the place is tried before the list is taken.

    Raises: lists.not-writable, lists.not-written and what handing over raises.
    """
    targets = (_Target(one, ref) for one in _pair(path))
    with next(targets) as target, next(targets) as beside, hand_over() as handed, target.writing():
        shutil.copyfileobj(handed.file, target.file)
        target.file.flush()
        beside.file.write(handed.row.manifest.encode())


def _pair(path: Path) -> tuple[Path, Path]:
    return path, manifest_of(path)


class _Target:
    """A file that gets its name when all of it is written."""

    def __init__(self, path: Path, ref: str = "", refusals: tuple[str, str] = REFUSALS) -> None:
        self.path, self.ref = path, ref
        self.not_writable, self.not_written = refusals

    def __enter__(self) -> Self:
        try:
            descriptor, name = tempfile.mkstemp(dir=self.path.absolute().parent, suffix=".part")  # 0600
        except OSError as error:
            raise self._refusal(self.not_writable, error) from error
        self.file, self.unfinished = os.fdopen(descriptor, "wb"), Path(name)
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            with self.writing():
                self.file.flush()
                os.fsync(self.file.fileno())
                if error is None:
                    self.unfinished.replace(self.path)
        except SekishoError:
            if error is None:  # else the first trouble is told
                raise
        finally:
            self.unfinished.unlink(missing_ok=True)
            with suppress(OSError):  # what could not be written is tried once more on closing
                self.file.close()

    @contextmanager
    def writing(self) -> Generator[None]:
        """Say what kept the file from being written to its end. Raises: lists.not-written."""
        try:
            yield
        except OSError as error:
            raise self._refusal(self.not_written, error) from error

    def _refusal(self, code: str, error: OSError) -> SekishoError:
        return SekishoError(code, room=ROOM, path=self.path, why=_why(error), list=self.ref)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
