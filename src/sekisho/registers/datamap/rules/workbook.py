"""The ledger as a spreadsheet: one row per class and system, ready to be printed.

No cell is a formula: whatever begins like one is stored as text and marked as typed text, so that it stays text when the
sheet is saved as something else.
"""

import io
import re
from collections.abc import Mapping
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import save_workbook

from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.engine.policy.model import Text
from sekisho.registers.datamap.rules.cells import COLUMNS, cells
from sekisho.registers.datamap.rules.ledger import LedgerRow, Look

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def workbook(
    rows: tuple[LedgerRow, ...], looks: Mapping[str, Look], *, title: Text, at: datetime, language: str = "ja"
) -> bytes:
    """The whole ledger as xlsx."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):  # a new workbook always has one
        sheet = book.create_sheet()
    sheet.title = "個人情報管理台帳" if language == "ja" else "Personal information"
    words = title.en if language == "en" and title.en else title.ja
    _put(sheet, 1, 1, f"{words}　{sheet.title}　{at.astimezone(TOKYO):%Y-%m-%d %H:%M}")
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    for column, (_, heading, width) in enumerate(COLUMNS, start=1):
        _put(sheet, 2, column, heading.en if language == "en" else heading.ja)
        head = sheet.cell(2, column)
        head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor="E8EBEE")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for number, row in enumerate(rows, start=3):
        said = cells(row, looks.get(row.system), language)
        for column, (key, _, _) in enumerate(COLUMNS, start=1):
            _put(sheet, number, column, said[key])
    _printed(sheet, len(rows) + 2)
    stream = io.BytesIO()
    save_workbook(book, stream)
    return stream.getvalue()


def _put(sheet: Worksheet, row: int, column: int, value: str | int) -> None:
    cell = sheet.cell(row, column)
    if isinstance(value, int):
        cell.value, cell.number_format = value, "#,##0"
    else:
        text = CONTROL.sub("", value)
        cell.value = text
        if text:
            cell.data_type = "s"  # never a formula
        cell.quotePrefix = text[:1] in {"=", "+", "-", "@", "\t", "\r"}
    if row > 1:
        line = Side(style="thin", color="9AA1A7")
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.border = Border(left=line, right=line, top=line, bottom=line)


def _printed(sheet: Worksheet, last: int) -> None:
    """A3 across, header row repeated and frozen, as wide as one page."""
    end = get_column_letter(len(COLUMNS))
    sheet.freeze_panes = "D3"
    sheet.print_area = f"A1:{end}{last}"
    sheet.print_title_rows = "2:2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.auto_filter.ref = f"A2:{end}{last}"
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P / &N"
