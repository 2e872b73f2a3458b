"""Where a value that was put right still stands in a text, however it is written there, and the text with the right one.

Found as the verifier of an erasure finds values. Source: APPI art. 34; LAW.md section 6.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sekisho.casework.subject_requests.rules.effects import Correction, effects, folded
from sekisho.engine.erasure.needles import Finder, Needle, NeedleKind
from sekisho.engine.japanese.dates import format_date
from sekisho.engine.japanese.wareki import format_wareki


@dataclass(frozen=True, slots=True)
class Wrong:
    """A place in a text where a wrong value stands, and what belongs there."""

    start: int
    end: int
    right: str
    name: str = ""  # the wrong value, where it is a name


@dataclass(frozen=True, slots=True)
class _Form:
    """One way of writing a wrong value; `right` the same way; `until`: before that day it was right."""

    needle: Needle
    right: str
    until: date | None


class Mender:
    """Finds the wrong values of several corrections in texts, and writes the right ones."""

    def __init__(self, corrections: Iterable[Correction]) -> None:
        self._forms = tuple(form for one in corrections for form in _forms(one))
        rights = dict.fromkeys(Needle(kind=one.needle.kind, value=one.right) for one in self._forms if one.right)
        self._finder = Finder((*(one.needle for one in self._forms), *rights))

    def __bool__(self) -> bool:
        return bool(self._forms)

    @property
    def names(self) -> tuple[str, ...]:
        """The wrong values that are names."""
        return tuple(one.needle.value for one in self._forms if one.needle.is_name)

    def texts_with(self, texts: list[str | None]) -> Iterator[int]:
        """Which of the texts may hold a wrong value, by index."""
        return self._finder.texts_with(texts) if self._forms else iter(())

    def wrongs(self, text: str, written_on: date | None) -> tuple[Wrong, ...]:
        """The places, in order. What stands inside the right value is right; so is what was right on the day of the text."""
        found = []
        for one in self._finder.mentions(text) if self._forms else ():
            if one.needle >= len(self._forms):
                continue
            form = self._forms[one.needle]
            was_right = form.until is not None and written_on is not None and written_on < form.until
            if not was_right and text[one.start : one.end] != form.right:
                name = form.needle.value if form.needle.is_name else ""
                found.append(Wrong(one.start, one.end, form.right, name))
        return tuple(found)

    def mended(self, text: str, written_on: date | None) -> str:
        """The text with the right values."""
        pieces, last = [], 0
        for one in self.wrongs(text, written_on):
            pieces += [text[last : one.start], one.right]
            last = one.end
        return "".join([*pieces, text[last:]])


def _forms(one: Correction) -> Iterator[_Form]:
    told = effects()["texts"]
    if one.field in told["never"] or len(folded(one.wrong)) < told["shortest"]:
        return
    days = _day(one.wrong), _day(one.right)
    if days[0] and days[1]:
        for wrong, right in zip(_written(days[0]), _written(days[1]), strict=True):
            yield _Form(Needle(kind=NeedleKind.CODE, value=wrong), right, one.happened)
        return
    yield _Form(Needle(kind=_kind(one.field), value=one.wrong), one.right, one.happened)


def _kind(field: str) -> NeedleKind:
    told = effects()["texts"]
    if field in told["names"]:
        return NeedleKind.NAME
    if field in told["phones"]:
        return NeedleKind.PHONE
    return NeedleKind.MAIL if field in told["mails"] else NeedleKind.CODE


def _written(day: date) -> tuple[str, ...]:
    """A day as people write it."""
    return (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}/{day.month:02}/{day.day:02}",
        format_date(day, weekday=False),
        f"{day.year}年{day.month:02}月{day.day:02}日",
        format_wareki(day),
    )


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
