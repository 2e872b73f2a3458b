"""How many rows become a table that is read on paper: what every row says alike is said once, columns are as wide as their words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

NARROWEST, WIDEST = 3.0, 15.0  # of a column, in whole signs
EDGES, HALF, SHARE = (
    1.6,
    0.56,
    0.2,
)  # what a column loses to its edges, what a Latin sign takes, what a line gets beyond a word
VERY_LONG = 15
WORD, BREAKS = re.compile(r"[!-~]+"), re.compile(r"(?<=[@._/:-])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A table without the columns that say the same in every row; those as (head, text)."""

    same: tuple[tuple[str, str], ...]
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def folded(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Folded:
    """Fold a table. One column always stays: a row is never nothing."""
    alike = {place for place in range(len(heads)) if len({row[place] for row in rows}) == 1} if len(rows) > 1 else set()
    if len(alike) == len(heads):
        alike.discard(0)
    stays = [place for place in range(len(heads)) if place not in alike]
    return Folded(
        same=tuple((heads[place], rows[0][place]) for place in sorted(alike)),
        heads=tuple(heads[place] for place in stays),
        rows=tuple(tuple(row[place] for place in stays) for row in rows),
    )


def widths(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """How wide each column should be beside the others: its longest word fits, what can be broken takes a share of its length."""
    return tuple(
        round(EDGES + max(_width((head, *(row[place] for row in rows))), NARROWEST), 2)
        for place, head in enumerate(heads)
    )


def _width(texts: Sequence[str]) -> float:
    word = max((len(part) for text in texts for run in WORD.findall(text) for part in _parts(run)), default=0) * HALF
    line = max(sum(HALF if sign < "\u2000" else 1.0 for sign in text) for text in texts[1:])
    return max(word, NARROWEST + SHARE * (min(line, WIDEST) - NARROWEST))


def _parts(run: str) -> list[str]:
    """The letter breaks only what is very long."""
    return BREAKS.split(run) if len(run) >= VERY_LONG else [run]
