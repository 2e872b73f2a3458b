"""One person: who somebody is, what is theirs, and since when; and what is left of the erased."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.conf import settings
from django.db.models import F

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.portions import PORTION, in_portions
from sekisho.registers.identities import rules
from sekisho.registers.identities.models import (
    Identifier,
    Person,
    PersonKind,
    PersonName,
    PseudonymKey,
    Salt,
    Suppression,
    Tombstone,
)
from sekisho.registers.identities.rules import CONTRACTED, IdentifierInterval, NameInterval, PersonStanding

OLDEST = F("since").asc(nulls_first=True)  # an open beginning comes first, also where the database puts NULL last


def person_of(kind: str, value: str, at: datetime | None) -> str | None:
    """Whose identifier this was at `at`; None if nobody's or not one person's."""
    return rules.holder_at(holders_of(kind, value), at)


def holders_of(kind: str, value: str) -> tuple[IdentifierInterval, ...]:
    """Everybody who ever held this identifier, oldest first."""
    rows = Identifier.objects.filter(kind=kind, value=value).order_by(OLDEST, "id")
    return tuple(_interval(row) for row in rows)


def holders_of_many(kind: str, values: Iterable[str]) -> dict[str, tuple[IdentifierInterval, ...]]:
    """`holders_of` for many values at once."""
    found: dict[str, list[IdentifierInterval]] = {}
    wanted = sorted(set(values))
    for start in range(0, len(wanted), 900):
        for row in Identifier.objects.filter(kind=kind, value__in=wanted[start : start + 900]).order_by(OLDEST, "id"):
            found.setdefault(row.value, []).append(_interval(row))
    return {value: tuple(intervals) for value, intervals in found.items()}


def all_intervals(kind: str) -> Iterator[IdentifierInterval]:
    """Every interval of one kind of identifier by value and beginning, in portions that end where a value ends."""
    rows = Identifier.objects.filter(kind=kind).order_by("value", OLDEST, "id")
    rest = rows
    while portion := list(rest[:PORTION]):
        last = portion[-1].value
        if len(portion) == PORTION:  # the last value may go on
            whole = [row for row in portion if row.value != last]
            portion = whole or list(rows.filter(value=last))
        yield from map(_interval, portion)
        rest = rows.filter(value__gt=portion[-1].value)


def identifiers_of(person: str) -> tuple[IdentifierInterval, ...]:
    """By what rows are this person's: their identifiers over intervals, half open, UTC.

    A number that somebody else uses is its user's: it is not among its contractor's (see `intervals_of`).
    """
    return tuple(one for one in intervals_of(person) if one.kind != CONTRACTED)


def intervals_of(person: str) -> tuple[IdentifierInterval, ...]:
    """Everything that is or was this person's, in whatever role: contractor, line_user, bill_recipient, staff, …

    `number`: their own communications. `contracted_number`: a line they stand in contract for while a member of the
    family or an employee uses it; whose calls those are says `number`. `event` and `ended_by`: how it came and went.
    """
    rows = Identifier.objects.filter(person_ref=person).order_by("kind", OLDEST, "id")
    return tuple(_interval(row) for row in rows)


def contractor_of(number: str, at: datetime) -> str | None:
    """Who stood in contract for a line at `at`: its contractor where somebody else uses it, else its holder."""
    return person_of(CONTRACTED, number, at) or person_of("number", number, at)


def names_of(person: str) -> tuple[NameInterval, ...]:
    """This person's names, oldest first."""
    return tuple(
        NameInterval(name=row.name, kana=row.kana, since=row.since, until=row.until, event=row.event)
        for row in PersonName.objects.filter(person_ref=person).order_by(OLDEST, "id")
    )


def names_borne_by_others(person: str, names: Iterable[str]) -> frozenset[str]:
    """Which of these names or readings somebody else bears or bore too, alone or inside a longer name."""
    wanted = {"".join(name.split()): name for name in names}
    found: set[str] = set()
    for row in in_portions(PersonName.objects.exclude(person_ref=person), by="id"):
        plain = ["".join(value.split()) for value in (row.name, row.kana)]
        found |= {name for short, name in wanted.items() if any(short in long for long in plain)}
    return frozenset(found)


def kinds_of(person: str) -> frozenset[str]:
    """Which kinds of data subject this person is."""
    return frozenset(PersonKind.objects.filter(person_ref=person).values_list("kind", flat=True))


def standing_of(person: str, at: datetime) -> PersonStanding:
    """The person's standing; an unknown reference is said to be unknown."""
    row = Person.objects.filter(ref=person).first()
    if row is None:
        return rules.UNKNOWN
    return PersonStanding(
        known=True,
        kinds=kinds_of(person),
        born_on=row.born_on,
        deceased_on=row.deceased_on,
        guardian=row.guardian_ref,
        is_corporate=row.is_corporate,
        protected=row.is_protected,
        suppressed=suppressed(person, at),
        shop=row.shop,
        acquired_on=row.acquired_on,
    )


def guardian_of(person: str, at: datetime) -> str | None:
    """Who acts for a minor at `at`; None where nobody does: of age from the day itself, or no guardian written down.

    Where the birth date is not known the guardian still acts. Source: APPI 37(3), Order 13.
    """
    row = Person.objects.filter(ref=person).first()
    if row is None or not row.guardian_ref or rules.is_minor(row.born_on, tokyo_date(at)) is False:
        return None
    return row.guardian_ref


def is_minor(person: str, at: datetime) -> bool | None:
    """Whether somebody is under age on the Tokyo day of `at`; None where nobody knows when they were born."""
    row = Person.objects.filter(ref=person).first()
    if row is None:
        return None
    return False if row.is_corporate else rules.is_minor(row.born_on, tokyo_date(at))


def suppressed(person: str, at: datetime) -> bool:
    """Whether nothing of this person may be used at `at`."""
    return (
        Suppression.objects.filter(person_ref=person, since__lte=at)
        .exclude(until__isnull=False, until__lte=at)
        .exists()
    )


def suppressions_of(person: str) -> tuple[tuple[str, datetime, datetime | None], ...]:
    """Every period in which nothing of this person may be used, ended or not: (reason, since, until), oldest first."""
    rows = Suppression.objects.filter(person_ref=person).order_by("since", "id")
    return tuple(rows.values_list("reason", "since", "until"))


def protected_people() -> tuple[str, ...]:
    """References of everybody whose whereabouts are protected (支援措置)."""
    return tuple(Person.objects.filter(is_protected=True).order_by("ref").values_list("ref", flat=True))


def is_person(ref: str) -> bool:
    """Whether the register knows a person of this reference."""
    return Person.objects.filter(ref=ref).exists()


def is_erased(person: str) -> bool:
    """Whether a tombstone stands for this reference."""
    return Tombstone.objects.filter(person_ref=person).exists()


def tombstones() -> tuple[str, ...]:
    """References of everybody erased, oldest first."""
    return tuple(Tombstone.objects.order_by("erased_at", "id").values_list("person_ref", flat=True))


def salt(person: str, entry: str) -> bytes | None:
    """The salt of this person's commitment in an entry; None once it has died."""
    row = Salt.objects.filter(person_ref=person, entry=entry).first()
    return bytes(row.salt) if row else None


def pseudonym_key(purpose: str) -> bytes | None:
    """The live pseudonym key of a purpose."""
    row = PseudonymKey.objects.filter(purpose=purpose, retired_at=None).order_by("-made_at").first()
    return bytes(row.key) if row else None


def digest(kind: str, value: str) -> str:
    """A keyed digest of an identifier, to recognise it without holding it. The key is the carrier's own.

    Tombstones and access tickets hold these instead of numbers.
    """
    key = hashlib.sha256(b"sekisho tombstone" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()


def _interval(row: Identifier) -> IdentifierInterval:
    return IdentifierInterval(
        person=row.person_ref,
        kind=row.kind,
        value=row.value,
        role=row.role,
        since=row.since,
        until=row.until,
        event=row.event,
        ended_by=row.ended_by,
    )
