"""What a control shows the promise board: a verdict, what it looked at, and why."""

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
    """One look at one promise. Texts are Japanese and name no person.

    `looked_at` counts live things examined; zero can't keep a promise unless its clause says a thing never happens.
    `fresh_until` is an aware UTC instant, after which the verdict is 未確認 again.
    """

    verdict: Verdict
    looked_at: int
    figure: str
    evidence: str
    why: str
    fresh_until: datetime
