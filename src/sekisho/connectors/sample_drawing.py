"""Drawing some of many: the same draw again for the same seed, each row as likely as any other.

The first rows of a table are its oldest customers, or one shop's: what stands in the others is not seen in them.
"""

import math
import random
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TypeVar

from sekisho.connectors.statements import quoted

Row = TypeVar("Row")
# Rows in an order that looks random and is the same each time. SQLite has no hash: its row numbers are mixed twice.
MIXED = "(({row} % 4294967296) * 2654435761 + {seed}) % 4294967296"
ORDERS = {
    "postgres": "hashtextextended(tableoid::text || ctid::text, {seed})",
    "duckdb": "hash(rowid + {seed})",
    "mysql": "rand({seed})",
    "sqlite": f"(({MIXED} / 65536) * 40503 + ({MIXED}) * 48271) % 2147483647".replace("{row}", "rowid"),
}


def drawn(dialect: str, wanted: str, table: str, where: str, count: int, seed: int) -> str:
    """A SELECT of `count` rows drawn of the table; the first rows where the dialect has no order for it.

    `wanted` and `where` are SQL of names and constants only. The whole table is passed over once.
    """
    order = ORDERS.get(dialect, "").format(seed=int(seed))
    if dialect == "sqlite":  # a narrow index is enough to draw from
        chosen = f"SELECT rowid FROM {quoted(table)}{where} ORDER BY {order} LIMIT {int(count)}"  # noqa: S608
        return f"SELECT {wanted} FROM {quoted(table)} WHERE rowid IN ({chosen})"  # noqa: S608
    by = f" ORDER BY {order}" if order else ""
    return f"SELECT {wanted} FROM {quoted(table)}{where}{by} LIMIT {int(count)}"  # noqa: S608 names are quoted


def places(total: int, count: int, seed: int) -> Sequence[int]:
    """Which of `total` rows, in order; all where there are not more."""
    if total <= count:
        return range(total)
    return sorted(random.Random(seed).sample(range(total), count))  # noqa: S311 a draw that can be repeated


def reservoir(rows: Iterable[Row], count: int, seed: int) -> list[Row]:
    """`count` of rows whose number is not known, in their order. Source: Li, algorithm L, ACM TOMS 20(4), 1994."""
    draw = random.Random(seed)  # noqa: S311
    stream = enumerate(rows)
    kept = list(islice(stream, count))
    if len(kept) < count or not count:
        return [row for _, row in kept]
    weight = math.exp(math.log(1 - draw.random()) / count)
    while (found := next(islice(stream, _skip(draw, weight), None), None)) is not None:
        kept[draw.randrange(count)] = found
        weight *= math.exp(math.log(1 - draw.random()) / count)
    return [row for _, row in sorted(kept, key=lambda one: one[0])]


def _skip(draw: random.Random, weight: float) -> int:
    return int(math.log(1 - draw.random()) / math.log(1 - weight))
