"""Everybody, in order and in numbers: for those who work through all persons or keep up with their changes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from sekisho.evidence.portions import in_portions
from sekisho.evidence.reading import Arm, Row, stream
from sekisho.registers.identities.models import (
    Identifier,
    Person,
    PersonChange,
    PersonKind,
    Suppression,
)
from sekisho.registers.identities.queries.one import OLDEST

NumberedPerson = tuple[int, str, date | None, date | None, bool, bool, str, date]
CHANGE = Arm(name="change", table="identities_changecounter", columns=("id", "last"))


def changed_after(change: int, up_to: int) -> tuple[int, ...]:
    """Numbers of the persons whose facts changed after a change, up to another."""
    rows = PersonChange.objects.filter(change__gt=change, change__lte=up_to)
    return tuple(rows.order_by("change").values_list("person", flat=True))


def persons_from(number: int) -> Iterator[NumberedPerson]:
    """Every person from a number on, by number: number, ref, born, deceased, corporate, protected, shop, acquired."""
    yield from _persons(Person.objects.filter(id__gte=number).order_by("id"))


def all_persons() -> Iterator[list[Row]]:
    """Every person by number, in portions: number, ref, born, deceased, corporate, protected, shop, acquired.

    Days are texts, yes and no are 1 and 0.
    """
    days = ("born_on:text", "deceased_on:text")
    flags = ("is_corporate:number", "is_protected:number")
    return stream("identities_person", ("id", "ref", *days, *flags, "shop", "acquired_on:text"), order="id")


def all_kinds() -> Iterator[list[Row]]:
    """`(person, kind)` of everybody, in portions."""
    return stream("identities_personkind", ("person_ref", "kind"), order="id")


def all_ends() -> Iterator[list[Row]]:
    """`(person, kind of identifier, until)` of everybody, in portions; instants are texts in UTC."""
    return stream("identities_identifier", ("person_ref", "kind", "until:instant"), order="id")


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
    for row in in_portions(PersonKind.objects.filter(kind=kind), by="person_ref"):
        yield row.person_ref


def interval_rows(kinds: Iterable[str]) -> Iterator[tuple[str, str, str, datetime | None, datetime | None]]:
    """Kind, value, person, since and until of every identifier of these kinds, by value and beginning: for whole tables."""
    rows = Identifier.objects.filter(kind__in=sorted(set(kinds))).order_by("kind", "value", OLDEST, "id")
    yield from rows.values_list("kind", "value", "person_ref", "since", "until").iterator(chunk_size=10_000)


def _persons(rows: "QuerySet[Person]") -> Iterator[NumberedPerson]:
    columns = ("id", "ref", "born_on", "deceased_on", "is_corporate", "is_protected", "shop", "acquired_on")
    yield from rows.values_list(*columns).iterator(chunk_size=20_000)


def _among(rows: "QuerySet[Any]", refs: Sequence[str] | None, *columns: str) -> Iterator[Any]:
    if refs is None:
        yield from rows.values_list(*columns).iterator(chunk_size=20_000)
        return
    for start in range(0, len(refs), 900):
        yield from rows.filter(person_ref__in=refs[start : start + 900]).values_list(*columns)


def holder_rows(kind: str) -> Iterator[tuple[str, str]]:
    """Value and person of every identifier of one kind: for whole tables whose identifiers are never given out again."""
    yield from Identifier.objects.filter(kind=kind).values_list("value", "person_ref").iterator(chunk_size=50_000)
