"""The secret with which a person follows a case at the centre: how it is written, and when wrong tries close it.

Sixteen signs of thirty-two are eighty bits; no sign that a reader of paper takes for another is among them.
"""

import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

from sekisho.casework.subject_requests.rules.case import limits

SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH, GROUP = 16, 4


class Use(StrEnum):
    """What a secret was used for."""

    STATUS = "status"
    PACKAGE = "package"
    RECEIPT = "receipt"
    SLIP = "slip"  # the slip of acceptance
    REPLY = "reply"  # another way of answering was chosen
    WITHDRAWAL = "withdrawal"
    REFUSED = "refused"


OWN_ACTS = (Use.REPLY, Use.WITHDRAWAL)  # by which the person changes their case: the desk is shown them


def printed(signs: str) -> str:
    """A secret as it stands in a letter: ABCD-EFGH-JKLM-NPQR."""
    return "-".join(signs[start : start + GROUP] for start in range(0, len(signs), GROUP))


def typed(text: str) -> str:
    """A secret as somebody typed it: width, case, spaces and hyphens do not matter. Cut where no secret is that long."""
    folded = unicodedata.normalize("NFKC", text[: LENGTH * GROUP]).upper()
    return "".join(sign for sign in folded if sign.isalnum())


def is_open(*, expires_at: datetime, closed_until: datetime | None, at: datetime) -> bool:
    """Whether the right secret would open anything at an instant."""
    return at < expires_at and (closed_until is None or at >= closed_until)


def after_wrong(tries: int, at: datetime) -> tuple[int, datetime | None]:
    """How many wrong tries stand after one more, and until when it is closed: with the last allowed one it closes."""
    if tries + 1 < limits()["access"]["tries"]:
        return tries + 1, None
    return 0, at + timedelta(minutes=limits()["access"]["closed_minutes"])


def lasts_until(at: datetime) -> datetime:
    """Until when a secret given out at an instant works."""
    return at + timedelta(days=limits()["access"]["days"])
