"""What a request of a data subject is, what may be done with it when, and how long a person's page stays open.

Source: APPI arts. 32-35, 39 (a suit becomes possible two weeks after arrival).
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.casework.subject_requests"
REFERENCE = re.compile(r"^K-(?P<year>\d{4})-(?P<number>\d{4,})$")
MASK = "＊"
ENDS_SHOWN = 2  # digits of a number that stay readable


@cache
def limits() -> Mapping[str, Any]:
    """What the desk sets itself: `limits.toml` of this room."""
    text = resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


PAGE_OPEN_FOR = timedelta(minutes=limits()["page"]["minutes"])


class Status(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    CLOSED = "closed"


class Outcome(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"
    GRANTED = "granted"
    PARTIAL = "partial"
    REFUSED = "refused"
    NOTHING_HELD = "nothing_held"
    UNPAID = "unpaid"  # asked for the fee and reminded; nothing came
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request as everybody outside this room sees it. Dates are Tokyo's, instants aware UTC."""

    reference: str
    kind: str
    person: str
    received_on: date
    opened_by: str
    status: Status
    identity_checked_at: datetime | None
    answered_on: date | None
    outcome: str
    certificate: str
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether anything may still be done under it."""
        return self.status is Status.OPEN


def reference_after(last: str | None, year: int) -> str:
    """The next case number of the year: K-2026-0001."""
    found = REFERENCE.match(last or "")
    number = int(found["number"]) + 1 if found and int(found["year"]) == year else 1
    return f"K-{year}-{number:04d}"


def require_open(case: Case) -> None:
    """Refuse to act under a closed case.

    Raises: requests.case-closed.
    """
    if not case.is_open:
        raise SekishoError("requests.case-closed", room=ROOM, reference=case.reference)


def require_person(case: Case) -> None:
    """Refuse to look at anybody's data while nobody knows whose request it is. Raises: requests.person-unknown."""
    if not case.person:
        raise SekishoError("requests.person-unknown", room=ROOM, reference=case.reference)


def require_closable(case: Case, *, outcome: Outcome, answered_on: date | None) -> None:
    """Refuse an answer before the person is known to be the person, or one dated before arrival.

    Raises: requests.case-closed, requests.identity-not-checked, requests.answered-before-arrival.
    """
    require_open(case)
    if outcome is Outcome.WITHDRAWN:
        return
    if case.identity_checked_at is None:
        raise SekishoError("requests.identity-not-checked", room=ROOM, reference=case.reference)
    if answered_on is None or answered_on < case.received_on:
        raise SekishoError("requests.answered-before-arrival", room=ROOM, reference=case.reference)


def masked(value: object) -> str:
    """A value on the person's page: the first sign stays, so that a clerk can tell rows apart; the rest is ＊.

    Digits keep the last two instead: first digits of numbers are the same for everybody.
    """
    text = str(value).strip()
    if not text:
        return ""
    digits = sum(sign.isdigit() for sign in text)
    if len(text) > ENDS_SHOWN and digits * 2 >= len(text):
        return MASK * 4 + text[-ENDS_SHOWN:]
    return text[0] + MASK * 3
