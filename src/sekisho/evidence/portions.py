"""Read many rows without holding the database: each portion is a statement of its own.

A statement that stays open while its rows are worked through keeps SQLite's readers' lock, and every commit waits for it:
a look at all promises would stop every decision for as long as it takes.
"""

from collections.abc import Iterator
from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)
PORTION = 2_000


def in_portions(rows: "QuerySet[Row]", *, by: str, newest_first: bool = False) -> Iterator[Row]:
    """The rows in the order of a unique column. Each portion is as of its own instant; what is appended may be met."""
    ordered = rows.order_by(f"-{by}" if newest_first else by)
    portion = list(ordered[:PORTION])
    while portion:
        yield from portion
        last = getattr(portion[-1], by)
        portion = list(ordered.filter(**{f"{by}__{'lt' if newest_first else 'gt'}": last})[:PORTION])
