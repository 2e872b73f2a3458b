"""The ledger as files that anyone may copy: `ledger/` in the carrier's home, in tlog-tiles layout."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

CHECKPOINT = "checkpoint"
KEY = "key"  # the verifier key, as text


class Folder:
    """A folder of tiles. Files appear whole or not at all, and are on the disk before anything names them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self, name: str) -> bytes:
        """The contents of a file. Raises FileNotFoundError."""
        return (self.path / name).read_bytes()

    def read_text(self, name: str) -> str:
        """A text file; empty where there is none."""
        path = self.path / name
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files durably, each under its final name only when it is complete."""
        touched: set[Path] = set()
        for name, contents in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, new = tempfile.mkstemp(dir=path.parent, prefix=".new-")
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(file.fileno(), 0o644)
                file.write(contents)
                file.flush()
                os.fsync(file.fileno())
            Path(new).replace(path)
            touched.add(path.parent)
        for folder in touched:
            _sync(folder)

    def drop_partials(self, names: Mapping[str, bytes]) -> None:
        """Remove the partial forms of tiles that are now full."""
        for name in names:
            if ".p/" not in name:
                shutil.rmtree(self.path / f"{name}.p", ignore_errors=True)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep every other process of this machine out while writing."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
