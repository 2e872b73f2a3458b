"""Put a backup's files into an empty home. Needs neither Django nor a database: the lock is written before anything else.

Every part is held against the signed manifest, unsealed beside its place and renamed: a kill leaves whole files only,
and the same restore again goes on.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.note import Verifier
from sekisho.registers.backups.actions.sealed import unseal
from sekisho.registers.backups.queries.apart import POINTER, Apart
from sekisho.registers.backups.rules import ROOM, manifest
from sekisho.registers.backups.rules.manifest import Manifest, Part

TABLES = "tables"
UNFINISHED = ".restoring"
Step = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A backup whose manifest was believed."""

    folder: Path
    manifest: Manifest
    apart: Apart
    key: bytes


def open_backup(folder: Path, apart_root: Path) -> Opened:
    """Read a backup's manifest and its key apart.

    Raises: backups.no-backup-here, backups.nothing-apart, backups.manifest-altered, backups.expired.
    """
    document, note = folder / manifest.FILE, folder / manifest.NOTE
    if not document.exists() or not note.exists():
        raise SekishoError("backups.no-backup-here", room=ROOM, place=folder)
    contents = document.read_bytes()
    apart = Apart(path=apart_root / manifest.log_of(contents).rpartition("/")[2])
    verifier: Verifier = apart.verifier()
    read = manifest.read(contents, note.read_text(encoding="utf-8"), verifier)
    key = apart.backup_key(read.ref)
    if not key.exists():
        raise SekishoError("backups.expired", room=ROOM, backup=read.ref)
    return Opened(folder=folder, manifest=read, apart=apart, key=key.read_bytes())


def check_backup(opened: Opened, step: Step) -> int:
    """Hold every sealed part against the manifest; returns the bytes read. Raises: backups.part-altered."""
    parts = opened.manifest.parts
    total = 0
    for index, part in enumerate(parts):
        step(index, len(parts), part.system)
        found = hashlib.sha256()
        path = sealed_part(opened, part)
        if not path.exists():
            raise SekishoError("backups.part-altered", room=ROOM, part=part.part)
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                found.update(chunk)
                total += len(chunk)
        if found.hexdigest() != part.sealed_sha256:
            raise SekishoError("backups.part-altered", room=ROOM, part=part.part)
    return total


def put_back(opened: Opened, home: Path, step: Step) -> int:
    """Unseal every file into the home; returns how many. Files that stand there whole are left; tables of a server wait.

    Raises: backups.part-altered.
    """
    parts = [part for part in opened.manifest.parts if not part.path.startswith(f"{TABLES}/")]
    for index, part in enumerate(parts):
        step(index, len(parts), part.system or "files")
        target = home / part.path
        if not target.resolve().is_relative_to(home.resolve()):
            raise SekishoError("backups.manifest-altered", room=ROOM)
        if not _stands(target, part):
            _put(opened, part, target)
    for folder in {(home / part.path).parent for part in parts}:
        _sync(folder)
    _bring_seals(opened, home)
    (home / POINTER).write_text(f"{opened.apart.path.parent}\n", encoding="utf-8")
    return len(parts)


def number_of(part: Part) -> int:
    """The part's number, under which it was sealed."""
    return int(part.part)


def sealed_part(opened: Opened, part: Part) -> Path:
    """Where the part's sealed file stands."""
    return opened.folder / manifest.PARTS / f"{number_of(part):06d}"


def _put(opened: Opened, part: Part, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = target.with_name(target.name + UNFINISHED)
    plain = hashlib.sha256()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for chunk in unseal(sealed_part(opened, part), opened.key, opened.manifest.ref, number_of(part)):
            plain.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if plain.hexdigest() != part.sha256:
        new.unlink()
        raise SekishoError("backups.part-altered", room=ROOM, part=part.part)
    new.rename(target)


def _stands(target: Path, part: Part) -> bool:
    if not target.exists() or target.stat().st_size != part.size:
        return False
    found = hashlib.sha256()
    with target.open("rb") as file:
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest() == part.sha256


def _bring_seals(opened: Opened, home: Path) -> None:
    """Keys of seals that still live come from what is kept apart; those that died since stay dead."""
    folder = home / "keys" / "erasures"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if opened.apart.seals.exists():
        for key in sorted(opened.apart.seals.glob("*.key")):
            shutil.copyfile(key, folder / key.name)
            (folder / key.name).chmod(0o600)


def _sync(folder: Path) -> None:
    if folder.is_dir():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
