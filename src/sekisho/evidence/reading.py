"""Read from several registers in one statement: one instant of the database, one way there and back.

Each register says which rows it would read, as an `Arm`; the arms become one UNION ALL. What is read is therefore what
one snapshot held: a change committed before the reading began is seen, whole. Values come as SQLite or PostgreSQL
write them; `day`, `instant`, `flag` and `listed` read both.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from django.db import connection

from sekisho.evidence.writing import reading

Row = tuple[str | int | None, ...]
Rows = Mapping[str, Sequence[Row]]
PORTION = 100_000  # rows in memory at once
MOST_KEYS = 500  # in one statement: SQLite bounds its parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Rows of one table: `{keys}` in `where` stands for the keys asked for; without it the arm takes none."""

    name: str
    table: str
    columns: tuple[str, ...]
    where: str = ""

    @property
    def is_keyed(self) -> bool:
        """Whether the arm is asked with keys."""
        return "{keys}" in self.where


def read(asked: Sequence[tuple[Arm, Sequence[str]]]) -> dict[str, list[Row]]:
    """The rows of every arm by its name. An arm with keys and none given has no rows."""
    found: dict[str, list[Row]] = {arm.name: [] for arm, _ in asked}
    shape: list[tuple[Arm, int]] = []
    keys: list[str] = []
    for arm, wanted in asked:
        if not arm.is_keyed:
            shape.append((arm, 0))
            continue
        for start in range(0, len(wanted), MOST_KEYS):
            some = list(wanted[start : start + MOST_KEYS])
            # As many keys as the next power of two, the last repeated: few statements, each prepared once.
            some += some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
            shape.append((arm, len(some)))
            keys += some
    names, sql = _statement(connection.vendor, tuple(shape))
    with reading(), connection.cursor() as cursor:
        cursor.execute(sql, keys)
        rows = cursor.fetchall()
    for row in rows:
        found[names[row[0]]].append(row[1:])
    return found


@lru_cache(maxsize=512)
def _statement(vendor: str, shape: tuple[tuple[Arm, int], ...]) -> tuple[tuple[str, ...], str]:
    width = max(len(arm.columns) for arm, _ in shape)
    names = tuple(arm.name for arm, _ in shape)
    selects = []
    for number, (arm, keys) in enumerate(shape):
        columns = [_text(vendor, column) for column in arm.columns]
        columns += [_text(vendor, "NULL")] * (width - len(columns))
        where = f" WHERE {arm.where.format(keys=', '.join(['%s'] * keys))}" if arm.where else ""
        selects.append(f"SELECT {number}, {', '.join(columns)} FROM {arm.table}{where}")  # noqa: S608  our own names
    return names, " UNION ALL ".join(selects)


def _text(vendor: str, column: str) -> str:
    """One type for every column: PostgreSQL wants that of a union, SQLite does not mind."""
    name = column if column == "NULL" else f'"{column}"'
    return f"CAST({name} AS text)" if vendor == "postgresql" else name


def stream(
    table: str, columns: Sequence[str], *, order: str, above: int = 0, up_to: int | None = None
) -> Iterator[list[Row]]:
    """All rows of a table in the order of a number, in portions, as plain values: for who reads everything.

    Each row ends with its number. A column is a name, or a name with the form it is read in: `born_on:text` as text,
    `until:instant` as text in UTC, `given:number` as 0 or 1. `above` and `up_to` bound the number. Every portion is a
    statement of its own, so that nobody who writes waits for who reads everything.
    """
    selected = ", ".join([*(_read_as(connection.vendor, column) for column in columns), f'"{order}"'])
    bound = f' AND "{order}" <= %s' if up_to is not None else ""
    sql = f'SELECT {selected} FROM {table} WHERE "{order}" > %s{bound} ORDER BY "{order}" LIMIT {PORTION}'  # noqa: S608  our own names
    while True:
        with connection.cursor() as cursor:
            cursor.execute(sql, [above] if up_to is None else [above, up_to])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        above = rows[-1][-1]


def _read_as(vendor: str, column: str) -> str:
    name, _, form = column.partition(":")
    if form == "number":
        return f'CAST("{name}" AS integer)'
    if form == "instant" and vendor == "postgresql":
        return f"CAST(\"{name}\" AT TIME ZONE 'UTC' AS text)"
    return f'CAST("{name}" AS text)' if form else f'"{name}"'


def day(value: object) -> date | None:
    """A date."""
    return None if value is None else date.fromisoformat(str(value))


def instant(value: object) -> datetime | None:
    """An aware instant, in UTC."""
    if value is None:
        return None
    at = datetime.fromisoformat(str(value))
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def flag(value: object) -> bool:
    """A yes or no."""
    return value in (1, "1", "true", "t")


def text(value: object) -> str:
    """A text; NULL is empty."""
    return "" if value is None else str(value)


def listed(value: object) -> tuple[str, ...]:
    """A JSON list of texts."""
    return tuple(str(one) for one in json.loads(str(value))) if value else ()
