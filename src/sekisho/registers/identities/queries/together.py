"""What was read of many persons in one statement: the arms, and persons from their rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS
from sekisho.evidence.reading import Arm, Row, Rows, day, flag, instant, text
from sekisho.registers.identities import rules
from sekisho.registers.identities.rules import CONTRACTED, IdentifierInterval, PersonStanding

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


IDENTIFIERS = Arm(
    name="identifiers",
    table="identities_identifier",
    columns=("person_ref", "kind", "value", "role", "since", "until", "event", "ended_by"),
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
        if text(row[1]) == CONTRACTED:
            continue  # as in `identifiers_of`
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


def _interval_in(row: Row) -> IdentifierInterval:
    person, kind, value, role, since, until, event, ended_by, *_ = row
    return IdentifierInterval(
        person=text(person),
        kind=text(kind),
        value=text(value),
        role=text(role),
        since=instant(since),
        until=instant(until),
        event=text(event),
        ended_by=text(ended_by),
    )
