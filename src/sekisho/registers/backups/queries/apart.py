"""What is kept apart of every backup: tombstones, a copy of the ledger, the keys of backups and of seals.

The folder stands beside the home, or where SEKISHO_APART (or the home's file `apart-at`) says: better on another
machine. In it each log has a folder of its own, named after its key, so that two carriers never share one.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.note import Verifier, verifier_from
from sekisho.evidence.folder import KEY, Folder
from sekisho.registers.backups.rules import ROOM, tombstones
from sekisho.registers.backups.rules.tombstones import Head, Tombstone

VARIABLE = "SEKISHO_APART"
POINTER = "apart-at"
TOMBSTONES = "tombstones"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The folder of one log."""

    path: Path

    @property
    def tombstones(self) -> Path:
        """The file of tombstones."""
        return self.path / TOMBSTONES

    @property
    def mark(self) -> Path:
        """How far the ledger was looked through: a memo, made anew where it is missing."""
        return self.path / "mark.json"

    @property
    def ledger(self) -> Folder:
        """The copy of the ledger's files."""
        return Folder(self.path / "ledger")

    @property
    def seals(self) -> Path:
        """Keys of seals that still live."""
        return self.path / "seals"

    def backup_key(self, ref: str) -> Path:
        """The key under which a backup is sealed; it dies with the backup."""
        return self.path / "backups" / f"{ref}.key"

    def verifier(self) -> Verifier:
        """The log's public key. Raises: backups.nothing-apart."""
        text = self.ledger.read_text(KEY).strip()
        if not text:
            raise SekishoError("backups.nothing-apart", room=ROOM, folder=self.path)
        return verifier_from(text)

    def lines(self) -> Iterator[tuple[Tombstone, Head]]:
        """Every tombstone, checked. Raises: backups.tombstones-altered, backups.nothing-apart."""
        key = self.verifier().key
        if not self.tombstones.exists():
            return
        with self.tombstones.open("rb") as file:
            yield from tombstones.read(file, key)

    def head(self) -> Head:
        """The end of the file of tombstones."""
        head = Head()
        for _, last in self.lines():
            head = last
        return head


def root(home: Path) -> Path:
    """Where what is kept apart of this home stands."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).absolute()
    pointer = home / POINTER
    if pointer.exists():
        return Path(pointer.read_text(encoding="utf-8").strip())
    return home.parent / f"{home.name}.apart"


def of_log(home: Path, log: str) -> Apart:
    """The folder of one log, by the log's name."""
    return Apart(path=root(home) / log.rpartition("/")[2])
