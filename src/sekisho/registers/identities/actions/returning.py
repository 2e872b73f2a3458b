"""Somebody erased is written down anew: until a person has looked, nothing of them may be used."""

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sekisho.evidence.actions import append
from sekisho.registers.identities.actions.erasing import suppress
from sekisho.registers.identities.queries.erased import CAME_BACK, erased_match, erased_spans
from sekisho.registers.identities.rules import IdentifierInterval


class Newcomer(Protocol):
    """A person being written down."""

    @property
    def ref(self) -> str:
        """The opaque reference."""
        ...

    @property
    def identifiers(self) -> tuple[IdentifierInterval, ...]:
        """What is theirs, and since when."""
        ...


def stop_returned(*, people: Iterable[Newcomer], at: datetime, acting_user: str) -> int:
    """Suppress everybody among the newcomers who is erased; returns how many. Part of the caller's transaction.

    The next holder of an erased person's number, or whoever held it too, is nobody who came back.
    Evidence: `identities.came-back` for each.
    """
    spans = erased_spans()
    count = 0
    for person in people if spans else ():
        match = erased_match(spans, person.ref, person.identifiers)
        if match is None:
            continue
        span, identifier = match
        suppress(person=person.ref, reason=CAME_BACK, at=at, acting_user=acting_user)
        body = {"person": person.ref, "erased": span.person, "identifier": identifier.kind, "by": acting_user}
        append(kind="identities.came-back", body=body, at=at)
        count += 1
    return count
