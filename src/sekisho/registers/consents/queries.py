"""What a person has agreed to, and how far the consent ledger has come."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from sekisho.evidence.portions import in_portions
from sekisho.evidence.reading import Arm, Row, flag, instant, stream, text
from sekisho.registers.consents import rules
from sekisho.registers.consents.models import ConsentEvent, EpochCounter
from sekisho.registers.consents.rules import ConsentKind, Event, Standing

__all__ = [
    "EPOCH",
    "EVENTS",
    "ConsentKind",
    "Event",
    "Standing",
    "all_events",
    "counts",
    "epoch",
    "epoch_in",
    "events_in",
    "everything_said",
    "history_of",
    "last_event",
    "latest",
    "persons_with_events_after",
    "rows_after",
    "rows_of",
    "standing_from",
    "standing_of",
]


COLUMNS = ("epoch", "person_ref", "kind", "scope", "given", "at")
EPOCH = Arm(name="epoch", table="consents_epochcounter", columns=("id", "last"))
EVENTS = Arm(
    name="consents",
    table="consents_consentevent",
    columns=("person_ref", "epoch", "kind", "scope", "given", "notice_era", "at"),
    where="person_ref IN ({keys})",
)


def standing_of(person: str, at: datetime, *, up_to_epoch: int | None = None) -> Standing:
    """The person's standing from events up to and including `at`; with an epoch, only from what was known by then."""
    events = ConsentEvent.objects.filter(person_ref=person, at__lte=at).order_by("epoch")
    if up_to_epoch is not None:
        events = events.filter(epoch__lte=up_to_epoch)
    return rules.standing((_event(row) for row in events), epoch())


def epoch() -> int:
    """The last epoch committed: every decision that begins after a change sees at least its epoch."""
    return EpochCounter.objects.values_list("last", flat=True).first() or 0


def epoch_in(rows: Iterable[Row]) -> int:
    """The last epoch committed, from rows of `EPOCH`."""
    first = min(((int(row[0] or 0), int(row[1] or 0)) for row in rows), default=(0, 0))
    return first[1]


def events_in(rows: Iterable[Row]) -> dict[str, tuple[Event, ...]]:
    """Each person's events in order, from rows of `EVENTS`."""
    found: dict[str, list[tuple[int, Event]]] = {}
    for person, epoch_of, kind, scope, given, era, at, *_ in rows:
        event = Event(
            kind=ConsentKind(str(kind)),
            scope=text(scope),
            given=flag(given),
            notice_era=text(era),
            at=instant(at) or datetime.max.replace(tzinfo=UTC),
        )
        found.setdefault(text(person), []).append((int(epoch_of or 0), event))
    return {
        person: tuple(event for _, event in sorted(events, key=lambda one: one[0])) for person, events in found.items()
    }


def standing_from(events: Iterable[Event], at: datetime, epoch: int) -> Standing:
    """The standing from events already read, up to and including `at`."""
    return rules.standing((event for event in events if event.at <= at), epoch)


def history_of(person: str) -> tuple[ConsentEvent, ...]:
    """Every event of a person, oldest first, for the person page."""
    return tuple(ConsentEvent.objects.filter(person_ref=person).order_by("epoch"))


def events_between(after: int, up_to: int) -> tuple[ConsentEvent, ...]:
    """The events after an epoch up to another, in order; those of people erased since are gone."""
    return tuple(ConsentEvent.objects.filter(epoch__gt=after, epoch__lte=up_to).order_by("epoch"))


def is_recorded(person: str, kind: ConsentKind, scope: str, *, given: bool, at: datetime) -> bool:
    """Whether the ledger of consents has this very event."""
    return ConsentEvent.objects.filter(person_ref=person, kind=kind.value, scope=scope, given=given, at=at).exists()


def all_events(after_epoch: int = 0) -> Iterator[tuple[int, str, Event]]:
    """Every event after an epoch as (epoch, person, event), in order, streamed."""
    for row in in_portions(ConsentEvent.objects.filter(epoch__gt=after_epoch), by="epoch"):
        yield row.epoch, row.person_ref, _event(row)


def rows_after(epoch: int, up_to: int) -> Iterator[tuple[int, str, str, str, bool, datetime]]:
    """Every event after an epoch up to another: epoch, person, kind, scope, given, at. In order, streamed, plain."""
    rows = ConsentEvent.objects.filter(epoch__gt=epoch, epoch__lte=up_to).order_by("epoch")
    yield from rows.values_list(*COLUMNS).iterator(chunk_size=20_000)


def everything_said(after: int, up_to: int) -> Iterator[list[Row]]:
    """Every event after an epoch up to another, in portions: person, kind, scope, given (1 or 0)."""
    columns = ("person_ref", "kind", "scope", "given:number")
    return stream("consents_consentevent", columns, order="epoch", above=after, up_to=up_to)


def rows_of(persons: Sequence[str], up_to: int) -> Iterator[tuple[int, str, str, str, bool, datetime]]:
    """The events of these persons up to an epoch, in the order of epochs within a person."""
    for start in range(0, len(persons), 900):
        rows = ConsentEvent.objects.filter(person_ref__in=persons[start : start + 900], epoch__lte=up_to)
        yield from rows.order_by("epoch").values_list(*COLUMNS)


def persons_with_events_after(at: datetime, up_to: int) -> tuple[str, ...]:
    """Who has an event that is told of as later than an instant, up to an epoch."""
    rows = ConsentEvent.objects.filter(at__gt=at, epoch__lte=up_to)
    return tuple(rows.order_by("person_ref").values_list("person_ref", flat=True).distinct())


def latest(up_to: int) -> datetime | None:
    """The latest instant that any event up to an epoch tells of."""
    rows = ConsentEvent.objects.filter(epoch__lte=up_to).order_by("-at")
    return rows.values_list("at", flat=True).first()


def last_event(up_to: int) -> tuple[int, str, str, str, bool, datetime] | None:
    """The newest event there is up to an epoch."""
    return ConsentEvent.objects.filter(epoch__lte=up_to).order_by("-epoch").values_list(*COLUMNS).first()


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
