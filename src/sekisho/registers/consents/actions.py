"""Writing down what a person agrees to, objects to or withdraws."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.consents.models import ConsentEvent, EpochCounter
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.identities import actions as identities

BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConsent:
    """An event to write down. `at` is aware UTC and may lie in the past (a paper form keyed today)."""

    person: str
    kind: ConsentKind
    scope: str
    given: bool
    notice_era: str
    channel: str
    at: datetime


def record(*, consent: NewConsent, at: datetime, acting_user: str) -> int:
    """Write down one event; returns its epoch. It binds every decision that begins after this commits.

    Evidence: `consents.recorded`.
    """
    with transaction.atomic():
        epoch = _write([consent])
        append(
            kind="consents.recorded",
            body={
                "person": consent.person,
                "kind": consent.kind.value,
                "scope": consent.scope,
                "given": consent.given,
                "notice": consent.notice_era,
                "channel": consent.channel,
                "epoch": epoch,
                "by": acting_user,
            },
            at=at,
        )
    return epoch


def import_events(*, consents: Iterable[NewConsent], at: datetime, acting_user: str) -> int:
    """Write down many events at once, in order; returns the last epoch. Evidence: `consents.imported`."""
    new = list(consents)
    with transaction.atomic():
        epoch = _write(new)
        append(kind="consents.imported", body={"events": len(new), "epoch": epoch, "by": acting_user}, at=at)
    return epoch


def forget(*, person: str, at: datetime, acting_user: str) -> int:
    """Erase a person's events; returns how many. Part of an erasure. Evidence: `consents.forgotten`."""
    with transaction.atomic():
        count, _ = ConsentEvent.objects.filter(person_ref=person).delete()
        if count:
            epoch = _next_epoch(1)
            identities.note_change(person=person)  # no event tells of it: whoever folds events has to be told
            append(
                kind="consents.forgotten",
                body={"person": person, "events": count, "epoch": epoch, "by": acting_user},
                at=at,
            )
    return count


def _write(new: list[NewConsent]) -> int:
    last = _next_epoch(len(new))
    first = last - len(new) + 1
    ConsentEvent.objects.bulk_create(
        (
            ConsentEvent(
                epoch=first + offset,
                person_ref=c.person,
                kind=c.kind.value,
                scope=c.scope,
                given=c.given,
                notice_era=c.notice_era,
                channel=c.channel,
                at=c.at,
            )
            for offset, c in enumerate(new)
        ),
        batch_size=BATCH,
    )
    return last


def _next_epoch(count: int) -> int:
    """Reserve `count` epochs; the row lock (SQLite: the write lock) keeps them gapless in commit order."""
    EpochCounter.objects.get_or_create(pk=1)
    counter = EpochCounter.objects.select_for_update().get(pk=1)
    counter.last += count
    counter.save(update_fields=["last"])
    return counter.last
