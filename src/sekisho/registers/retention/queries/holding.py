"""Which holds stand on a day, over whom and what."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import HoldKind
from sekisho.engine.law.pack import law
from sekisho.registers.retention import models
from sekisho.registers.retention.queries.acting import general_kind, require_authorities_desk
from sekisho.registers.retention.rules import ROOM


def holds_of(person: str, on: date, *, with_confidential: bool) -> tuple[Hold, ...]:
    """Holds over everything of a person, those over tables and items included.

    Confidential holds bind what is done and are left out of what is told (LAW.md 9.1).
    """
    rows = _standing(on).filter(Q(person_ref=person) | Q(person_ref=""))
    return tuple(_value(row) for row in (rows if with_confidential else rows.filter(is_confidential=False)))


def has_new_hold(plan: models.ErasurePlan, at: datetime) -> bool:
    """Whether anything of a plan's person is held that the plan does not know of."""
    standing = {hold.id for hold in holds_of(plan.person_ref, tokyo_date(at), with_confidential=True)}
    return bool(standing - set(plan.document["holds"]))


def holds_over_tables(on: date) -> tuple[Hold, ...]:
    """Holds that name no person."""
    return tuple(_value(row) for row in _standing(on).filter(person_ref=""))


def told_holds(on: date) -> tuple[Hold, ...]:
    """Every hold that stands and that anybody may hear of."""
    return tuple(_value(row) for row in _standing(on).filter(is_confidential=False))


def standing_holds(on: date) -> tuple[Hold, ...]:
    """Every hold that stands."""
    return tuple(_value(row) for row in _standing(on))


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRecord:
    """A hold as commands and pages show it."""

    ref: str
    kind: str
    label: str
    label_en: str
    article: str
    article_en: str
    mark: str
    ground: str
    source: str
    person: str
    system: str
    table: str
    items: tuple[str, ...]
    placed_on: date
    until: date | None
    longest: date | None
    review_on: date | None
    placed_by: str
    approved_by: str
    released_at: datetime | None
    is_confidential: bool

    def state(self, on: date) -> str:
        """stands, to-review, ended or released."""
        if self.released_at is not None:
            return "released"
        if self.until is not None and self.until < on:
            return "ended"
        return "to-review" if self.review_on is not None and self.review_on <= on else "stands"

    def as_json(self, on: date) -> dict[str, object]:
        """One object of `retention holds --json`."""
        days = {"placed_on": self.placed_on, "until": self.until, "longest": self.longest, "review_on": self.review_on}
        return {
            "hold": self.ref,
            "state": self.state(on),
            "kind": self.kind,
            "ground": self.ground,
            "article": self.article,
            "source_mark": self.mark,
            "source": self.source,
            "person": self.person or None,
            "system": self.system or None,
            "table": self.table or None,
            "items": list(self.items),
            **{name: day.isoformat() if day else None for name, day in days.items()},
            "placed_by": self.placed_by,
            "approved_by": self.approved_by,
        }


def holds(
    on: date, *, with_ended: bool = False, confidential_for: str = "", at: datetime | None = None
) -> tuple[HoldRecord, ...]:
    """Holds that stand on a day, the next to be looked at first; those released or ended too, where asked.

    Confidential ones are in it for nobody but the authorities desk: `confidential_for` names who asks.
    Raises: retention.authorities-desk-only.
    """
    rows = models.Hold.objects.order_by("id") if with_ended else _standing(on)
    if confidential_for and at is not None:
        require_authorities_desk(confidential_for, at)
    else:
        rows = rows.filter(is_confidential=False)
    found = [_record(row, on) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.review_on or one.until or date.max, one.ref)))


def hold_kind(kind: str, ground: str, on: date) -> HoldKind:
    """A kind of hold by its name, or the general one of a ground.

    Raises: retention.unknown-hold-kind, retention.ground-not-promised, retention.hold-kind-ground.
    """
    kinds = law(on).hold_kinds
    name = kind or general_kind(ground)
    if not name:
        raise SekishoError("retention.ground-not-promised", room=ROOM, ground=ground or "-")
    if name not in kinds:
        raise SekishoError("retention.unknown-hold-kind", room=ROOM, kind=name, kinds=", ".join(sorted(kinds)))
    if ground and kinds[name].ground != ground:
        raise SekishoError("retention.hold-kind-ground", room=ROOM, kind=name, ground=kinds[name].ground)
    return kinds[name]


def _record(row: models.Hold, on: date) -> HoldRecord:
    packs = law(on)
    kind = packs.hold_kinds.get(row.kind or general_kind(row.ground))
    cites = [packs.cite(key) for key in kind.cites] if kind else []
    return HoldRecord(
        ref=row.ref,
        kind=row.kind,
        label=kind.ja if kind else row.ground,
        label_en=kind.en if kind else row.ground,
        article="、".join(one.text("ja") for one in cites),
        article_en=", ".join(one.text("en") for one in cites),
        mark=kind.certainty.value if kind else "",
        ground=row.ground,
        source=row.source,
        person=row.person_ref,
        system=row.system,
        table=row.table,
        items=tuple(row.items),
        placed_on=row.placed_on,
        until=row.until,
        longest=row.longest,
        review_on=row.review_on,
        placed_by=row.placed_by,
        approved_by=row.approved_by,
        released_at=row.released_at,
        is_confidential=row.is_confidential,
    )


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
        source=row.source
        if row.person_ref
        else "",  # the paper of a wide hold is nothing for whoever asks about one person
        system=row.system,
        table=row.table,
        is_confidential=row.is_confidential,
    )


def _earlier(first: date | None, second: date | None) -> date | None:
    return min((one for one in (first, second) if one is not None), default=None)
