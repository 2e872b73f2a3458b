"""What a promise may be called, from what its proof saw. Nothing is kept by default."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """The word on the board: 履行中, 未確認, 違反."""

    KEPT = "kept"
    UNPROVEN = "unproven"
    BROKEN = "broken"


class Doubt(StrEnum):
    """Why a promise is unproven though its own proof didn't say so."""

    NONE = ""
    NO_PROOF = "no_proof"  # nobody has built a way to look
    NOT_LOOKED = "not_looked"  # there is a way, but it hasn't been walked under this version
    NOTHING_SEEN = "nothing_seen"  # the proof found nothing to look at
    STALE = "stale"  # the proof's freshness has passed
    FAILED = "failed"  # the proof itself could not finish


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One promise on the board. `evidence` is the entry or record the proof rests on; times are aware UTC."""

    id: str
    heading: str
    statement: str
    details: tuple[str, ...] = ()  # sentences generated from the model under the clause
    verdict: Verdict
    doubt: Doubt
    looked_at: int
    figure: str
    evidence: str
    why: str
    proof: str
    checked_at: datetime | None
    fresh_until: datetime | None
    since: datetime | None  # since when the verdict is this one
    language: str = "ja"  # of `figure` and `why`: what was seen before there was English stays Japanese


def judge(verdict: Verdict, *, looked_at: int, never: bool) -> tuple[Verdict, Doubt]:
    """What a proof's own verdict is worth: kept on zero observations is unproven, unless the clause says "never"."""
    if verdict is Verdict.KEPT and looked_at == 0 and not never:
        return Verdict.UNPROVEN, Doubt.NOTHING_SEEN
    return verdict, Doubt.NONE


def aged(verdict: Verdict, doubt: Doubt, *, fresh_until: datetime | None, at: datetime) -> tuple[Verdict, Doubt]:
    """What is left of a verdict at `at`: a kept one expires, a broken one stays broken until something looks again."""
    if verdict is Verdict.KEPT and fresh_until is not None and at >= fresh_until:
        return Verdict.UNPROVEN, Doubt.STALE
    return verdict, doubt


def tally(rows: Sequence[Row]) -> dict[Verdict, int]:
    """How many promises stand under each word."""
    return {verdict: sum(row.verdict is verdict for row in rows) for verdict in Verdict}


def worst(rows: Sequence[Row]) -> Row | None:
    """The promise to take first: broken, then one whose proof ran out or failed, then the other unproven ones."""
    order = {
        Doubt.STALE: 1,
        Doubt.FAILED: 2,
        Doubt.NONE: 3,
        Doubt.NOT_LOOKED: 4,
        Doubt.NOTHING_SEEN: 5,
        Doubt.NO_PROOF: 6,
    }
    wanting = [row for row in rows if row.verdict is not Verdict.KEPT]
    if not wanting:
        return None
    return min(wanting, key=lambda row: 0 if row.verdict is Verdict.BROKEN else order[row.doubt])
