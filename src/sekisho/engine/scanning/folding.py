"""Text made even before it is searched, each character remembering where it stood in the original.

NFKC cluster by cluster (half-width kana with its mark is one), zero-width characters gone, every hyphen to `-`, the long
vowel mark too where it stands between digits, runs of four or more kanji digits to digits. Source: LAW.md section 6.
"""

import re
import unicodedata
from dataclasses import dataclass

import re2

from sekisho.engine.japanese.folding import HYPHENS

LONG_VOWEL = "ー"
KANJI_DIGITS = "〇零一二三四五六七八九"
# Kept as they are by NFKC: ASCII, common punctuation, kana, the common block of kanji. The rest is folded by cluster.
_PLAIN = r"\x00-\x7f\x{3001}-\x{3029}\x{3041}-\x{3096}\x{30a1}-\x{30fc}\x{4e00}-\x{9fff}"
_OTHERS = re2.compile(f"[^{_PLAIN}]".encode())
_OTHER = re.compile(r"[^\x00-\x7f\u3001-\u3029\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]+")
_MARKS = "\u3099\u309a\uff9e\uff9f"  # voicing marks, full and half width
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_EVEN = str.maketrans(dict.fromkeys(HYPHENS.replace(LONG_VOWEL, ""), "-"))
_LONG_BETWEEN_DIGITS = re.compile(f"(?<=[0-9{KANJI_DIGITS}])ー(?=[0-9{KANJI_DIGITS}])")
_KANJI_RUN = re.compile(f"[{KANJI_DIGITS}](?:[-の]?[{KANJI_DIGITS}]){{3,}}")
_WORTH_EVENING = re2.compile(
    f"[0-9{KANJI_DIGITS}]ー[0-9{KANJI_DIGITS}]|[{KANJI_DIGITS}](?:[-の]?[{KANJI_DIGITS}]){{3}}".encode()
)
_KANJI_TO_DIGITS = str.maketrans(f"{KANJI_DIGITS}の", "00123456789-")


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` to search in. `starts` and `ends` are None where every character stayed in its place."""

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] (not empty) stands in the original."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """The text ready to be searched."""
    if text.isascii():
        return Folded(text)
    raw = text.encode(errors="surrogatepass")
    others = {one.decode(errors="surrogatepass") for one in _OTHERS.findall(raw)}
    if not others:
        return Folded(_evened(text, raw))
    table = {one: unicodedata.normalize("NFKC", one).translate(_EVEN) for one in others}
    if all(len(to) == 1 and not _joins(one) for one, to in table.items()):
        for one, to in table.items():  # few letters: each passes over the text faster than a table does
            text = text.replace(one, to) if one != to else text
        return Folded(_evened(text, text.encode(errors="surrogatepass")))
    return _clustered(text)


def _joins(letter: str) -> bool:
    """Whether it is not a letter by itself."""
    return letter in _MARKS or letter in _UNSEEN or unicodedata.combining(letter) != 0


def _clustered(text: str) -> Folded:
    """Fold letter by letter, remembering where each came from."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for run in _OTHER.finditer(text):
        begin = run.start() - (run.start() > at and text[run.start()] in _MARKS)  # the mark's letter goes with it
        pieces.append(text[at:begin])
        starts.extend(range(at, begin))
        ends.extend(range(at + 1, begin + 1))
        at = _clusters(text, begin, run.end(), pieces, starts, ends)
    pieces.append(text[at:])
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    folded = "".join(pieces).translate(_EVEN)
    return Folded(_evened(folded, folded.encode(errors="surrogatepass")), tuple(starts), tuple(ends))


def _clusters(text: str, at: int, end: int, pieces: list[str], starts: list[int], ends: list[int]) -> int:
    """Fold text[at:end] letter by letter, each with its marks."""
    while at < end:
        past = at + 1
        while past < end and (text[past] in _MARKS or unicodedata.combining(text[past])):
            past += 1
        folded = "" if text[at] in _UNSEEN else unicodedata.normalize("NFKC", text[at:past])
        pieces.append(folded)
        starts.extend([at] * len(folded))
        ends.extend([past] * len(folded))
        at = past
    return at


def _evened(text: str, raw: bytes) -> str:
    """Changes of one character to one character: places stay."""
    if _WORTH_EVENING.search(raw) is None:
        return text
    text = _LONG_BETWEEN_DIGITS.sub("-", text)
    return _KANJI_RUN.sub(lambda run: run[0].translate(_KANJI_TO_DIGITS), text)
