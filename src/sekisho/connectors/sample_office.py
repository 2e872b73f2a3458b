"""Samples of office files: sheets of xlsx as tables, pages of PDF as texts. The files are only read.

A PDF of pictures has no text: that is told, not taken for an empty one.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from sekisho.connectors.sample_tables import Passage, Sample, tabled
from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.scanning"  # discovery's words
MOST_UNPACKED = 1 << 30  # bytes of an xlsx once unpacked: more is no table of a person's making

COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")  # how a compound file begins ([MS-CFB] 2.2)


def sheets(file: Path, name: str, rows: int, seed: int, *, schema_only: bool) -> Iterator[Sample]:
    """Every sheet with cells. Raises: discover.damaged, discover.locked, discover.too-large."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with ZipFile(file) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED:
                raise SekishoError("discover.too-large", room=ROOM, source=name)
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise SekishoError(_why_not(file), room=ROOM, source=name) from error
    try:
        for sheet in book.worksheets:
            lines = ([_said(cell) for cell in row] for row in sheet.iter_rows(values_only=True))
            filled = (line for line in lines if any(line))
            if (found := tabled(f"{name}:{sheet.title}", filled, rows, seed, schema_only=schema_only)).columns:
                yield found
    finally:
        book.close()


def pages(file: Path, name: str) -> Iterator[Passage]:
    """The text of every page. Raises: discover.damaged, discover.locked, discover.no-text."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file)
    except pypdfium2.PdfiumError as error:
        is_locked = error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD
        raise SekishoError("discover.locked" if is_locked else "discover.damaged", room=ROOM, source=name) from error
    except OSError as error:
        raise SekishoError("discover.damaged", room=ROOM, source=name) from error
    try:
        texts = [_text(document, place) for place in range(len(document))]
    except pypdfium2.PdfiumError as error:
        raise SekishoError("discover.damaged", room=ROOM, source=name) from error
    finally:
        document.close()
    if not any(texts):
        raise SekishoError("discover.no-text", room=ROOM, source=name)
    yield from _passages(name, texts)


def _why_not(file: Path) -> str:
    """A book with a password is no zip but a compound file ([MS-OFFCRYPTO] 2.1.1); anything else is damaged."""
    with file.open("rb") as opened:
        return "discover.locked" if opened.read(len(COMPOUND)) == COMPOUND else "discover.damaged"


def _passages(name: str, texts: Sequence[str]) -> Iterator[Passage]:
    for place, text in enumerate(texts, 1):
        if text:
            yield Passage(location=f"{name}:p{place}", text=text)


def _text(document: "object", place: int) -> str:
    page = document[place]  # type: ignore[index]  # pypdfium2 ships no types
    text = page.get_textpage()
    try:
        return re.sub(r"\r\n?", "\n", str(text.get_text_range())).strip()
    finally:
        text.close()
        page.close()


def _said(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
