"""What stands in a projection: how columns are coarsened, what stands for an identifier, and what makes two the same."""

import csv
import hashlib
import io
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources

import pyarrow as pa
from pyroaring import BitMap

from sekisho.engine.catalog.model import DataMap, Ownership, Table
from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.projections"
FOLDER = "projections"  # in the home
BUILDING = "of"  # a file that says of which table a copy is being built
LIVES = timedelta(hours=24)
GRACE = timedelta(hours=1)  # between the end of a day and the look that lets go
WINDOW = timedelta(days=30)  # how long a released group is remembered
MOST_FAILURES = 20  # of one actor for one purpose in a day
UNDERSTOOD = frozenset({"transform", "mask", "minimum_group", "notify"})  # duties a projection can carry out or pass on
NOT_COARSENED = "粗くして使う項目を、分けずに含む列です"
CONTROL = ("projections.control-column", "安全のための目印で、どの目的でも使えません")
FREE_TEXT = ("projections.free-text", "自由記述の列には、何が書かれているか分かりません")
FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
    "|",
    "%",
)  # how a cell begins that a spreadsheet runs
PSEUDONYM_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
COARSE_TYPE = {"year": "integer", "postal3": "text", "mask4": "text", "mask_last4": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class References:
    """Which names of columns stand for people or for rows, anywhere in the data map."""

    people: Mapping[str, str]  # column name -> kind of identifier that is never reused
    rows: frozenset[str]  # names of key columns


@dataclass(frozen=True, slots=True, kw_only=True)
class StandsFor:
    """What a column that is not personal by itself stands for: a person (by owner or kind), or a row."""

    owner: int | None = None
    kind: str = ""  # kind of identifier, where no owner of the table has this column
    is_row: bool = False


def job_rows() -> int:
    """From more rows than this on a table's copy is built as a job."""
    return int(_job()["rows"])


def waits() -> timedelta:
    """How long a question may rest on the copy it waited for."""
    return timedelta(hours=_job()["hours"])


@cache
def _job() -> Mapping[str, int]:
    text = resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["job"]  # type: ignore[no-any-return]


def references(datamap: DataMap) -> References:
    """Names of owner columns and of keys."""
    tables = [table for system in datamap.systems.values() for table in system.tables.values()]
    people = {
        owner.column: owner.by
        for table in tables
        for owner in table.owners
        if owner.at is None and not table.columns[owner.column].items
    }
    rows = {
        name
        for table in tables
        if table.owners and len(table.key) == 1
        for name in table.key
        if name in table.columns and not table.columns[name].items and table.columns[name].type in ("text", "integer")
    }
    return References(people=people, rows=frozenset(rows - set(people)))


def stands_for(table: Table, column: str, known: References) -> StandsFor | None:
    """What stands behind a column of class `none`; None where its value may stay as it is."""
    for place, owner in enumerate(table.owners):
        if owner.column == column:
            return StandsFor(owner=place)
    if not table.owners:
        return None
    if column in known.people:
        return StandsFor(kind=known.people[column])
    return StandsFor(is_row=True) if column in known.rows else None


def asked_rows(table: Table, columns: tuple[str, ...], known: References) -> tuple[str, ...]:
    """Columns that name rows and were asked for: they are the only ones that cost something to make."""
    found = [
        name
        for name in columns
        if not table.columns[name].items and (stands := stands_for(table, name, known)) is not None and stands.is_row
    ]
    return tuple(sorted(found))


def is_beside(owner: Ownership) -> bool:
    """Whether the owner is somebody else's row's other party: erased by blanking, so the row is not theirs alone."""
    return bool(owner.blanks)


def scope_of(**parts: object) -> str:
    """The hash of everything that makes a projection usable for a query."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def key_of(scope: str, epoch: int, build: str) -> str:
    """The projection's own key: no two builds share a folder."""
    return hashlib.sha256(f"{scope}\0{epoch}\0{build}".encode()).hexdigest()


def require_some_rows(rows: int, lost: Sequence[Mapping[str, object]]) -> None:
    """Where every row is lost to one rule, that rule is the answer: it is the actor's or the purpose's, not the rows'.

    Raises: projections.nothing-left.
    """
    if not rows and len(lost) == 1:
        only = lost[0]
        raise SekishoError(
            "projections.nothing-left", room=ROOM, why=only["message"], rule=only["code"], clause=only["clause"]
        )


def differing_by_few(new: Sequence[BitMap], old: Iterable[BitMap], size: int) -> frozenset[int]:
    """Places of the new groups that differ from another, new or old, by fewer people than the smallest group: by those few.

    Of two new ones the later is named.

    Two such groups share a member among the `size` smallest numbers of both, so only such pairs are looked at.
    """
    among: dict[int, list[BitMap]] = {}
    for group in old:
        for number in _smallest(group, size):
            among.setdefault(number, []).append(group)
    found = set()
    for place, group in enumerate(new):
        numbers = _smallest(group, size)
        others = {id(other): other for number in numbers for other in among.get(number, ())}
        if any(0 < group.symmetric_difference_cardinality(other) < size for other in others.values()):
            found.add(place)
            continue
        for number in numbers:
            among.setdefault(number, []).append(group)
    return frozenset(found)


def _smallest(group: BitMap, size: int) -> list[int]:
    return [group[place] for place in range(min(size, len(group)))]


def csv_text(rows: pa.Table) -> str:
    """CSV in which no cell is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(name) for name in rows.column_names])
    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
        writer.writerow([harmless(value) for value in row])
    return out.getvalue()


def harmless(value: object) -> object:
    """A cell that begins like a formula gets an apostrophe before it; numbers stay numbers."""
    if isinstance(value, str) and value.lstrip(" \u3000").startswith(FORMULA):
        return "'" + value
    return value.isoformat() if isinstance(value, datetime | date) else value
