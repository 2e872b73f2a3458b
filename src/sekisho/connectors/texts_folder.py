"""Folders of documents: plain texts, which can be removed and rewritten whole, and PDF, which can only be read.

A sub-folder is a table, files in the folder itself are one of the folder's name. A text is a row: path, text, modified. A
page of a PDF is a row: path, page, text. Images of writing in a PDF are not read.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import pyarrow as pa

from sekisho.connectors import columns as arrow
from sekisho.connectors import replacing, values
from sekisho.connectors.failures import refusal
from sekisho.connectors.file_tables import Blank, Drop, Edit, FileTables, Part
from sekisho.connectors.source import Scalar, Where
from sekisho.connectors.text_encoding import encoding_of

TEXT_COLUMNS = {"path": values.TEXT, "text": values.TEXT, "modified": values.TIMESTAMP}
PDF_COLUMNS = {"path": values.TEXT, "page": values.INTEGER, "text": values.TEXT, "modified": values.TIMESTAMP}


class _Documents(FileTables):
    """Files whose rows are not a table of their own."""

    columns: Mapping[str, str]

    def _tables(self) -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = {}
        for path in sorted(self._folder.rglob("*")) if self._place.is_dir() else [self._place]:
            inner = path.relative_to(self._folder)
            hidden = any(one.startswith((".", "~$")) for one in inner.parts) or path.suffix == replacing.NEXT_SUFFIX
            if path.is_file() and not hidden and (not self.suffixes or path.suffix.lower() in self.suffixes):
                table = inner.parts[0] if len(inner.parts) > 1 else self._folder.name
                found.setdefault(table, []).append(Part(path))
        for folder in self._folder.iterdir() if self._place.is_dir() else ():
            if folder.is_dir() and not folder.name.startswith("."):
                found.setdefault(folder.name, [])
        return found

    def _columns(self, part: Part, declared: Mapping[str, str]) -> Mapping[str, str]:
        return self.columns

    def _types(self, table: str, columns: Sequence[str]) -> Mapping[str, str]:
        if table not in self._tables():
            raise refusal("connector.unknown-name", self.system, name=table)
        for column in columns:
            if column not in self.columns:
                raise refusal("connector.unknown-name", self.system, name=f"{table}.{column}")
        return self.columns

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Every folder with the columns all have."""
        return {table: dict(self.columns) for table in self._tables()}

    def _path(self, part: Part) -> str:
        return part.path.relative_to(self._folder).as_posix()

    def _modified(self, part: Part) -> datetime:
        return datetime.fromtimestamp(part.path.stat().st_mtime, UTC)


class TextSource(_Documents):
    """A `Source` over plain texts. A text that says nothing is null; removing a row removes the file."""

    suffixes = frozenset()
    columns = TEXT_COLUMNS

    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        row: dict[str, object] = {"path": self._path(part), "modified": self._modified(part)}
        if "text" in names:
            encoding = encoding_of(self.system, part.path)
            row["text"] = part.path.read_text(encoding=encoding) or None
        yield _table([row], names, types)

    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> None:
        old = next(self._read(part, list(types), types))
        if isinstance(edit, Drop | Blank) and not any(arrow.mask(old, edit.where, types).to_pylist()):
            return
        if isinstance(edit, Drop):
            replacing.remove(self.system, part.path)
            return
        changed = edit.columns if isinstance(edit, Blank) else [edit.column]
        if set(changed) - {"text"}:
            raise refusal("connector.cannot-change", self.system, name="path")
        row = old.to_pylist()[0]
        new = "" if isinstance(edit, Blank) else edit.texts.get(tuple(row[name] for name in edit.key))
        if new is not None and new != (row["text"] or ""):
            self._put(part, new)

    def _put(self, part: Part, text: str) -> None:
        encoding = encoding_of(self.system, part.path)
        try:
            content = text.encode(encoding)
        except UnicodeEncodeError:  # its own words hold the text
            raise refusal("connector.not-encodable", self.system, path=part.path.name, encoding=encoding) from None
        told = part.path.stat()

        def write(following: Path) -> None:
            following.write_bytes(content)
            os.utime(following, ns=(told.st_atime_ns, told.st_mtime_ns))  # its age decides when it is due

        replacing.replace(self.system, part.path, write)


class PdfSource(_Documents):
    """A `Source` over the pages of PDF files. Every write is refused: what a page says can't be taken out of it safely."""

    suffixes = frozenset({".pdf"})
    columns = PDF_COLUMNS

    def erase(self, table: str, where: Where) -> None:
        """Refused."""
        self._refuse(table, where)

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Refused."""
        self._types(table, columns)
        self._refuse(table, where)

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Refused where there is anything to rewrite."""
        self._types(table, [column, *key])
        if texts:
            raise refusal("connector.cannot-change", self.system, name=table)

    def _refuse(self, table: str, where: Where) -> None:
        self._require(table, where)
        if self.count(table, where):
            raise refusal("connector.cannot-change", self.system, name=table)

    def _rewrite(self, part: Part, edit: Edit, types: Mapping[str, str]) -> NoReturn:
        raise refusal("connector.cannot-change", self.system, name=self._path(part))

    def _read(self, part: Part, names: Sequence[str], types: Mapping[str, str]) -> Iterator[pa.Table]:
        rows: list[dict[str, object]] = [
            {"path": self._path(part), "modified": self._modified(part), "page": page, "text": text or None}
            for page, text in enumerate(self._pages(part), 1)
        ]
        yield _table(rows, names, types)

    def _pages(self, part: Part) -> Iterator[str]:
        import pypdfium2

        try:
            document: Any = pypdfium2.PdfDocument(part.path)
        except pypdfium2.PdfiumError as error:  # broken, or behind a password
            raise refusal("connector.broken-file", self.system, path=part.path.name) from error
        try:
            for page in document:
                text = page.get_textpage()
                yield text.get_text_bounded().replace("\r\n", "\n")
                text.close()
                page.close()
        finally:
            document.close()


def _table(rows: list[dict[str, object]], names: Sequence[str], types: Mapping[str, str]) -> pa.Table:
    return pa.table({name: pa.array([row.get(name) for row in rows], values.ARROW[types[name]]) for name in names})
