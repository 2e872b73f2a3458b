"""Questions the desk asks itself before an answer leaves. None of them refuses: each says what was seen and what to do.

A question is known by its code and by what it is about, so that a new fact asks again and an old answer stays.
Source: `fraud.toml`; APPI arts. 23, 27, 37(4); LAW.md 9.11.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text

KEY = 16  # letters of what a question is about


@cache
def frauds() -> Mapping[str, Any]:
    """`fraud.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("fraud.toml").read_text(encoding="utf-8"))


class AddressIs(StrEnum):
    """How the address for the answer stands to the contract's."""

    UNKNOWN = ""
    CONTRACT = "contract"
    CHANGED = "changed"  # the contract's, changed a short while ago
    OTHER = "other"


class Result(StrEnum):
    """What came of a question."""

    CLEAR = "clear"
    NO_REPLY = "no_reply"
    DOUBT = "doubt"


class Showing(StrEnum):
    """On what somebody is written down as protected."""

    SUPPORT_MEASURE = "support_measure"  # 住民基本台帳事務における支援措置
    PROTECTION_ORDER = "protection_order"  # 配偶者暴力防止法 10条
    POLICE_WORD = "police_word"
    OWN_WORD = "own_word"  # the person's own, until the paper comes


class State(StrEnum):
    """Where a question stands."""

    OPEN = "open"
    CLEAR = "clear"
    HOLDS = "holds"  # looked into, and the answer may not leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One thing that was noticed. `about`: opaque references of what it is about, never a value."""

    code: str
    about: tuple[str, ...]

    @property
    def key(self) -> str:
        """By which its result is found again."""
        return sha256("\0".join((self.code, *sorted(self.about))).encode()).hexdigest()[:KEY]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question as the case's page shows it."""

    seen: Seen
    says: Text
    do: Text
    source: str
    by_officer: bool
    state: State
    result: Result | None

    @property
    def code(self) -> str:
        """Its stable code."""
        return self.seen.code


def check(seen: Seen, result: Result | None) -> Check:
    """What was noticed, with what came of it."""
    row = frauds()["checks"][seen.code]
    clears = result is Result.CLEAR or (result is Result.NO_REPLY and row["no_reply"] == "clears")
    return Check(
        seen=seen,
        says=Text(row["ja"], row["en"]),
        do=Text(row["do_ja"], row["do_en"]),
        source=row["source"],
        by_officer=row["by"] == "officer",
        state=State.OPEN if result is None else State.CLEAR if clears else State.HOLDS,
        result=result,
    )


def done_by_doing(code: str) -> bool:
    """Whether a question ends by what is done about it and by no word: pages are gone through."""
    return bool(frauds()["checks"][code].get("by_doing", False))


def require_clear(reference: str, checks: Iterable[Check]) -> None:
    """Refuse to let an answer leave while a question is open or its result stands against it.

    Raises: requests.check-open, requests.check-holds.
    """
    found = tuple(checks)
    for state, code in ((State.HOLDS, "requests.check-holds"), (State.OPEN, "requests.check-open")):
        codes = [one.code for one in found if one.state is state]
        if codes:
            raise SekishoError(code, room=ROOM, reference=reference, checks=", ".join(codes))
