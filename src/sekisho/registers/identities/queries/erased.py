"""The erased, as keyed digests over intervals: to tell somebody who comes back from whoever holds their number next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.evidence.portions import in_portions
from sekisho.registers.identities.models import Identifier, Suppression, Tombstone
from sekisho.registers.identities.queries.one import digest
from sekisho.registers.identities.rules import IdentifierInterval

CAME_BACK = "came_back"  # reason of the suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedSpan:
    """An identifier that was an erased person's: until the interval's end, and no longer than until the erasure."""

    person: str
    kind: str
    since: datetime | None
    until: datetime

    def overlaps(self, since: datetime | None, until: datetime | None) -> bool:
        """Whether the two intervals share an instant. An unknown beginning reaches back for ever."""
        return (since is None or since < self.until) and (until is None or self.since is None or self.since < until)


def digests_of(person: str) -> tuple[Mapping[str, object], ...]:
    """What an erased person's tombstone holds: kind, keyed digest, interval."""
    row = Tombstone.objects.filter(person_ref=person).first()
    return tuple(row.digests) if row else ()


def erased_spans() -> Mapping[str, tuple[ErasedSpan, ...]]:
    """Every identifier of everybody erased, by its digest."""
    found: dict[str, list[ErasedSpan]] = {}
    for row in in_portions(Tombstone.objects.all(), by="id"):
        for one in row.digests:
            until = _instant(one["until"]) or row.erased_at
            span = ErasedSpan(
                person=row.person_ref,
                kind=one["kind"],
                since=_instant(one["since"]),
                until=min(until, row.erased_at),
            )
            found.setdefault(one["digest"], []).append(span)
    return {key: tuple(spans) for key, spans in found.items()}


def erased_match(
    spans: Mapping[str, tuple[ErasedSpan, ...]], newcomer: str, identifiers: Iterable[IdentifierInterval]
) -> tuple[ErasedSpan, IdentifierInterval] | None:
    """The erased person whose identifier is among these, over the same time, and nobody else's; None for a recycled one."""
    for one in identifiers:
        for span in spans.get(digest(one.kind, one.value), ()):
            if span.overlaps(one.since, one.until) and not is_anothers(span, one.value, newcomer):
                return span, one
    return None


def is_anothers(span: ErasedSpan, value: str, newcomer: str = "") -> bool:
    """Whether somebody who was not erased held the same identifier at the same time: then it tells nobody apart.

    Whoever came back is not somebody else.
    """
    held = Identifier.objects.filter(kind=span.kind, value=value).exclude(person_ref=newcomer)
    back = Suppression.objects.filter(reason=CAME_BACK, until=None).values_list("person_ref", flat=True)
    return any(span.overlaps(row.since, row.until) for row in held.exclude(person_ref__in=back))


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
