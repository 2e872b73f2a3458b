"""Findings in free text, in the order they stand in, with places in the text as it was given."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import accumulate

from sekisho.engine.japanese.folding import fold_number
from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.prefilter import candidates
from sekisho.engine.scanning.recogniser import Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.weighing import CHECKED, FORM_AND_NEAR, THRESHOLD, Finding, weigh

PIECE = 65_536  # characters searched at once; pieces end with a line


def scan(
    text: str,
    *,
    recognisers: Iterable[Recogniser] = RECOGNISERS,
    threshold: float = THRESHOLD,
    own_numbers: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Everything found with at least this score. `own_numbers` (digits) are the carrier's desks: nobody's personal data."""
    chosen = tuple(recognisers)
    found: list[Finding] = []
    for at, piece in _pieces(text):
        found += _scan(piece, at, chosen, threshold, frozenset(own_numbers))
    return tuple(found)


def scan_many(
    texts: Sequence[str],
    *,
    recognisers: Iterable[Recogniser] = RECOGNISERS,
    threshold: float = THRESHOLD,
    own_numbers: Collection[str] = (),
) -> list[list[Finding]]:
    """The findings of each text, with places in that text. All are searched as one: lines have nothing to do with others."""
    begins = list(accumulate((len(text) + 1 for text in texts), initial=0))
    found: list[list[Finding]] = [[] for _ in texts]
    at = 0
    joined = scan("\n".join(texts), recognisers=recognisers, threshold=threshold, own_numbers=own_numbers)
    for one in joined:
        while one.start >= begins[at + 1]:
            at += 1
        found[at].append(_moved(one, -begins[at]))
    return found


def _moved(one: Finding, by: int) -> Finding:
    """Field by field: `dataclasses.replace` takes as long as half the scan."""
    return Finding(
        type=one.type,
        label=one.label,
        grade=one.grade,
        start=one.start + by,
        end=one.end + by,
        score=one.score,
        why=one.why,
    )


def _scan(
    text: str, offset: int, recognisers: tuple[Recogniser, ...], threshold: float, own: frozenset[str]
) -> list[Finding]:
    folded = fold(text)
    lowered = folded.text.lower() if len(folded.text.lower()) == len(folded.text) else folded.text
    found = []
    for recogniser, candidate in candidates(folded.text, recognisers):
        weighed = weigh(recogniser, candidate, lowered)
        if weighed is None or weighed[0] < threshold:
            continue
        if own and fold_number(folded.text[candidate.start : candidate.end]) in own:
            continue
        start, end = folded.span(candidate.start, candidate.end)
        found.append(
            Finding(
                type=recogniser.type,
                label=recogniser.label,
                grade=recogniser.grade,
                start=offset + start,
                end=offset + end,
                score=weighed[0],
                why=weighed[1],
            )
        )
    return _without_weaker(found)


def _without_weaker(found: list[Finding]) -> list[Finding]:
    """In order. What lies inside another finding goes, unless a rule of its own confirms it: both are told then.

    Of two in one place the weaker goes, unless a word near speaks for it: 15 digits called IMSI may pass an IMEI's check.
    """
    best: dict[tuple[int, int], float] = {}
    for one in found:
        best[one.start, one.end] = max(best.get((one.start, one.end), 0), one.score)
    kept, around = [], list[Finding]()  # around: those that still lie over the place reached
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        around = [other for other in around if other.end > one.start]
        is_inside = any(other.end >= one.end and other.end - other.start > one.end - one.start for other in around)
        is_weaker = one.score < min(best[one.start, one.end], FORM_AND_NEAR)
        if one.score >= CHECKED or not (is_inside or is_weaker):
            kept.append(one)
        around.append(one)
    return sorted(kept, key=lambda one: (one.start, -one.grade, -one.score, one.end))


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    while at < len(text):
        end = len(text)
        if end - at > PIECE:
            line = text.rfind("\n", at, at + PIECE)
            end = line + 1 if line >= at else at + PIECE
        yield at, text[at:end]
        at = end
