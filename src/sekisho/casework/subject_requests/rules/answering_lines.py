"""What is answered line by line: the clerk's word held against law, promise and keeping; and what all lines come to.

A refusal names a ground of law, or what makes the carrier keep; a promise beyond the law is not taken back by a ground that
only says that the law would not have asked for it. Source: APPI arts. 33-36; PROMISES B-34; `answering.toml`.
"""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.rules.case import ROOM, Outcome
from sekisho.casework.subject_requests.rules.deciding import ERASING, Answer, Decides, Weighed
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text

STOP = "stop"  # use ends, what is held stays: of a line that is granted, or that only law keeps
LIMIT = "limit"  # of a line that a contract or a claim keeps: used for nothing else
GO_ON = "go_on"  # of a line that is kept, where the person wants it used as before


@cache
def answering() -> Mapping[str, Any]:
    """`answering.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("answering.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The clerk's word on one line. `ground`: of law, for granting what it must be shown for, or for refusing."""

    item: str
    place: str
    answer: Answer
    ground: str = ""
    reason: str = ""  # in the clerk's words: stands in the letter, and sealed with it, nowhere else
    effect: str = ""  # of a granted line: STOP where use ends and nothing is erased; of a kept one: GO_ON
    purposes: tuple[str, ...] = ()  # of a granted line that is stopped: for these purposes only


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """A reason to refuse: in words, and on what it rests (article, or clause of the policy)."""

    says: Text
    rests_on: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One line of an answer. `place`: system.table, empty where the line is about no place."""

    item: str
    place: str
    label: Text
    where: Text
    answer: Answer
    decides: Decides
    clause: str
    ground: str = ""
    reason: str = ""
    effect: str = ""
    purposes: tuple[str, ...] = ()  # for which alone use ends; empty = for every one
    stops: tuple[Text, ...] = ()  # their names
    why: tuple[Why, ...] = ()  # of a refusal

    @property
    def is_granted(self) -> bool:
        """Whether what was asked for is done."""
        return self.answer is Answer.GRANT

    @property
    def is_asked(self) -> bool:
        """Whether the person asked about it."""
        return self.answer is not Answer.UNASKED

    def stored(self) -> dict[str, object]:
        """What of it may stand in the database: no word anybody wrote."""
        return {
            "item": self.item,
            "place": self.place,
            "answer": self.answer.value,
            "decides": self.decides.value,
            "clause": self.clause,
            "ground": self.ground,
            "effect": self.effect,
            **({"purposes": list(self.purposes)} if self.purposes else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the law knows for one kind of request on the day: on which it may be asked, on which it may be refused."""

    asking: Collection[str]
    refusing: Collection[str]


def decided(found: Weighed, word: Decision | None, grounds: Grounds) -> tuple[Answer, Decides, str, str]:
    """Answer, what decides, ground and effect of one line. Without the clerk's word, what the weighing says.

    What is kept and not erased is still stopped: for everything where only law keeps it, else for what the contract or the
    claim does not need. Raises: requests.barred, requests.must-be-kept, requests.promised, requests.refusal-needs-ground,
    requests.grant-needs-ground, requests.unknown-ground, requests.purposes-without-stop.
    """
    answer = word.answer if word else found.answer
    ground = word.ground if word else ""
    if answer is Answer.UNASKED:
        return answer, found.decides, "", ""
    if word is not None and word.purposes and (answer is not Answer.GRANT or word.effect != STOP):
        raise SekishoError("requests.purposes-without-stop", room=ROOM, item=found.item)
    if found.bar:
        if answer is Answer.GRANT:
            raise SekishoError("requests.barred", room=ROOM, item=found.item)
        return answer, Decides.LAW, found.bar, ""
    if found.decides is Decides.KEEPING:
        if answer is Answer.GRANT:
            raise SekishoError("requests.must-be-kept", room=ROOM, item=found.item)
        if word is not None and word.effect == GO_ON:
            return answer, Decides.KEEPING, "", ""
        return answer, Decides.KEEPING, "", STOP if found.is_only_kept else LIMIT
    if answer is Answer.GRANT:
        return answer, *_granted(found, ground, grounds), word.effect if word else ""
    ground = ground or _only_ground(found, grounds)
    if not ground:
        raise SekishoError("requests.refusal-needs-ground", room=ROOM, item=found.item)
    if ground not in grounds.refusing:
        raise SekishoError("requests.unknown-ground", room=ROOM, ground=ground)
    if found.promise is Answer.GRANT and ground in answering()["promise"]["outweighs"]:
        raise SekishoError("requests.promised", room=ROOM, item=found.item, clause=found.clause)
    return answer, Decides.LAW, ground, ""


def outcome_of(lines: Sequence[AnswerLine], *, is_complete: bool) -> Outcome:
    """What the lines come to. While some system did not answer nobody can say that this is all, or that nothing is held."""
    if not lines:
        return Outcome.NOTHING_HELD if is_complete else Outcome.PARTIAL
    asked = [line for line in lines if line.is_asked]
    granted = sum(line.is_granted for line in asked)
    if granted == len(asked) and is_complete:
        return Outcome.GRANTED
    is_none = not granted and not any(line.effect for line in asked)
    return Outcome.REFUSED if is_none and is_complete else Outcome.PARTIAL


def require_lawful_parts(kind: str, lines: Sequence[AnswerLine]) -> None:
    """Refuse an answer about nothing, and an erasure of a part: a plan of erasure is about all of a person.

    What the law or a contract keeps no plan touches; what was refused on a ground, or not asked about, it would.
    Raises: requests.nothing-asked, requests.erases-everything.
    """
    if lines and not any(line.is_asked for line in lines):
        raise SekishoError("requests.nothing-asked", room=ROOM)
    stays = [line for line in lines if not line.is_granted and line.decides is not Decides.KEEPING]
    if kind == ERASING and stays and any(line.is_granted and line.effect != STOP for line in lines):
        raise SekishoError("requests.erases-everything", room=ROOM)


def letter_of(kind: str, outcome: Outcome) -> str:
    """Which letter tells it: a table of letters/letters.*.toml."""
    told: Mapping[str, str] = answering()["letters"][kind]
    return told.get(outcome.value) or told["else"]


def _granted(found: Weighed, ground: str, grounds: Grounds) -> tuple[Decides, str]:
    if found.answer is Answer.GRANT and not ground:
        return found.decides, ""
    if found.answer is Answer.REFUSE and not ground:
        raise SekishoError("requests.grant-needs-ground", room=ROOM, item=found.item)
    if ground not in grounds.asking:
        raise SekishoError("requests.unknown-ground", room=ROOM, ground=ground)
    return Decides.LAW, ground


def _only_ground(found: Weighed, grounds: Grounds) -> str:
    """Where the law wants a ground and none was accepted, that is the ground for refusing."""
    none = str(answering()["no_ground"])
    return none if found.law is Answer.REFUSE and none in grounds.refusing else ""
