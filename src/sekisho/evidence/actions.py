"""The only writer of evidence: append an entry, number entries and sign, hand checkpoints to the witness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle import checkpoint as heads
from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.tree import leaf_hash, root
from sekisho.evidence import keys, listening, witness
from sekisho.evidence.body import ROOM, leaf_of
from sekisho.evidence.folder import CHECKPOINT, KEY, Folder
from sekisho.evidence.models import Checkpoint, Entry, SequencerLease
from sekisho.evidence.writing import writing

LEASE = timedelta(seconds=10)
MOST_AT_ONCE = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequenced:
    """What one round of the sequencer did."""

    is_holder: bool  # False: somebody else holds the lease
    added: int = 0
    size: int = 0
    more: bool = False  # entries are still waiting


def append(*, kind: str, body: Mapping[str, object], at: datetime, entry: str | None = None) -> str:
    """Write one entry, unnumbered, as part of the caller's transaction; returns its id.

    `body` holds references, codes, counts, hashes and salted commitments. `entry`: an id from `new_entry`, where the
    body commits to something salted under it.

    Raises: evidence.outside-transaction, evidence.personal-data-shape, evidence.too-large.
    """
    if not connection.in_atomic_block:
        raise SekishoError("evidence.outside-transaction", room=ROOM, kind=kind)
    entry = entry or new_entry()
    leaf = leaf_of(entry=entry, kind=kind, body=body, at=at)
    Entry.objects.create(entry=UUID(entry), kind=kind, leaf=leaf, leaf_hash=leaf_hash(leaf), at=at)
    listening.tell(kind)
    return entry


def new_entry() -> str:
    """An id for an entry to come."""
    return str(uuid4())


def sequence(*, at: datetime, holder: str) -> Sequenced:
    """Number what is committed and waiting, write it into the tree's files, and sign.

    A crash at any point leaves a ledger that the next round completes: files not yet named by a checkpoint are written
    again, a checkpoint not yet published is published. Nothing is ever signed that does not continue what was signed.

    Raises: evidence.ledger-broken.
    """
    if not _hold_lease(holder, at):
        return Sequenced(is_holder=False)
    folder = Folder(Path(settings.HOME) / "ledger")
    with folder.alone():
        last = Checkpoint.objects.order_by("-size").first()
        size = last.size if last else 0
        waiting = list(Entry.objects.filter(index=None).order_by("id").values_list("id", "leaf")[: MOST_AT_ONCE + 1])
        more, waiting = len(waiting) > MOST_AT_ONCE, waiting[:MOST_AT_ONCE]
        _require_intact(folder, last)
        if waiting:
            growth = tiles.grow(folder.read, size, [bytes(leaf) for _, leaf in waiting])
            folder.write(growth.files)
            last = _number_and_sign([row for row, _ in waiting], size, growth, at)
            folder.drop_partials(growth.files)
        if last and folder.read_text(CHECKPOINT) != last.note:
            log = keys.signer(Path(settings.HOME)).verifier
            folder.write({KEY: f"{log}\n".encode(), CHECKPOINT: last.note.encode()})
    return Sequenced(is_holder=True, added=len(waiting), size=last.size if last else 0, more=more)


def release(*, holder: str) -> None:
    """Give the lease up, so that the next holder need not wait for it to run out."""
    with writing():
        SequencerLease.objects.filter(pk=1, holder=holder).update(holder="", until=None)


def hand_to_witness() -> bool:
    """Give the witness the newest checkpoint, if one is configured; returns whether it now has it.

    Raises: evidence.witness-refused where the checkpoint does not continue what the witness has seen.
    """
    home = Path(settings.HOME)
    place = witness.place(home)
    last = Checkpoint.objects.order_by("-size").first()
    if place is None or last is None:
        return False
    witness.accept(place, last.note, keys.signer(home).verifier, Folder(home / "ledger").read)
    return True


def restore_files() -> bool:
    """Write the tree's files anew from the entries if any is missing, as after a restore; returns whether it did.

    Raises: evidence.ledger-broken where the entries are not what was signed.
    """
    folder = Folder(Path(settings.HOME) / "ledger")
    last = Checkpoint.objects.order_by("-size").first()
    if last is None or all((folder.path / path).exists() for path in tiles.paths(last.size)):
        return False
    with folder.alone():
        _rewrite(folder, last)
    return True


def _hold_lease(holder: str, at: datetime) -> bool:
    with writing():
        SequencerLease.objects.get_or_create(pk=1)
        lease = SequencerLease.objects.select_for_update().get(pk=1)
        if lease.holder not in ("", holder) and lease.until is not None and lease.until > at:
            return False
        lease.holder, lease.until = holder, at + LEASE
        lease.save(update_fields=["holder", "until"])
    return True


def _require_intact(folder: Folder, last: Checkpoint | None) -> None:
    """The right edge of the files must lead to the signed root; files that were lost are written again."""
    if last is None:
        return
    try:
        if root(tiles.nodes_of(folder.read, last.size), last.size) == bytes(last.root):
            return
    except (FileNotFoundError, ValueError):
        pass
    _rewrite(folder, last)


def _rewrite(folder: Folder, last: Checkpoint) -> None:
    rows = Entry.objects.filter(index__lt=last.size).order_by("index").values_list("leaf", flat=True)
    growth = tiles.grow(folder.read, 0, [bytes(leaf) for leaf in rows.iterator()])
    if growth.size != last.size or growth.root != bytes(last.root):
        raise SekishoError("evidence.ledger-broken", room=ROOM, size=last.size)
    folder.write(growth.files)
    folder.write({CHECKPOINT: last.note.encode()})


def _number_and_sign(rows: list[int], size: int, growth: tiles.Growth, at: datetime) -> Checkpoint:
    signer = keys.signer(Path(settings.HOME))
    head = heads.Checkpoint(origin=signer.name, size=growth.size, root=growth.root)
    with writing():
        with connection.cursor() as cursor:
            cursor.executemany(
                'UPDATE evidence_entry SET "index" = %s WHERE id = %s AND "index" IS NULL',
                [(size + offset, row) for offset, row in enumerate(rows)],
            )
        # Two sequencers can't both get here for the same size: both the index and the size are unique.
        return Checkpoint.objects.create(size=growth.size, root=growth.root, note=signer.sign(head.text()), at=at)
