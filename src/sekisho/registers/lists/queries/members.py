"""Which lists that left for somebody else held a person, and of which nobody can say any more."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.rules.members import holds

FOLDER = "handed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedList:
    """A list that left for a recipient. `evidence`: the entry that says it was built."""

    ref: str
    recipient: str
    act: str
    purpose: str
    items: tuple[str, ...]
    at: datetime
    evidence: str


def handed_with(person: str) -> Iterator[HandedList]:
    """The lists that left and held this person, the newest first, as far as it is known."""
    for row in _left():
        marks, key = marks_of(row.ref), key_of(row.ref)
        if marks.exists() and key.exists() and holds(marks.read_bytes(), key.read_bytes(), person):
            yield _told(row)


def handed_unknown() -> tuple[HandedList, ...]:
    """The lists that left and of which is no longer known, or never was, who stood on them; the newest first."""
    return tuple(_told(row) for row in _left() if not (marks_of(row.ref).exists() and key_of(row.ref).exists()))


def marks_of(ref: str) -> Path:
    """Where the marks of a list that left stand."""
    return Path(settings.HOME) / FOLDER / f"{ref}.marks"


def key_of(ref: str) -> Path:
    """Where the key of those marks stands."""
    return Path(settings.HOME) / "keys" / FOLDER / f"{ref}.key"


def _left() -> Iterator[EligibleList]:
    rows = EligibleList.objects.filter(handed_over_at__isnull=False).exclude(recipient="")
    yield from rows.order_by("-handed_over_at", "-id")


def _told(row: EligibleList) -> HandedList:
    if row.handed_over_at is None:
        raise ValueError(row.ref)  # asked for above
    return HandedList(
        ref=row.ref,
        recipient=row.recipient,
        act=row.act,
        purpose=row.purpose,
        items=tuple(row.carried or row.items),
        at=row.handed_over_at,
        evidence=row.entry,
    )
