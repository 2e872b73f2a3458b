"""Where a text tells the whereabouts of a protected person, however it is written: address, phone number, name.

Both sides are folded as for the search of personal information (engine.scanning), and an address further: 丁目, 番地, 番,
号 and の become hyphens, kanji numerals digits, old forms of kanji new ones. It is found whole, without its prefecture,
and as town and lot alone. Source: 支援措置 (住民基本台帳事務処理要領 第5-10), APPI 23, LAW.md section 6.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sekisho.casework.subject_requests.rules.gathering import Value, gathering_words
from sekisho.casework.subject_requests.rules.gathering_text import Span
from sekisho.engine.erasure.needles import Finder, Needle, NeedleKind
from sekisho.engine.scanning.folding import fold

PROTECTED = "protected"
BETWEEN = "\x1f"  # no folding drops it, so nothing is found across two values
NUMERALS = dict(zip("〇零一二三四五六七八九", "00123456789", strict=True))
TENS = {"十": 10, "百": 100}
RUN = re.compile(f"[{''.join(NUMERALS)}{''.join(TENS)}]+")
LOT = re.compile(r"(?<=[0-9])(?:丁目|番地の|番地|番|号|ノ|-)+")
PREFECTURE = re.compile(r"^(?:北海道|東京都|京都府|大阪府|.{2,3}県)")
TOWN = re.compile(r"^(?:.{1,6}?郡)?(?:[^0-9市区町村]{1,6}市(?:[^0-9区]{1,4}区)?|[^0-9区]{1,4}区|[^0-9町村]{1,6}[町村])")
WITH_LOT = re.compile(r"^[^0-9]+[0-9]+(?:条[^0-9]{1,2}[0-9]+)?(?:-[0-9]+)+")  # one number alone may be a whole quarter
SHORTEST = 4  # signs of a folded address that are looked for


@dataclass(frozen=True, slots=True)
class _Folded:
    text: str
    places: Sequence[tuple[int, int]]


class Guard:
    """Looks for the whereabouts of protected people."""

    def __init__(self, *, addresses: Iterable[str], phones: Iterable[str], names: Iterable[str]) -> None:
        needles = [Needle(kind=NeedleKind.PHONE, value=one) for one in sorted(set(phones))]
        needles += [Needle(kind=NeedleKind.NAME, value=one) for one in sorted(set(names)) if one.strip()]
        self._finder = Finder(needles)
        wanted = sorted(
            {form for one in set(addresses) for form in address_forms(one)}, key=lambda one: (-len(one), one)
        )
        self._addresses = re.compile(f"(?:{'|'.join(map(re.escape, wanted))})(?![0-9])") if wanted else None
        self.is_needed = bool(needles or wanted)

    def spans(self, value: Value) -> list[Span]:
        """Where a value tells of them, in order; a number as a whole."""
        if not isinstance(value, str | int) or isinstance(value, bool) or not self.is_needed:
            return []
        text = str(value)
        found = [(one.start, one.end) for one in self._finder.mentions(text)]
        if self._addresses is not None:
            folded = _folded(text)
            found += [
                (folded.places[one.start()][0], folded.places[one.end() - 1][1])
                for one in self._addresses.finditer(folded.text)
            ]
        return [Span(start, end if isinstance(value, str) else len(text), PROTECTED) for start, end in _joined(found)]

    def may_be_in(self, values: Iterable[Value]) -> bool:
        """Whether any of a row's values may tell of them: a quick look before the slow one."""
        return bool(self.spans(BETWEEN.join(str(one) for one in values if isinstance(one, str | int))))


def address_forms(address: str) -> tuple[str, ...]:
    """The folded ways to write an address: whole, without prefecture, and town with lot but without municipality."""
    whole = _folded(address).text.rstrip("-")
    short = PREFECTURE.sub("", whole)
    town = TOWN.sub("", short)
    lot = WITH_LOT.match(town)
    forms = (whole, short, lot[0] if lot else "", *(found[0] for one in (short,) if (found := WITH_LOT.match(one))))
    return tuple(dict.fromkeys(form for form in forms if len(form) >= SHORTEST))


def same_place(one: str, other: str) -> bool:
    """Whether two addresses are one."""
    return bool(set(address_forms(one)) & set(address_forms(other)))


def over(guarded: Sequence[Span], others: Iterable[Span]) -> list[Span]:
    """Places to black out: those of protected people, widened to what else was found across them, then the rest."""
    spans = [Span(start, end, PROTECTED) for start, end in _joined((one.start, one.end) for one in guarded)]
    rest: list[Span] = []
    for one in sorted(others):
        for place, guard in enumerate(spans):
            if one.start < guard.end and guard.start < one.end:
                spans[place] = Span(min(one.start, guard.start), max(one.end, guard.end), PROTECTED)
                break
        else:
            rest.append(one)
    wide = [Span(start, end, PROTECTED) for start, end in _joined((one.start, one.end) for one in spans)]
    return sorted([*wide, *rest])


def _joined(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _folded(text: str) -> _Folded:
    """An address or a text ready to be compared, each sign with its place in the original."""
    even = fold(text)
    signs: list[str] = []
    places: list[tuple[int, int]] = []
    for start, end, sign in _pieces(even.text):
        place = even.span(start, end)
        for one in sign:
            signs.append(one)
            places.append(place)
    joined = "".join(signs)
    out: list[str] = []
    kept: list[tuple[int, int]] = []
    last = 0
    for run in LOT.finditer(joined):
        out.append(joined[last : run.start()])
        kept += places[last : run.start()]
        out.append("-")
        kept.append((places[run.start()][0], places[run.end() - 1][1]))
        last = run.end()
    return _Folded("".join([*out, joined[last:]]), [*kept, *places[last:]])


def _pieces(text: str) -> Iterator[tuple[int, int, str]]:
    """Signs as they are compared: kanji numerals as digits, one kana, one form of a kanji, no spaces."""
    forms = gathering_words()["protected"]["forms"]
    last = 0
    for run in RUN.finditer(text):
        yield from _signs(text, last, run.start(), forms)
        yield run.start(), run.end(), _number(run[0])
        last = run.end()
    yield from _signs(text, last, len(text), forms)


def _signs(text: str, start: int, end: int, forms: dict[str, str]) -> Iterator[tuple[int, int, str]]:
    for place in range(start, end):
        sign = text[place].lower()
        if sign.isspace():
            continue
        sign = chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign
        yield place, place + 1, forms.get(sign, sign)


def _number(run: str) -> str:
    """「二十三」 as 23, 「二三」 as 23, 「〇」 as 0."""
    if not any(sign in TENS for sign in run):
        return "".join(NUMERALS[sign] for sign in run)
    total, digit = 0, 0
    for sign in run:
        if sign in TENS:
            total, digit = total + (digit or 1) * TENS[sign], 0
        else:
            digit = digit * 10 + int(NUMERALS[sign])
    return str(total + digit)
