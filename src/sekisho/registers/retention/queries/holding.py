"""Which holds stand on a day, over whom and what."""

from datetime import date

from django.db.models import Q, QuerySet

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.retention import models


def holds_of(person: str, on: date, *, with_confidential: bool) -> tuple[Hold, ...]:
    """Holds over everything of a person, those over tables and items included.

    Confidential holds bind what is done and are left out of what is told (LAW.md 9.1).
    """
    rows = _standing(on).filter(Q(person_ref=person) | Q(person_ref=""))
    return tuple(_value(row) for row in (rows if with_confidential else rows.filter(is_confidential=False)))


def holds_over_tables(on: date) -> tuple[Hold, ...]:
    """Holds that name no person."""
    return tuple(_value(row) for row in _standing(on).filter(person_ref=""))


def standing_holds(on: date) -> tuple[Hold, ...]:
    """Every hold that stands."""
    return tuple(_value(row) for row in _standing(on))


def held_people(on: date, *, with_confidential: bool = True) -> dict[str, tuple[Hold, ...]]:
    """Everybody of whom something is held."""
    rows = _standing(on).exclude(person_ref="")
    return _by_person(rows if with_confidential else rows.filter(is_confidential=False))


def confidences() -> dict[str, tuple[Hold, ...]]:
    """Everybody of whom something is or was held in confidence; `until` is the day it really ended, where it did."""
    return _by_person(models.Hold.objects.filter(is_confidential=True).order_by("id"))


def _by_person(rows: "QuerySet[models.Hold]") -> dict[str, tuple[Hold, ...]]:
    found: dict[str, list[Hold]] = {}
    for row in rows:
        found.setdefault(row.person_ref, []).append(_value(row))
    return {person: tuple(holds) for person, holds in found.items()}


def _standing(on: date) -> "QuerySet[models.Hold]":
    return models.Hold.objects.filter(Q(until=None) | Q(until__gte=on), released_at=None, placed_on__lte=on).order_by(
        "id"
    )


def _value(row: models.Hold) -> Hold:
    return Hold(
        id=row.ref,
        ground=row.ground,
        placed_on=row.placed_on,
        until=_earlier(row.until, tokyo_date(row.released_at) if row.released_at else None),
        items=tuple(row.items),
        source=row.source,
        system=row.system,
        table=row.table,
    )


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((one for one in (first, second) if one is not None), default=None)
