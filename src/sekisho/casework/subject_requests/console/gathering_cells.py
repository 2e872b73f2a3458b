"""How a value of a gathering is written on the page, with what in it is black or proposed to be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from sekisho.casework.subject_requests.console.wording import language, said
from sekisho.casework.subject_requests.queries import Gathered
from sekisho.casework.subject_requests.rules.gathering import (
    Closed,
    GatheredSection,
    RedactionRecord,
    RedactionState,
    Value,
    gathering_words,
    words_of,
)
from sekisho.casework.subject_requests.rules.gathering_codes import coded, coding_of
from sekisho.engine.japanese.dates import format_date, format_instant
from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.engine.scanning.recognisers import RECOGNISERS

SHORT = 20  # signs that stay on one line
AROUND = 60  # signs before and after a place that help to judge it
LABELS = {one.type: one.label for one in RECOGNISERS}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text. `state` is empty where nothing is black; `number` is the redaction's."""

    text: str
    state: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a row. `closed` says why it did not leave; `row` and `column` where a clerk may mark it."""

    label: str
    column: str
    row: int
    pieces: tuple[Piece, ...]
    closed: str = ""
    is_number: bool = False
    can_mark: bool = False
    is_picture: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it may be broken over lines."""
        return sum(len(piece.text) for piece in self.pieces) > SHORT


@dataclass(frozen=True, slots=True)
class RedactionLine:
    """One redaction with what stands around it."""

    record: RedactionRecord
    place: str
    column: str
    why: str
    state: str
    reason: str
    pieces: tuple[Piece, ...]
    is_picture: bool = False


def cell_of(section: GatheredSection, index: int, place: int, redactions: Sequence[RedactionRecord]) -> Cell:
    """A value of a row as the page shows it."""
    column, value = section.columns[place], section.rows[index][place]
    label = said(column.label)
    if isinstance(value, Closed):
        return Cell(label, column.name, index, (), closed=said(words_of("closed", value.why)))
    mine = [one for one in redactions if one.column == column.name]
    means = coded(value, coding_of(column)) if not mine else None
    text = said(means) if means else written(value, is_counted=bool(column.items))
    is_text = isinstance(value, str) and means is None
    pieces = tuple(_pieces(text, mine)) if is_text else _whole(text, mine)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return Cell(
        label, column.name, index, pieces,
        is_number=is_number, can_mark=column.is_free_text and bool(text), is_picture=isinstance(value, bytes),
    )  # fmt: skip


def redaction_line(found: Gathered, one: RedactionRecord) -> RedactionLine:
    """One redaction, with the text around it and the others in it."""
    section = found.sections[one.section]
    place = [column.name for column in section.columns].index(one.column)
    value = section.rows[one.row][place]
    others = [o for o in found.redactions if (o.section, o.row, o.column) == (one.section, one.row, one.column)]
    pieces = _around(list(_pieces(value, others)), one) if isinstance(value, str) else _whole(written(value), [one])
    return RedactionLine(
        record=one,
        place=f"{said(section.system_label)}　{said(section.label)}　{_('%(n)s行目') % {'n': one.row + 1}}",
        column=said(section.columns[place].label),
        why=why_of(one.why),
        state=one.state.value,
        reason=said(words_of("lifting", one.reason)) if one.reason else "",
        pieces=tuple(pieces),
        is_picture=isinstance(value, bytes),
    )


def why_of(key: str) -> str:
    """Why a place was proposed."""
    if key in gathering_words()["why"]:
        return said(words_of("why", key))
    return LABELS[key].said(language()) if key in LABELS else key


def places_of(found: Gathered, section: int, row: int, column: str, words: str) -> tuple[int, ...]:
    """Where words stand in one text; one place before its beginning where they don't, which nobody can mark."""
    sections = [one for one in found.sections if one.number == section]
    names = [one.name for one in sections[0].columns] if sections else []
    if column in names and 0 <= row < len(sections[0].rows) and words:
        value = sections[0].rows[row][names.index(column)]
        if isinstance(value, str) and words in value:
            return tuple(_found(value, words))
    return (-1,)


def written(value: Value, *, is_counted: bool = True) -> str:
    """A value in words of the page's language. `is_counted`: an amount, not the number of a record."""
    match value:
        case None | Closed():
            return ""
        case bool():
            return _("はい") if value else _("いいえ")
        case datetime():
            local = value.astimezone(TOKYO)
            return f"{local:%Y-%m-%d %H:%M}" if language() == "en" else format_instant(value)
        case date():
            return value.isoformat() if language() == "en" else format_date(value, weekday=False)
        case bytes():
            return _("画像など %(n)sバイト") % {"n": f"{len(value):,}"}
        case int():
            return f"{value:,}" if is_counted else str(value)
        case _:
            return str(value)


def _found(text: str, words: str) -> Iterator[int]:
    start = text.find(words)
    while start >= 0:
        yield start
        start = text.find(words, start + len(words))


def _pieces(text: str, redactions: Sequence[RedactionRecord]) -> Iterator[Piece]:
    last = 0
    for one in sorted(redactions, key=lambda one: (one.start, -one.end)):
        if one.end <= last:
            continue
        if one.start > last:
            yield Piece(text[last : one.start])
        yield Piece(text[max(one.start, last) : one.end], one.state.value, one.number)
        last = one.end
    if last < len(text):
        yield Piece(text[last:])


def _whole(text: str, redactions: Sequence[RedactionRecord]) -> tuple[Piece, ...]:
    if not redactions:
        return (Piece(text),) if text else ()
    state = max(redactions, key=lambda one: one.state is not RedactionState.LIFTED).state
    return (Piece(text, state.value, redactions[0].number),)


def _around(pieces: list[Piece], one: RedactionRecord) -> list[Piece]:
    """The piece itself, and a little of what stands before and after."""
    place = next((index for index, piece in enumerate(pieces) if piece.number == one.number), 0)
    before, after = pieces[:place], pieces[place + 1 :]
    return [*_cut(before, from_end=True), pieces[place], *_cut(after, from_end=False)] if pieces else []


def _cut(pieces: list[Piece], *, from_end: bool) -> list[Piece]:
    kept: list[Piece] = []
    left = AROUND
    for piece in reversed(pieces) if from_end else pieces:
        if left <= 0:
            kept.append(Piece("…"))
            break
        if len(piece.text) > left and not piece.state:
            kept.append(Piece("…" + piece.text[-left:] if from_end else piece.text[:left] + "…"))
            break
        kept.append(piece)
        left -= len(piece.text)
    return kept[::-1] if from_end else kept
