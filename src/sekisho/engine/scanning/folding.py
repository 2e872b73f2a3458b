"""Text made even before it is searched, each character remembering where it stood in the original.

NFKC cluster by cluster (half-width kana with its mark is one), zero-width characters gone, every hyphen to `-`, the long
vowel mark too where it stands between digits, runs of four or more kanji digits to digits. Source: LAW.md section 6.
"""

import re
import unicodedata
from dataclasses import dataclass

from sekisho.engine.japanese.folding import HYPHENS

LONG_VOWEL = "ー"
# Kept as they are by NFKC: ASCII, common punctuation, kana, the common block of kanji. The rest is folded by cluster.
_OTHER = re.compile(r"[^\x00-\x7f\u3001-\u3029\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]+")
_MARKS = "\u3099\u309a\uff9e\uff9f"  # voicing marks, full and half width
_UNSEEN = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff")
_EVEN = str.maketrans(dict.fromkeys(HYPHENS.replace(LONG_VOWEL, ""), "-"))
_LONG_BETWEEN_DIGITS = re.compile(r"(?<=[0-9〇零一二三四五六七八九])ー(?=[0-9〇零一二三四五六七八九])")
_KANJI_RUN = re.compile(r"[〇零一二三四五六七八九](?:[-の]?[〇零一二三四五六七八九]){3,}")
_KANJI_DIGITS = str.maketrans("〇零一二三四五六七八九の", "00123456789-")


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
    if len(pieces) == 1:
        return Folded(_evened(text))
    starts.extend(range(at, len(text)))
    ends.extend(range(at + 1, len(text) + 1))
    return Folded(_evened("".join(pieces)), tuple(starts), tuple(ends))


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


def _evened(text: str) -> str:
    """Changes of one character to one character: places stay."""
    text = _LONG_BETWEEN_DIGITS.sub("-", text.translate(_EVEN))
    return _KANJI_RUN.sub(lambda run: run[0].translate(_KANJI_DIGITS), text)
