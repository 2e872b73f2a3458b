"""Which groups of people a figure goes out about: none that differs by a few from one that went out lately."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
from pyroaring import BitMap

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.query_schema import QueryPlan
from sekisho.registers.projections import rules
from sekisho.registers.projections.models import ReleasedGroup

MOST_GROUPS = 20_000


def parted(answers: Sequence[pa.Table], plan: QueryPlan) -> tuple[pa.Table, tuple[BitMap, ...]]:
    """The answer without the columns that tell who stands behind it; and who does, group by group."""
    first, *probes = answers
    count = len(plan.output)
    told = [first.select(list(range(count, first.num_columns)))] if plan.groups else []
    groups = [group for table in (*told, *probes) for group in _groups(table)]
    if len(groups) > MOST_GROUPS:
        raise SekishoError("projections.too-many-groups", room=rules.ROOM, most=MOST_GROUPS)
    names = [one.name for one in plan.output]
    columns = first.columns[:count]
    return pa.Table.from_arrays(columns, names=names), tuple(groups)


def release(groups: Sequence[BitMap], *, purpose: str, size: int, at: datetime) -> None:
    """Remember these groups as released, as part of the caller's transaction and entry.

    Raises: projections.group-differs-by-few.
    """
    if not groups:
        return
    since = at - rules.WINDOW
    sizes = [len(group) for group in groups]
    near = ReleasedGroup.objects.filter(
        purpose=purpose, released_at__gt=since, size__gt=min(sizes) - size, size__lt=max(sizes) + size
    )
    old = [BitMap.deserialize(bytes(row.people)) for row in near.iterator()]
    if rules.differ_by_few(groups, old, size):
        raise SekishoError("projections.group-differs-by-few", room=rules.ROOM, size=size, days=rules.WINDOW.days)
    known = set(near.values_list("sha256", flat=True))
    new = {hashlib.sha256(people := group.serialize()).hexdigest(): (group, people) for group in groups}
    ReleasedGroup.objects.filter(purpose=purpose, sha256__in=[one for one in new if one in known][:900]).update(
        released_at=at
    )
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
