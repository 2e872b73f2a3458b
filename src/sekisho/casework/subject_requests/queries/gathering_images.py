"""Pictures and other files that stand in columns of a gathering: shown inside the case, and beside the letter of an answer."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from sekisho.casework.subject_requests.queries.answer_letters import Sheet, Told
from sekisho.casework.subject_requests.queries.gathering import gathered
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.gathering import Value
from sekisho.casework.subject_requests.rules.gathering_images import Attached, ending_of
from sekisho.casework.subject_requests.rules.gathering_leaving import BINARY
from sekisho.connectors.scans import as_png, pages_of
from sekisho.engine.errors import SekishoError


def picture(ref: str, *, section: int, row: int, column: str) -> tuple[bytes, ...]:
    """The pages of one picture of a gathering as PNG.

    Raises: requests.no-such-image, connector.scan-unreadable, connector.scan-too-large, what `gathered` raises.
    """
    found = gathered(ref)
    sections = [one for one in found.sections if one.number == section]
    names = [one.name for one in sections[0].columns] if sections else []
    if column in names and 0 <= row < len(sections[0].rows):
        value = sections[0].rows[row][names.index(column)]
        if isinstance(value, bytes) and value:
            return tuple(as_png(page) for page in pages_of(value, name=f"{ref}-{section}-{row}"))
    raise SekishoError("requests.no-such-image", room=ROOM, ref=ref)


def with_attached(told: Told) -> tuple[Told, Mapping[str, bytes]]:
    """The answer with every file named instead of put into its tables, and those files by name."""
    folder: str = answering()["package"][told.language]["images"]
    files: dict[str, bytes] = {}
    sheets = tuple(_without_files(number, sheet, folder, files) for number, sheet in enumerate(told.sheets, 1))
    return replace(told, sheets=sheets), files


def _without_files(number: int, sheet: Sheet, folder: str, files: dict[str, bytes]) -> Sheet:
    places = [place for place, column in enumerate(sheet.columns) if column.type in BINARY]
    if not places:
        return sheet
    rows = [
        tuple(_attached(number, sheet, index, place, value, folder, files) for place, value in enumerate(row))
        for index, row in enumerate(sheet.rows, 1)
    ]
    return replace(sheet, rows=rows)


def _attached(
    number: int, sheet: Sheet, index: int, place: int, value: Value, folder: str, files: dict[str, bytes]
) -> Value:
    if not isinstance(value, bytes) or not value:
        return value
    name = f"{folder}/{number:02}_{sheet.id}_{index:04}_{sheet.columns[place].name}.{ending_of(value)}"
    files[name] = value
    return Attached(name=name, size=len(value), sha256=sha256(value).hexdigest())
