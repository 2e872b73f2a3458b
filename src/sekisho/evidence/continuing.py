"""A restored ledger is older than what was signed since. It takes the newer entries over and goes on; it never forks.

Whoever restores an old copy and signs new entries after it has two ledgers with one name. So the newer one, kept apart,
is read back first: every leaf, held against the signed root. What came with those entries in other tables is lost, and
the entry `evidence.taken-over` says from where to where.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Max

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle import tiles
from sekisho.engine.merkle.checkpoint import Checkpoint as Head
from sekisho.engine.merkle.checkpoint import read_checkpoint
from sekisho.engine.merkle.note import Verifier
from sekisho.engine.merkle.tree import Tree, leaf_hash
from sekisho.evidence import keys
from sekisho.evidence.actions import append, restore_files
from sekisho.evidence.body import ROOM
from sekisho.evidence.folder import CHECKPOINT, Folder
from sekisho.evidence.models import Checkpoint, Entry
from sekisho.evidence.portions import in_portions
from sekisho.evidence.writing import writing

TAKEN_OVER = "evidence.taken-over"
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """How far the ledger was, how far it is now, and what the newer entries were."""

    old: int
    new: int
    kinds: dict[str, int]


def leaves_of(folder: Folder, size: int, start: int = 0) -> Iterator[bytes]:
    """The leaves of a ledger's files, in order, from index `start` on. Raises: evidence.ledger-broken."""
    for number in range(start // tiles.WIDTH, -(-size // tiles.WIDTH)):
        first = number * tiles.WIDTH
        try:
            found = tiles.unbundle(folder.read(tiles.entries_path(number, min(tiles.WIDTH, size - first))))
        except (FileNotFoundError, ValueError):
            raise SekishoError("evidence.ledger-broken", room=ROOM, size=size) from None
        yield from found[max(0, start - first) :]


def head_of(folder: Folder, verifier: Verifier) -> Head | None:
    """The signed head of a ledger's files; None where there is none. Raises: note.*, checkpoint.malformed."""
    note = folder.read_text(CHECKPOINT)
    return read_checkpoint(note, verifier) if note else None


def is_whole(folder: Folder, verifier: Verifier) -> bool:
    """Whether every leaf of the files is there and leads to the signed root."""
    head = head_of(folder, verifier)
    if head is None:
        return False
    tree = Tree()
    try:
        for leaf in leaves_of(folder, head.size):
            tree.append(leaf_hash(leaf))
    except SekishoError:
        return False
    return tree.size == head.size and tree.root() == head.root


def take_over(source: Folder, *, at: datetime, acting_user: str) -> TakenOver:
    """Read the entries that the restored ledger lacks back from a newer copy. A repeat is a no-op.

    Evidence: `evidence.taken-over` from index to index. Raises: evidence.ledger-broken where the copy does not continue
    what was restored, or its leaves are not what was signed.
    """
    home = Path(settings.HOME)
    verifier = keys.signer(home).verifier
    head = head_of(source, verifier)
    old = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    if head is None or head.size <= old:
        restore_files()
        return TakenOver(old=old, new=old, kinds={})
    tree, kinds = Tree(), dict[str, int]()
    for row in in_portions(Entry.objects.exclude(index=None), by="index"):
        tree.append(leaf_hash(bytes(row.leaf)))
    new = list(leaves_of(source, head.size, old))
    for leaf in new:
        tree.append(leaf_hash(leaf))
    if tree.size != head.size or tree.root() != head.root:
        raise SekishoError("evidence.ledger-broken", room=ROOM, size=head.size)
    with writing():
        for start in range(0, len(new), BATCH):
            _take(new[start : start + BATCH], old + start, kinds)
        note = source.read_text(CHECKPOINT)
        Checkpoint.objects.create(size=head.size, root=head.root, note=note, at=at)
        append(kind=TAKEN_OVER, body={"from": old, "to": head.size, "by": acting_user}, at=at)
    restore_files()
    return TakenOver(old=old, new=head.size, kinds=kinds)


def _take(leaves: list[bytes], first: int, kinds: dict[str, int]) -> None:
    """Write leaves down, then number them: what waited unnumbered in the restored ledger only gets its number."""
    said = [json.loads(leaf) for leaf in leaves]
    ids = [UUID(one["id"]) for one in said]
    waiting = set(Entry.objects.filter(entry__in=ids, index=None).values_list("entry", flat=True))
    for leaf, one, id_ in zip(leaves, said, ids, strict=True):
        kinds[one["kind"]] = kinds.get(one["kind"], 0) + 1
        if id_ not in waiting:
            at = datetime.fromisoformat(one["at"]).astimezone(UTC)
            Entry.objects.create(entry=id_, kind=one["kind"], leaf=leaf, leaf_hash=leaf_hash(leaf), at=at)
    rows = dict(Entry.objects.filter(entry__in=ids).values_list("entry", "id"))
    with connection.cursor() as cursor:
        cursor.executemany(
            'UPDATE evidence_entry SET "index" = %s WHERE id = %s AND "index" IS NULL',
            [(first + offset, rows[id_]) for offset, id_ in enumerate(ids)],
        )
