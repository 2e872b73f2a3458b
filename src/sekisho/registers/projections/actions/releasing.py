"""Which groups of people a figure goes out about: none that differs by a few from one that went out lately."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from django.db.models import QuerySet
from pyroaring import BitMap

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.query_schema import QueryPlan
from sekisho.registers.projections import rules
from sekisho.registers.projections.models import ReleasedGroup

MOST_GROUPS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Parted:
    """An answer without the columns that tell who stands behind it; and who does, row by row and inside the query."""

    shown: pa.Table
    of_rows: tuple[BitMap, ...]  # empty where the answer is made of groups inside the query only
    inside: tuple[BitMap, ...]


def parted(answers: Sequence[pa.Table], plan: QueryPlan) -> Parted:
    """Take an answer apart. Raises: projections.too-many-groups."""
    first, *probes = answers
    count = len(plan.output)
    of_rows = tuple(_groups(first.select(list(range(count, first.num_columns))))) if plan.groups else ()
    inside = tuple(group for table in probes for group in _groups(table))
    if len(of_rows) + len(inside) > MOST_GROUPS:
        raise SekishoError("projections.too-many-groups", room=rules.ROOM, most=MOST_GROUPS)
    shown = pa.Table.from_arrays(first.columns[:count], names=[one.name for one in plan.output])
    return Parted(shown=shown, of_rows=of_rows, inside=inside)


def release(answer: Parted, *, purpose: str, size: int, at: datetime) -> pa.Table:
    """The rows that may go out, their groups remembered, as part of the caller's transaction and entry.

    A row whose group differs by a few from one that went out is withheld; groups inside the query can't be withheld.
    Raises: projections.group-differs-by-few.
    """
    groups = (*answer.inside, *answer.of_rows)
    if not groups:
        return answer.shown
    sizes = [len(group) for group in groups]
    near = ReleasedGroup.objects.filter(
        purpose=purpose,
        released_at__gt=at - rules.WINDOW,
        size__gt=min(sizes) - size,
        size__lt=max(sizes) + size,
    )
    old = [BitMap.deserialize(bytes(row.people)) for row in near.iterator()]
    differing = rules.differing_by_few(groups, old, size)
    kept = [place for place in range(len(answer.of_rows)) if place + len(answer.inside) not in differing]
    if any(place < len(answer.inside) for place in differing) or (differing and not kept):
        raise SekishoError("projections.group-differs-by-few", room=rules.ROOM, size=size, days=rules.WINDOW.days)
    _remember([*answer.inside, *(answer.of_rows[place] for place in kept)], near, purpose, at)
    return answer.shown.take(pa.array(kept, pa.int64())) if differing else answer.shown


def _remember(groups: Sequence[BitMap], near: "QuerySet[ReleasedGroup]", purpose: str, at: datetime) -> None:
    known = set(near.values_list("sha256", flat=True))
    new = {hashlib.sha256(people := group.serialize()).hexdigest(): (group, people) for group in groups}
    again = [one for one in new if one in known]
    for start in range(0, len(again), 500):
        rows = ReleasedGroup.objects.filter(purpose=purpose, sha256__in=again[start : start + 500])
        rows.update(released_at=at)
    ReleasedGroup.objects.bulk_create(
        [
            ReleasedGroup(purpose=purpose, size=len(group), sha256=sha256, people=people, released_at=at)
            for sha256, (group, people) in new.items()
            if sha256 not in known
        ],
        batch_size=500,
    )


def _groups(table: pa.Table) -> Iterator[BitMap]:
    columns = [column.to_pylist() for column in table.columns]
    for row in zip(*columns, strict=True):
        yield BitMap(number for people in row for number in people or () if number is not None)
