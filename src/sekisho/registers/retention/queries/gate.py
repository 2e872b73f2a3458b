"""The gate's slot `past_retention` from what was already read: holds of an ask's people, periods of its policy.

A hold stops erasure; only one on a ground that opens (RET-2, RET-3) also keeps data in use. What an authority asked to
preserve stays shut exactly as if it had been erased, and a confidential hold never reaches the gate.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.erasure.periods import keep_until
from sekisho.engine.policy.model import Policy
from sekisho.evidence.reading import Arm, Row, day, listed, text
from sekisho.registers.retention.queries.asking import law_on

MOST_KEPT = 4096
HOLDS = Arm(
    name="holds",
    table="retention_hold",
    columns=("id", "person_ref", "ref", "ground", "placed_on", "until", "items", "source", "system", "table"),
    where="released_at IS NULL AND NOT is_confidential AND (person_ref = '' OR person_ref IN ({keys}))",
)
Key = tuple[str, str, str, tuple[tuple[str, date | None], ...], date, bool | None, tuple[Hold, ...]]


class _Kept:
    """Answers by everything they depend on: the same policy, item, events, day and holds always say the same."""

    answers: dict[Key, bool | None] = {}


def holds_in(rows: Iterable[Row], on: date) -> dict[str, tuple[Hold, ...]]:
    """Holds that stand on a day, by person; those over tables under the empty reference."""
    found: dict[str, list[Hold]] = {}
    for _, person, ref, ground, placed, until, items, source, system, table, *_ in sorted(
        {row[0]: row for row in rows}.values(), key=_number
    ):
        hold = Hold(
            id=text(ref),
            ground=text(ground),
            placed_on=day(placed) or date.max,
            until=day(until),
            items=listed(items),
            source=text(source),
            system=text(system),
            table=text(table),
        )
        if hold.placed_on <= on and (hold.until is None or on <= hold.until):
            found.setdefault(text(person), []).append(hold)
    return {person: tuple(holds) for person, holds in found.items()}


def is_past(
    policy: Policy,
    item: str,
    subject_kind: str,
    events: Mapping[str, date | None],
    *,
    on: date,
    settled: bool | None,
    holds: tuple[Hold, ...],
) -> bool | None:
    """Whether every reason to keep the item has ended. None = nobody can tell, and the gate refuses."""
    holds = opening(holds, on)
    key = (policy.sha256, item, subject_kind, tuple(sorted(events.items())), on, settled, holds)
    kept = _Kept.answers
    if key not in kept:
        answer = keep_until(policy, law_on(on), item, subject_kind, events, settled, holds, on=on).is_past(on)
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[key] = answer
        return answer
    return kept[key]


def opening(holds: Iterable[Hold], on: date) -> tuple[Hold, ...]:
    """The holds under which data may still be used, not only kept."""
    grounds = law_on(on).grounds
    return tuple(hold for hold in holds if hold.ground in grounds and grounds[hold.ground].opens)


def _number(row: Row) -> int:
    return int(row[0] or 0)
