"""What the ledger can show: receipts, certificates, its state, the witness's, and whether it holds."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import canonical
from sekisho.evidence import checking, keys, limits, witness
from sekisho.evidence.body import ROOM
from sekisho.evidence.folder import CHECKPOINT, Folder
from sekisho.evidence.models import Checkpoint, Entry
from sekisho.evidence.portions import in_portions
from sekisho.evidence.receipts import CERTIFICATE, receipt_of


class WitnessState(StrEnum):
    """How far an outsider can see that nothing was cut off."""

    NONE = "none"  # no witness configured: truncation would go unseen
    BEHIND = "behind"
    CURRENT = "current"
    REFUSED = "refused"  # what it holds is not ours, or our ledger does not continue it


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """The ledger at a glance."""

    entries: int
    waiting: int
    size: int
    checkpoint_at: datetime | None
    witness: WitnessState


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """One entry, read: its body as it was sealed."""

    entry: str
    kind: str
    at: datetime
    written_at: datetime  # by the database's clock
    index: int | None
    body: Mapping[str, object]


def receipt(entry: str) -> dict[str, object]:
    """What anyone can check offline: the entry, its index, the inclusion proof and the checkpoint.

    Raises: evidence.unknown-entry; evidence.not-covered-yet until a checkpoint covers it.
    """
    row = _row(entry)
    last = Checkpoint.objects.order_by("-size").first()
    if row.index is None or last is None or row.index >= last.size:
        raise SekishoError("evidence.not-covered-yet", room=ROOM, entry=entry)
    home = Path(settings.HOME)
    return receipt_of(
        leaf=bytes(row.leaf),
        index=row.index,
        note=last.note,
        verifier=keys.signer(home).verifier,
        folder=Folder(home / "ledger"),
    )


def certificate(entry: str, body: Mapping[str, object]) -> dict[str, object]:
    """A receipt with the document it is for. The entry's body holds `certificate`: `digest_of` that document.

    Raises: evidence.unknown-entry, evidence.not-covered-yet, evidence.not-its-document.
    """
    if record(entry).body.get("certificate") != digest_of(body):
        raise SekishoError("evidence.not-its-document", room=ROOM, entry=entry)
    return receipt(entry) | {"format": CERTIFICATE, "body": dict(body)}


def digest_of(body: Mapping[str, object]) -> str:
    """The SHA-256 of a document in canonical JSON: what its entry carries under `certificate`."""
    return sha256(canonical(body)).hexdigest()


def record(entry: str) -> EntryRecord:
    """One entry. Raises: evidence.unknown-entry."""
    return _record(_row(entry))


def records(*, kinds: Iterable[str] = (), newest: int = 100) -> tuple[EntryRecord, ...]:
    """The newest entries, newest first; of these kinds only, if any are named."""
    rows = Entry.objects.order_by("-id")
    wanted = list(kinds)
    return tuple(_record(row) for row in (rows.filter(kind__in=wanted) if wanted else rows)[:newest])


def numbered_from(index: int, kinds: Iterable[str]) -> Iterator[EntryRecord]:
    """Entries of these kinds in the order of their number, from `index` on."""
    yield from map(_record, in_portions(Entry.objects.filter(index__gte=index, kind__in=list(kinds)), by="index"))


def unnumbered(kinds: Iterable[str]) -> tuple[EntryRecord, ...]:
    """Entries of these kinds that still wait for their number, oldest first."""
    return tuple(map(_record, Entry.objects.filter(index=None, kind__in=list(kinds)).order_by("id")))


def counts() -> dict[str, int]:
    """How many entries there are of each kind."""
    return dict(Entry.objects.values_list("kind").annotate(count=Count("id")).order_by("kind"))


def state() -> LedgerState:
    """The ledger at a glance."""
    last = Checkpoint.objects.order_by("-size").first()
    return LedgerState(
        entries=Entry.objects.count(),
        waiting=Entry.objects.filter(index=None).count(),
        size=last.size if last else 0,
        checkpoint_at=last.at if last else None,
        witness=witness_state(),
    )


def witness_state() -> WitnessState:
    """Whether an outsider holds our newest checkpoint."""
    home = Path(settings.HOME)
    place, verifier = witness.place(home), keys.verifier(home)
    if place is None or verifier is None:
        return WitnessState.NONE
    try:
        seen = witness.last_seen(place, verifier)
    except SekishoError:
        return WitnessState.REFUSED
    last = Checkpoint.objects.order_by("-size").first()
    if seen is None:
        return WitnessState.BEHIND
    if last is None or seen.size > last.size:
        return WitnessState.REFUSED
    same = Checkpoint.objects.filter(size=seen.size).first()
    if same is None or bytes(same.root) != seen.root:
        return WitnessState.REFUSED
    return WitnessState.CURRENT if seen.size == last.size else WitnessState.BEHIND


def verify(*, at: datetime) -> checking.Check:
    """Check the whole ledger: rows, checkpoints, files, the witness's copy, and entries waiting too long."""
    home = Path(settings.HOME)
    place = witness.place(home)
    note = Folder(place).read_text(CHECKPOINT) if place else ""
    heads = tuple(
        checking.Head(size=row.size, root=bytes(row.root), note=row.note) for row in Checkpoint.objects.order_by("size")
    )
    found = checking.check(
        rows=map(_checked, in_portions(Entry.objects.exclude(index=None), by="index")),
        heads=heads,
        verifier=keys.verifier(home),
        folder=Folder(home / "ledger"),
        seen=(note,) if note else (),
    )
    waiting = list(Entry.objects.filter(index=None).values_list("written_at", flat=True))
    checking.add_waiting(found, waiting, at, limits.WAITING)
    return found


def _row(entry: str) -> Entry:
    try:
        return Entry.objects.get(entry=UUID(entry))
    except (ValueError, Entry.DoesNotExist):
        raise SekishoError("evidence.unknown-entry", room=ROOM, entry=entry if entry.isascii() else "?") from None


def _record(row: Entry) -> EntryRecord:
    body = json.loads(bytes(row.leaf))["body"]
    return EntryRecord(
        entry=str(row.entry),
        kind=row.kind,
        at=row.at.astimezone(UTC),
        written_at=row.written_at.astimezone(UTC),
        index=row.index,
        body=body,
    )


def _checked(row: Entry) -> checking.Row:
    return checking.Row(
        id=row.pk,
        entry=str(row.entry),
        kind=row.kind,
        leaf=bytes(row.leaf),
        leaf_hash=bytes(row.leaf_hash),
        at=row.at,
        index=-1 if row.index is None else row.index,
    )
