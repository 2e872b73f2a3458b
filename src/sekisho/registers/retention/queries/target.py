"""Whom an erasure is about: identifiers with intervals, names, and who else held the same. Sealed wherever it rests."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.engine.catalog.model import Ownership
from sekisho.engine.erasure.needles import Needle, NeedleKind, kind_of_identifier
from sekisho.engine.erasure.plan import Held
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention.queries.locating import held_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """An interval in which somebody else held the same value."""

    kind: str
    value: str
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name or its reading. `shared`: somebody else is called the same."""

    value: str
    shared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Everything needed to find the person again once the identity map has forgotten them."""

    person: str
    held: tuple[Held, ...]
    names: tuple[Name, ...]
    others: tuple[Span, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of identifier they ever had."""
        return frozenset(one.kind for one in self.held)

    def needles(self) -> tuple[Needle, ...]:
        """What must be gone."""
        identifiers = (
            Needle(
                kind=kind_of_identifier(one.kind), value=one.value, since=one.since, until=one.until, shared=one.shared
            )
            for one in self.held
        )
        names = (Needle(kind=NeedleKind.NAME, value=one.value, shared=one.shared) for one in self.names)
        return tuple(dict.fromkeys((*identifiers, *names)))

    def is_theirs_at(self, needle: Needle, at: datetime | None) -> bool:
        """Whether a value used again meant this person at that instant: in their interval, or in nobody else's."""
        if at is None:
            return False
        if any(_within(one, at) for one in self.held if one.value == needle.value):
            return True
        return not any(_within(one, at) for one in self.others if one.value == needle.value)

    def held_at(self, needle: Needle, at: datetime | None) -> bool | None:
        """Whether a value was this person's at that instant; before they came into it and after it left them it was not.

        None where the instant is not known.
        """
        if at is None:
            return None
        return any(_within(one, at) for one in self.held if one.value == needle.value)

    def owns(self, owners: Iterable[Ownership], row: Mapping[str, object]) -> bool:
        """Whether the row is the person's own under any ownership path that needs no instant."""
        return any(
            owner.at is None and row.get(owner.column) == one.value
            for owner in owners
            for one in self.held
            if one.kind == owner.by and not one.shared
        )

    def as_json(self) -> bytes:
        """The bytes that are sealed and committed to."""
        return json.dumps(
            {
                "person": self.person,
                "held": [[o.kind, o.value, _iso(o.since), _iso(o.until), o.shared] for o in self.held],
                "names": [[name.value, name.shared] for name in self.names],
                "others": [[o.kind, o.value, _iso(o.since), _iso(o.until)] for o in self.others],
            },
            ensure_ascii=False,
            sort_keys=True,
        ).encode()

    @classmethod
    def of_json(cls, data: bytes) -> "Target":
        """The target as it was sealed."""
        read: dict[str, Any] = json.loads(data)
        return cls(
            person=read["person"],
            held=tuple(
                Held(kind=kind, value=value, since=_at(since), until=_at(until), shared=shared)
                for kind, value, since, until, shared in read["held"]
            ),
            names=tuple(Name(value=value, shared=shared) for value, shared in read["names"]),
            others=tuple(
                Span(kind=kind, value=value, since=_at(since), until=_at(until))
                for kind, value, since, until in read["others"]
            ),
        )


def target_of(person: str) -> Target:
    """Gather what the identity map knows of a person."""
    held = held_by(person)
    others: list[Span] = []
    for kind in sorted({one.kind for one in held if one.shared}):
        values = [one.value for one in held if one.kind == kind and one.shared]
        for intervals in identities.holders_of_many(kind, values).values():
            others += [
                Span(kind=one.kind, value=one.value, since=one.since, until=one.until)
                for one in intervals
                if one.person != person
            ]
    written = [part for name in identities.names_of(person) for part in (name.name, name.kana) if part]
    borne = identities.names_borne_by_others(person, written)
    names = tuple(Name(value=value, shared=value in borne) for value in dict.fromkeys(written))
    return Target(person=person, held=held, names=names, others=tuple(others))


def _within(one: Held | Span, at: datetime) -> bool:
    return (one.since is None or one.since <= at) and (one.until is None or at < one.until)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _at(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
