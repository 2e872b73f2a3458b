"""A complaint: what it may be about, how it may end, and its clock. Source: APPI art. 40; LAW.md 1.7 (complaints)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sekisho.casework.subject_requests.rules.case import ROOM, limits
from sekisho.engine.errors import SekishoError

REFERENCE = re.compile(r"^Q-(?P<year>\d{4})-(?P<number>\d{4,})$")


class About(StrEnum):
    """What a complaint is about."""

    ANSWER = "answer"  # an answer to a request, a refusal among them
    HANDLING = "handling"  # how personal information is used or kept
    DELAY = "delay"
    FEE = "fee"
    STAFF = "staff"
    OTHER = "other"


class ComplaintEnd(StrEnum):
    """How it ended."""

    UPHELD = "upheld"  # the person was right: what was done about it stands in the answer
    EXPLAINED = "explained"
    REOPENED = "reopened"  # a new request was opened for it
    NOT_OURS = "not_ours"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintClock:
    """Until when we mean to answer. No law counts days: 適切かつ迅速 (APPI 40(1))."""

    target_on: date
    left: int

    @property
    def is_overdue(self) -> bool:
        """Whether our own target has passed."""
        return self.left < 0


def complaint_clock(received_on: date, on: date) -> ComplaintClock:
    """The clock of an open complaint on a day."""
    target = received_on + timedelta(days=limits()["complaints"]["days"])
    return ComplaintClock(target_on=target, left=(target - on).days)


def complaint_after(last: str | None, year: int) -> str:
    """The next number of the year: Q-2026-0001."""
    found = REFERENCE.match(last or "")
    number = int(found["number"]) + 1 if found and int(found["year"]) == year else 1
    return f"Q-{year}-{number:04d}"


def require_answerable(received_on: date, answered_on: date, *, is_open: bool, ref: str) -> None:
    """Refuse a second answer, and one from before it came. Raises: requests.complaint-answered, requests.answered-before-arrival."""
    if not is_open:
        raise SekishoError("requests.complaint-answered", room=ROOM, ref=ref)
    if answered_on < received_on:
        raise SekishoError("requests.answered-before-arrival", room=ROOM, reference=ref)
