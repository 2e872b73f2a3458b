"""What a room shows the promise board: a verdict, on how many live things it rests, and until when it is fresh."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FRESH_FOR = timedelta(days=1)  # how long a look is worth believing, unless its proof knows better


class Verdict(StrEnum):
    """履行中, 未確認, 違反."""

    KEPT = "kept"
    UNPROVEN = "unproven"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One proof's answer for one clause. Texts are Japanese (`saying.said` gives their English) and hold no personal data."""

    verdict: Verdict
    looked_at: int  # live things examined; zero never proves that something is kept, unless the clause says never
    figure: str  # the number to show, e.g. `3,214件中0件`
    evidence: str  # entry id, query or file where to look
    why: str
    fresh_until: datetime
