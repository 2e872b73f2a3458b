"""What a person has agreed to, and how far the consent ledger has come."""

from collections.abc import Iterator
from datetime import datetime

from sekisho.registers.consents import rules
from sekisho.registers.consents.models import ConsentEvent, EpochCounter
from sekisho.registers.consents.rules import ConsentKind, Event, Standing

__all__ = [
    "ConsentKind",
    "Standing",
    "all_events",
    "counts",
    "epoch",
    "history_of",
    "standing_of",
]


def standing_of(person: str, at: datetime, *, up_to_epoch: int | None = None) -> Standing:
    """The person's standing from events up to and including `at`; with an epoch, only from what was known by then."""
    events = ConsentEvent.objects.filter(person_ref=person, at__lte=at).order_by("epoch")
    if up_to_epoch is not None:
        events = events.filter(epoch__lte=up_to_epoch)
    return rules.standing((_event(row) for row in events), epoch())


def epoch() -> int:
    """The last epoch committed: every decision that begins after a change sees at least its epoch."""
    return EpochCounter.objects.values_list("last", flat=True).first() or 0


def history_of(person: str) -> tuple[ConsentEvent, ...]:
    """Every event of a person, oldest first, for the person page."""
    return tuple(ConsentEvent.objects.filter(person_ref=person).order_by("epoch"))


def all_events(after_epoch: int = 0) -> Iterator[tuple[int, str, Event]]:
    """Every event after an epoch as (epoch, person, event), in order, streamed."""
    for row in ConsentEvent.objects.filter(epoch__gt=after_epoch).order_by("epoch").iterator(chunk_size=5000):
        yield row.epoch, row.person_ref, _event(row)


def counts() -> dict[str, int]:
    """How many events there are: all, those without a notice version or a channel, those from mere continued use."""
    total = ConsentEvent.objects.count()
    return {
        "events": total,
        "without_notice": ConsentEvent.objects.filter(notice_era="").count(),
        "without_channel": ConsentEvent.objects.filter(channel="").count(),
        "continued_use": ConsentEvent.objects.filter(channel="continued_use").count(),
        "objections": ConsentEvent.objects.filter(kind=ConsentKind.OBJECTION, given=True).count(),
        "accepted": ConsentEvent.objects.filter(kind=ConsentKind.ACCEPTED_PURPOSE, given=True).count(),
    }


def _event(row: ConsentEvent) -> Event:
    return Event(kind=ConsentKind(row.kind), scope=row.scope, given=row.given, notice_era=row.notice_era, at=row.at)
