"""The erased, as keyed digests over intervals: to tell somebody who comes back from whoever holds their number next."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sekisho.evidence.portions import in_portions
from sekisho.registers.identities.models import Tombstone
from sekisho.registers.identities.queries.one import digest
from sekisho.registers.identities.rules import IdentifierInterval


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
    """Every identifier of everybody erased, by its digest. Those that others held at the same time tell nobody apart."""
    found: dict[str, list[ErasedSpan]] = {}
    for row in in_portions(Tombstone.objects.all(), by="id"):
        for one in row.digests:
            if one.get("shared"):
                continue
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
    spans: Mapping[str, tuple[ErasedSpan, ...]], identifiers: Iterable[IdentifierInterval]
) -> tuple[ErasedSpan, IdentifierInterval] | None:
    """The erased person whose identifier, held at the same time, is among these; None for a recycled number."""
    for one in identifiers:
        for span in spans.get(digest(one.kind, one.value), ()):
            if span.overlaps(one.since, one.until):
                return span, one
    return None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
