"""Which process carries jobs out: a lock on a file of the home, which the operating system takes back from the dead.

A lease with a clock would make everybody wait for it after a crash. The ledger's folder and the stores of an embedded
carrier stand in the same home, so whoever may work reaches the same lock.
"""

import fcntl
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self


@dataclass(slots=True)
class Lease:
    """One place among the workers; its name is the executor's id, the same again for whoever comes next."""

    executor: str
    file: IO[str]

    @classmethod
    def take(cls, home: Path, places: int) -> Self | None:
        """The first free place; None where all are taken."""
        for number in range(places):
            lease = cls.take_named(home, f"worker-{number}")
            if lease is not None:
                return lease
        return None

    @classmethod
    def take_named(cls, home: Path, executor: str) -> Self | None:
        """This place, if nobody living has it."""
        folder = home / "jobs"
        folder.mkdir(mode=0o700, exist_ok=True)
        file = (folder / f"{executor}.lock").open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        return cls(executor=executor, file=file)

    def release(self) -> None:
        """Give the place up."""
        self.file.close()
