"""Keep apart what a restore must not undo. Writes no row: it copies what the ledger already says, and may be repeated."""

import fcntl
import json
import os
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.checkpoint import read_checkpoint
from sekisho.engine.merkle.note import Signer
from sekisho.evidence import keys, queries, witness
from sekisho.evidence.body import instant
from sekisho.evidence.folder import CHECKPOINT, KEY, Folder
from sekisho.registers.backups.queries.apart import Apart, of_log
from sekisho.registers.backups.queries.due import bodies_of
from sekisho.registers.backups.rules import ROOM, tombstones
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.backups.rules.tombstones import Head
from sekisho.registers.retention.queries.replaying import sealed_plans

ROUND = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What one round added, and how far it is."""

    added: int
    count: int


@dataclass(slots=True, kw_only=True)
class _Mark:
    """Entries below `index` are all written apart; ids of those above stand in the file from byte `offset` on.

    `round`: by which rules. Marks by earlier ones, which passed over sealed entries of sweeps, are set anew from the beginning.
    """

    index: int = 0
    offset: int = 0
    count: int = 0
    sha256: str = tombstones.BEGINNING
    round: int = 0


def keep_tombstones() -> Kept:
    """Write apart every entry of the ledger that a restore must not undo and that is not there yet.

    Raises: backups.apart-not-usable, backups.tombstones-altered.
    """
    home = Path(settings.HOME)
    signer = keys.signer(home)
    apart = of_log(home, signer.name)
    try:
        with _alone(apart):
            _introduce(apart, signer)
            return _catch_up(apart, signer)
    except OSError as error:
        raise _not_usable(apart, error) from error


def keep_apart() -> Kept:
    """Tombstones, then the ledger's files as far as they are signed, then the keys of seals that live.

    Raises: backups.apart-not-usable, backups.tombstones-altered, evidence.witness-refused.
    """
    home = Path(settings.HOME)
    signer = keys.signer(home)
    apart = of_log(home, signer.name)
    kept = keep_tombstones()
    try:
        with _alone(apart):
            _copy_ledger(apart, home, signer)
            _copy_seals(apart, home)
    except OSError as error:
        raise _not_usable(apart, error) from error
    return kept


def _not_usable(apart: Apart, error: OSError) -> SekishoError:
    why = error.strerror or type(error).__name__
    return SekishoError("backups.apart-not-usable", room=ROOM, folder=apart.path, why=why)


@contextmanager
def _alone(apart: Apart) -> Generator[None]:
    apart.path.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (apart.path / ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _introduce(apart: Apart, signer: Signer) -> None:
    if not apart.ledger.read_text(KEY):
        apart.ledger.path.mkdir(parents=True, exist_ok=True)
        apart.ledger.write({KEY: f"{signer.verifier}\n".encode()})


def _catch_up(apart: Apart, signer: Signer) -> Kept:
    mark = _mark(apart)
    known, head = _known(apart, mark, signer)
    kinds = limits().kinds
    state = queries.state()
    numbered = list(queries.numbered_from(mark.index, kinds))
    waiting = queries.unnumbered(kinds)
    lines = []
    for entry in (*numbered, *waiting):
        if entry.entry in known:
            continue
        for body in bodies_of(entry):
            written, head = tombstones.line(
                head, signer.seed, kind=entry.kind, entry=entry.entry, at=instant(entry.at), body=body
            )
            lines.append(written)
    _append(apart.tombstones, b"".join(lines))
    if not waiting and state.size > mark.index:
        end = apart.tombstones.stat().st_size if apart.tombstones.exists() else 0
        # What was numbered while we looked has been seen above the size, or waits for the next round.
        told = {"index": state.size, "offset": end, "count": head.count, "sha256": head.sha256, "round": ROUND}
        Folder(apart.path).write({apart.mark.name: json.dumps(told).encode()})
    return Kept(added=len(lines), count=head.count)


def _known(apart: Apart, mark: _Mark, signer: Signer) -> tuple[set[str], Head]:
    """Ids after the mark, each line checked; a line that a crash left unfinished is cut off."""
    begins = last = Head(count=mark.count, sha256=mark.sha256)
    known: set[str] = set()
    if not apart.tombstones.exists():
        if mark.count:
            raise SekishoError("backups.tombstones-altered", room=ROOM, line=mark.count)
        return known, last
    end = mark.offset
    with apart.tombstones.open("r+b") as file:
        file.seek(mark.offset)
        lines = file.readlines()
        for (stone, head), written in zip(tombstones.read(lines, signer.verifier.key, begins), lines, strict=False):
            last = head
            known.add(stone.entry)
            end += len(written)
        file.truncate(end)
    return known, last


def _mark(apart: Apart) -> _Mark:
    if not apart.mark.exists():
        return _Mark()
    try:
        mark = _Mark(**json.loads(apart.mark.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        return _Mark()
    return mark if mark.round == ROUND else _Mark()


def _append(path: Path, contents: bytes) -> None:
    if not contents:
        return
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


def _copy_ledger(apart: Apart, home: Path, signer: Signer) -> None:
    """Tiles first, then the checkpoint, and only one that continues the last."""
    source, target = Folder(home / "ledger"), apart.ledger
    if not (source.path / CHECKPOINT).exists():
        return
    with source.alone():
        note = source.read_text(CHECKPOINT)
        if note == target.read_text(CHECKPOINT):
            return
        head = read_checkpoint(note, signer.verifier)
        files = [path for path in tiles.paths(head.size) if not (target.path / path).exists()]
        target.write({path: source.read(path) for path in files})
    witness.accept(target.path, note, signer.verifier, target.read)
    for path in files:
        if ".p/" not in path:
            target.drop_partials({path: b""})


def _copy_seals(apart: Apart, home: Path) -> None:
    """The key of a seal lives as long as the seal: it is copied while the plan is sealed and destroyed with it."""
    live = sealed_plans()
    source = home / "keys" / "erasures"
    apart.seals.mkdir(mode=0o700, exist_ok=True)
    for ref in sorted(live):
        key, copy = source / f"{ref}.key", apart.seals / f"{ref}.key"
        if key.exists() and not copy.exists():
            Folder(apart.seals).write({copy.name: key.read_bytes()})
            copy.chmod(0o600)
    for copy in apart.seals.glob("*.key"):
        if copy.stem not in live:
            destroy(copy)


def destroy(key: Path) -> None:
    """Overwrite a key and remove it. A repeat is a no-op."""
    if not key.exists():
        return
    with key.open("r+b") as file:
        file.write(os.urandom(key.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    key.unlink()
