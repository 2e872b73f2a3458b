"""Who somebody is, what is theirs, and since when."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS
from sekisho.evidence.reading import Arm, Row, Rows, day, flag, instant, text
from sekisho.registers.identities import rules
from sekisho.registers.identities.models import (
    Identifier,
    Person,
    PersonChange,
    PersonKind,
    PersonName,
    PseudonymKey,
    Salt,
    Suppression,
    Tombstone,
)
from sekisho.registers.identities.rules import UNKNOWN, IdentifierInterval, NameInterval, PersonStanding

__all__ = [
    "CHANGE",
    "IDENTIFIERS",
    "KINDS",
    "PERSONS",
    "SUPPRESSIONS",
    "UNKNOWN",
    "IdentifierInterval",
    "NameInterval",
    "NumberedPerson",
    "PersonRecord",
    "PersonStanding",
    "all_intervals",
    "changed_after",
    "count_people",
    "digest",
    "ends_among",
    "holder_at",
    "holders_arm",
    "holders_in",
    "holders_of",
    "holders_of_many",
    "identifiers_of",
    "interval_rows",
    "is_erased",
    "kinds_among",
    "kinds_of",
    "last_change",
    "names_borne_by_others",
    "names_of",
    "newest_person",
    "numbers_of",
    "people_in",
    "people_of_kind",
    "person_of",
    "persons_from",
    "persons_numbered",
    "pseudonym_key",
    "refs_after",
    "salt",
    "standing_of",
    "suppressed",
    "suppressions_among",
    "tombstones",
]


NumberedPerson = tuple[int, str, date | None, date | None, bool, bool, str, date]
PERSONS = Arm(
    name="persons",
    table="identities_person",
    columns=(
        "ref",
        "born_on",
        "deceased_on",
        "guardian_ref",
        "is_corporate",
        "is_protected",
        "shop",
        "acquired_on",
    ),
    where="ref IN ({keys})",
)
KINDS = Arm(name="kinds", table="identities_personkind", columns=("person_ref", "kind"), where="person_ref IN ({keys})")
SUPPRESSIONS = Arm(
    name="suppressions",
    table="identities_suppression",
    columns=("person_ref", "since", "until"),
    where="person_ref IN ({keys})",
)
CHANGE = Arm(name="change", table="identities_changecounter", columns=("id", "last"))
IDENTIFIERS = Arm(
    name="identifiers",
    table="identities_identifier",
    columns=("person_ref", "kind", "value", "role", "since", "until", "event"),
    where="person_ref IN ({keys})",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecord:
    """What was read of one person at one instant of the database."""

    standing: PersonStanding  # as it is while no suppression stands
    suppressions: tuple[tuple[datetime, datetime | None], ...] = ()
    identifiers: tuple[IdentifierInterval, ...] = ()

    def standing_at(self, at: datetime) -> PersonStanding:
        """`standing_of` from what was read."""
        held = any(since <= at and (until is None or at < until) for since, until in self.suppressions)
        return replace(self.standing, suppressed=True) if held else self.standing


def people_in(rows: Rows) -> dict[str, PersonRecord]:
    """The persons that rows of `PERSONS`, `KINDS`, `SUPPRESSIONS` and `IDENTIFIERS` tell of."""
    kinds: dict[str, set[str]] = {}
    for person, kind, *_ in rows["kinds"]:
        kinds.setdefault(text(person), set()).add(text(kind))
    suppressions: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for person, since, until, *_ in rows["suppressions"]:
        begun = instant(since)
        if begun is not None:
            suppressions.setdefault(text(person), []).append((begun, instant(until)))
    identifiers: dict[str, list[IdentifierInterval]] = {}
    for row in rows["identifiers"]:
        identifiers.setdefault(text(row[0]), []).append(_interval_in(row))
    return {
        (person := text(ref)): PersonRecord(
            standing=PersonStanding(
                known=True,
                kinds=frozenset(kinds.get(person, ())),
                born_on=day(born),
                deceased_on=day(deceased),
                guardian=text(guardian),
                is_corporate=flag(corporate),
                protected=flag(protected),
                shop=text(shop),
                acquired_on=day(acquired),
            ),
            suppressions=tuple(suppressions.get(person, ())),
            identifiers=tuple(identifiers.get(person, ())),
        )
        for ref, born, deceased, guardian, corporate, protected, shop, acquired, *_ in rows["persons"]
    }


def holders_arm(kind: str) -> Arm:
    """Who ever held identifiers of one kind, asked by value. The kind is one of the catalogue's, never a caller's text."""
    if kind not in IDENTIFIER_KINDS:
        raise ValueError("no kind of identifier")
    return replace(IDENTIFIERS, name=f"holders.{kind}", where=f"kind = '{kind}' AND value IN ({{keys}})")


def holders_in(rows: Iterable[Row]) -> dict[str, tuple[IdentifierInterval, ...]]:
    """The holders of each value, from rows of a `holders_arm`."""
    found: dict[str, list[IdentifierInterval]] = {}
    for row in rows:
        found.setdefault(text(row[2]), []).append(_interval_in(row))
    return {value: tuple(intervals) for value, intervals in found.items()}


def holder_at(intervals: Iterable[IdentifierInterval], at: datetime | None) -> str | None:
    """`person_of` from intervals already read."""
    return rules.holder_at(intervals, at)


def person_of(kind: str, value: str, at: datetime | None) -> str | None:
    """Whose identifier this was at `at`; None if nobody's or not one person's."""
    return rules.holder_at(holders_of(kind, value), at)


def holders_of(kind: str, value: str) -> tuple[IdentifierInterval, ...]:
    """Everybody who ever held this identifier, oldest first."""
    rows = Identifier.objects.filter(kind=kind, value=value).order_by("since", "id")
    return tuple(_interval(row) for row in rows)


def holders_of_many(kind: str, values: Iterable[str]) -> dict[str, tuple[IdentifierInterval, ...]]:
    """`holders_of` for many values at once."""
    found: dict[str, list[IdentifierInterval]] = {}
    wanted = sorted(set(values))
    for start in range(0, len(wanted), 900):
        for row in Identifier.objects.filter(kind=kind, value__in=wanted[start : start + 900]).order_by("since", "id"):
            found.setdefault(row.value, []).append(_interval(row))
    return {value: tuple(intervals) for value, intervals in found.items()}


def all_intervals(kind: str) -> Iterator[IdentifierInterval]:
    """Every interval of one kind of identifier, streamed."""
    for row in Identifier.objects.filter(kind=kind).order_by("value", "since", "id").iterator(chunk_size=5000):
        yield _interval(row)


def identifiers_of(person: str) -> tuple[IdentifierInterval, ...]:
    """Everything that is or was this person's."""
    rows = Identifier.objects.filter(person_ref=person).order_by("kind", "since", "id")
    return tuple(_interval(row) for row in rows)


def names_of(person: str) -> tuple[NameInterval, ...]:
    """This person's names, oldest first."""
    return tuple(
        NameInterval(name=row.name, kana=row.kana, since=row.since, until=row.until, event=row.event)
        for row in PersonName.objects.filter(person_ref=person).order_by("since", "id")
    )


def names_borne_by_others(person: str, names: Iterable[str]) -> frozenset[str]:
    """Which of these names or readings somebody else bears or bore too, alone or inside a longer name."""
    wanted = {"".join(name.split()): name for name in names}
    found: set[str] = set()
    rows = PersonName.objects.exclude(person_ref=person).values_list("name", "kana")
    for row in rows.iterator(chunk_size=5000):
        plain = ["".join(value.split()) for value in row]
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


def suppressed(person: str, at: datetime) -> bool:
    """Whether nothing of this person may be used at `at`."""
    return (
        Suppression.objects.filter(person_ref=person, since__lte=at)
        .exclude(until__isnull=False, until__lte=at)
        .exists()
    )


def is_erased(person: str) -> bool:
    """Whether a tombstone stands for this reference."""
    return Tombstone.objects.filter(person_ref=person).exists()


def tombstones() -> tuple[str, ...]:
    """References of everybody erased, oldest first."""
    return tuple(Tombstone.objects.order_by("erased_at", "id").values_list("person_ref", flat=True))


def changed_after(change: int, up_to: int) -> tuple[int, ...]:
    """Numbers of the persons whose facts changed after a change, up to another."""
    rows = PersonChange.objects.filter(change__gt=change, change__lte=up_to)
    return tuple(rows.order_by("change").values_list("person", flat=True))


def persons_from(number: int) -> Iterator[NumberedPerson]:
    """Every person from a number on, by number: number, ref, born, deceased, corporate, protected, shop, acquired."""
    yield from _persons(Person.objects.filter(id__gte=number).order_by("id"))


def persons_numbered(
    numbers: Iterable[int],
) -> Iterator[NumberedPerson]:
    """The persons of these numbers that there still are."""
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), 900):
        yield from _persons(Person.objects.filter(id__in=wanted[start : start + 900]).order_by("id"))


def last_change(change: int) -> tuple[int, int] | None:
    """Number and person of the last change that names somebody, up to a change."""
    return PersonChange.objects.filter(change__lte=change).order_by("-change").values_list("change", "person").first()


def newest_person(below: int) -> tuple[int, str] | None:
    """Number and reference of the person with the highest number below another."""
    return Person.objects.filter(id__lt=below).order_by("-id").values_list("id", "ref").first()


def numbers_of(refs: Iterable[str]) -> dict[str, int]:
    """The numbers of these references."""
    wanted = sorted(set(refs))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), 900):
        found |= dict(Person.objects.filter(ref__in=wanted[start : start + 900]).values_list("ref", "id"))
    return found


def kinds_among(refs: Sequence[str] | None) -> Iterator[tuple[str, str]]:
    """`(person, kind)` of these persons; None = of everybody."""
    yield from _among(PersonKind.objects.order_by("id"), refs, "person_ref", "kind")


def ends_among(refs: Sequence[str] | None) -> Iterator[tuple[str, str, datetime | None]]:
    """`(person, kind of identifier, until)` of these persons; None = of everybody."""
    yield from _among(Identifier.objects.order_by("id"), refs, "person_ref", "kind", "until")


def suppressions_among(refs: Sequence[str] | None) -> Iterator[tuple[str, datetime, datetime | None]]:
    """`(person, since, until)` of these persons; None = of everybody."""
    yield from _among(Suppression.objects.order_by("id"), refs, "person_ref", "since", "until")


def count_people() -> int:
    """How many persons the register knows."""
    return Person.objects.count()


def refs_after(after: str, most: int) -> tuple[str, ...]:
    """The next references after one, in order."""
    return tuple(Person.objects.filter(ref__gt=after).order_by("ref").values_list("ref", flat=True)[:most])


def people_of_kind(kind: str) -> Iterator[str]:
    """References of everybody of one kind, in order, streamed."""
    yield from (
        PersonKind.objects.filter(kind=kind).order_by("person_ref").values_list("person_ref", flat=True).iterator()
    )


def interval_rows(kinds: Iterable[str]) -> Iterator[tuple[str, str, str, datetime | None, datetime | None]]:
    """Kind, value, person, since and until of every identifier of these kinds, by value and beginning: for whole tables."""
    rows = Identifier.objects.filter(kind__in=sorted(set(kinds))).order_by("kind", "value", "since", "id")
    yield from rows.values_list("kind", "value", "person_ref", "since", "until").iterator(chunk_size=10_000)


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


def _persons(rows: "QuerySet[Person]") -> Iterator[NumberedPerson]:
    columns = ("id", "ref", "born_on", "deceased_on", "is_corporate", "is_protected", "shop", "acquired_on")
    yield from rows.values_list(*columns).iterator(chunk_size=20_000)


def _among(rows: "QuerySet[Any]", refs: Sequence[str] | None, *columns: str) -> Iterator[Any]:
    if refs is None:
        yield from rows.values_list(*columns).iterator(chunk_size=20_000)
        return
    for start in range(0, len(refs), 900):
        yield from rows.filter(person_ref__in=refs[start : start + 900]).values_list(*columns)


def _interval_in(row: Row) -> IdentifierInterval:
    person, kind, value, role, since, until, event, *_ = row
    return IdentifierInterval(
        person=text(person),
        kind=text(kind),
        value=text(value),
        role=text(role),
        since=instant(since),
        until=instant(until),
        event=text(event),
    )


def _interval(row: Identifier) -> IdentifierInterval:
    return IdentifierInterval(
        person=row.person_ref,
        kind=row.kind,
        value=row.value,
        role=row.role,
        since=row.since,
        until=row.until,
        event=row.event,
    )
