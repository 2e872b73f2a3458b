"""A folder of Excel workbooks (.xlsx): a sheet is a table, its first row the heading.

A removed row is emptied, cells, comments and links, and stays as an empty row: what stands below keeps its place, and
formulas of other sheets what they point at. What a rewrite would lose is refused: images, charts, pivot tables with their
copies, macros, and what the sheet's own formulas came to, which the next look could not read.
"""

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, assert_never

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from sekisho.connectors import columns as arrow
from sekisho.connectors import replacing, values
from sekisho.connectors.failures import refusal
from sekisho.connectors.fields import fitted
from sekisho.connectors.file_tables import BATCH_ROWS, Blank, Drop, Edit, FileTables, Part, Texts

LOST = (
    "xl/media/",
    "xl/drawings/drawing",
    "xl/charts/",
    "xl/pivot",
    "xl/embeddings/",
    "xl/externalLinks/",
    "xl/vbaProject",
    "xl/activeX/",
    "xl/slicer",
    "xl/threadedComments/",
    "xl/persons/",
    "customXml/",
    "xl/queryTables/",
)
BROKEN = (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError)
PYTHON_TYPES = ((bool, values.BOOLEAN), (int, values.INTEGER), (float, values.NUMBER), (datetime, values.TIMESTAMP))


class WorkbookSource(FileTables):
    """A `Source` over the sheets of workbooks."""

    suffixes = frozenset({".xlsx"})

    def _parts_of(self, path: Path) -> Iterator[tuple[str, Part]]:
        names = self._workbook(path, read_only=True, close=True)
        for name in names:
            yield ("" if len(names) == 1 else f":{name}"), Part(path, name)

    def _columns(self, part: Part, declared: Mapping[str, str]) -> Mapping[str, str]:
        rows = self._rows(part)
        names = [str(one) for one in next(rows, (0, ()))[1]]
        told: dict[str, str] = {}
        for _, row in rows:
            for name, value in zip(names, row, strict=False):
                if value not in {None, ""} and told.get(name) != values.TEXT:
                    told[name] = _wider(told.get(name), _told_by(value))
        return {name: declared.get(name, told.get(name, values.TEXT)) for name in names}

    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        rows = self._rows(part)
        heading = [str(one) for one in next(rows, (0, ()))[1]]
        while piece := list(islice(rows, BATCH_ROWS)):
            yield self._table(piece, part, heading, names, types)

    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> None:
        rows = list(self._rows(part))
        heading = [str(one) for one in rows[0][1]] if rows else []
        changes = dict(self._changes(rows[1:], part, heading, edit, types))
        if not changes:
            return
        self._refuse_lossy(part.path)

        def write(following: Path) -> None:
            book = self._workbook(part.path)
            sheet = book[part.name]
            if any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row):
                raise refusal("connector.lossy", self.system, path=part.path.name)  # what they came to would go unread
            for number, cells in changes.items():
                for cell in sheet[number]:
                    if cells is None or cell.column - 1 in cells:
                        cell.value = None if cells is None else cells[cell.column - 1]
                        if cell.value is not None:
                            cell.data_type = "s"  # a text that begins with = is no formula
                        cell.comment = None
                        cell.hyperlink = None
            book.save(following)

        replacing.replace(self.system, part.path, write)

    def _changes(
        self,
        rows: list[tuple[int, tuple[Any, ...]]],
        part: Part,
        heading: list[str],
        edit: Edit,
        types: Mapping[str, str],
    ) -> Iterator[tuple[int, dict[int, str | None] | None]]:
        """Number of a row -> its cells' new values by place; None where the row goes."""
        match edit:
            case Drop(where=where) | Blank(where=where):
                needed = list(dict.fromkeys(test.column for test in where))
                hits = arrow.mask(self._table(rows, part, heading, needed, types), where, types).to_pylist()
                columns = [] if isinstance(edit, Drop) else [heading.index(n) for n in edit.columns if n in heading]
                for (number, row), hit in zip(rows, hits, strict=True):
                    if hit and isinstance(edit, Drop):
                        yield number, None
                    elif hit and any(row[place] is not None for place in columns):
                        yield number, dict.fromkeys(columns)
            case Texts(column=column, key=key, texts=texts):
                told = self._table(rows, part, heading, list(key), types).to_pylist()
                place = heading.index(column)
                for (number, row), at in zip(rows, told, strict=True):
                    new = texts.get(tuple(at[name] for name in key))
                    if new is not None and row[place] != new:
                        yield number, {place: new}
            case _:
                assert_never(edit)

    def _table(
        self,
        rows: list[tuple[int, tuple[Any, ...]]],
        part: Part,
        heading: list[str],
        names: Sequence[str],
        types: Mapping[str, str],
    ) -> pa.Table:
        made = {}
        for name in names:
            place, plain = (heading.index(name) if name in heading else None), types[name]
            told = [None if place is None else self._fit(row[place], plain, part, number, name) for number, row in rows]
            made[name] = pa.array(told, values.ARROW[plain])
        return pa.table(made)

    def _fit(self, value: object, plain: str, part: Part, number: int, name: str) -> object:
        if value is None or isinstance(value, str):
            return fitted(value or "", plain, self.system, part.path.name, number, name)
        if plain == values.TEXT:
            whole = isinstance(value, float) and value.is_integer()
            return str(int(value)) if whole else str(value)  # type: ignore[call-overload]
        if plain == values.DATE and isinstance(value, datetime):
            return value.date()  # a day in a sheet has no zone
        if plain == values.INTEGER and isinstance(value, float) and value.is_integer():
            return int(value)
        right = {values.INTEGER: int, values.NUMBER: int | float, values.DATE: date, values.TIMESTAMP: date}.get(plain)
        if right is not None and not isinstance(value, right):
            raise refusal("connector.misfit", self.system, path=part.path.name, line=number, column=name, type=plain)
        return values.fit(value, plain)

    def _rows(self, part: Part) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Rows that hold anything, with their numbers; the first is the heading, the others as long as it."""
        book = self._workbook(part.path, read_only=True, data_only=True)
        width = 0
        try:
            for number, row in enumerate(book[part.name].iter_rows(values_only=True), 1):
                if any(value not in {None, ""} for value in row):
                    cells = tuple(row)
                    while not width and cells and cells[-1] is None:
                        cells = cells[:-1]
                    width = width or len(cells)
                    if any(value is not None for value in cells[width:]):
                        raise refusal("connector.broken-record", self.system, path=part.path.name, line=number)
                    yield number, (*cells[:width], *[None] * (width - len(cells)))
        finally:
            book.close()

    def _refuse_lossy(self, path: Path) -> None:
        with zipfile.ZipFile(path) as inside:
            if any(name.startswith(LOST) for name in inside.namelist()):
                raise refusal("connector.lossy", self.system, path=path.name)

    def _workbook(self, path: Path, *, close: bool = False, **how: bool) -> Any:
        try:
            book = load_workbook(path, **how)
        except BROKEN as error:
            raise refusal("connector.broken-file", self.system, path=path.name) from error
        if not close:
            return book
        names = list(book.sheetnames)
        book.close()
        return names


def _told_by(value: object) -> str:
    return next((plain for python, plain in PYTHON_TYPES if isinstance(value, python)), values.TEXT)


def _wider(one: str | None, other: str) -> str:
    if one is None or one == other:
        return other
    return values.NUMBER if {one, other} == {values.INTEGER, values.NUMBER} else values.TEXT
