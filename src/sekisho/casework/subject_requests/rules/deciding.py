"""Law and promise side by side: what each says to a request about one class of data, and which of the two decides.

A policy may promise more than the law. Then nobody has to give a ground, and only what law makes the carrier keep, or a
claim that lives, stands against it. Source: APPI arts. 34, 35, 36; PROMISES B-34 and B-60; LAW.md 1.7 and 9.19.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sekisho.casework.subject_requests.rules.subjects import goes_without_ground
from sekisho.engine.erasure.periods import Because, End, Keep
from sekisho.engine.erasure.rules import RuleKind
from sekisho.engine.law.model import RequestKind
from sekisho.engine.policy.model import Right

ERASING = "suspension"  # the request that may end in erasure: only there can keeping stand against the answer


class Answer(StrEnum):
    """What is answered about one class of data."""

    GRANT = "grant"
    REFUSE = "refuse"
    UNASKED = "unasked"  # the person asked about other lines only


class Decides(StrEnum):
    """What the answer rests on."""

    LAW = "law"
    PROMISE = "promise"
    KEEPING = "keeping"  # law, a claim or a hold keeps it


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """One class of data under one request: what law says, what the policy promises, what decides, and why."""

    item: str
    law: Answer
    promise: Answer | None  # None = the policy promises nothing beyond the law
    answer: Answer
    decides: Decides
    clause: str
    because: tuple[Because, ...]  # what keeps it, where that decides
    bar: str = ""  # a refusal of the law pack that stands against any answer about this class

    @property
    def is_only_kept(self) -> bool:
        """Whether nothing but law or a hold keeps it: then it lies there and is used for nothing."""
        return bool(self.because) and all(one.rule in (RuleKind.FLOOR, RuleKind.HOLD) for one in self.because)


def weighed(
    keep: Keep,
    *,
    kind: RequestKind,
    right: Right,
    ground_accepted: bool,
    on: date,
    bar: str = "",
    lifted: bool = False,
    never_collected: bool = False,
) -> Weighed:
    """The answer about one class on a day. `ground_accepted`: a ground of law was claimed and found to apply.

    `bar`: why the law answers nothing about it at all (rules.subjects); `lifted`: the policy promises an answer all the same.
    `never_collected`: it should not be here, and where the kind of request says so nobody has to show that.

    Keeping stands against erasure where law, a living claim or a hold demands it, or while what the policy's period counts
    from has not happened, such as the end of a contract that runs. A period that has begun is no reason to keep what the
    person wants gone.
    """
    if bar and not lifted:
        return Weighed(
            item=keep.item, law=Answer.REFUSE, promise=None, answer=Answer.REFUSE, decides=Decides.LAW,
            clause=right.clause, because=(), bar=bar,
        )  # fmt: skip
    shown = ground_accepted or (never_collected and goes_without_ground(kind.id))
    law = Answer.GRANT if (shown or not kind.ground_needed) and not bar else Answer.REFUSE
    promise = Answer.GRANT if right.broader_than_law or lifted else None
    kept = tuple(one for one in keep.because if _binds(one, on)) if kind.id == ERASING else ()
    if kept and (law is Answer.GRANT or promise is Answer.GRANT):
        return Weighed(
            item=keep.item, law=law, promise=promise, answer=Answer.REFUSE, decides=Decides.KEEPING,
            clause=kept[0].clause, because=kept,
        )  # fmt: skip
    decides = Decides.PROMISE if promise is Answer.GRANT and law is Answer.REFUSE else Decides.LAW
    return Weighed(
        item=keep.item,
        law=law,
        promise=promise,
        answer=Answer.GRANT if Answer.GRANT in (law, promise) else Answer.REFUSE,
        decides=decides,
        clause=right.clause,
        because=(),
    )


def _binds(reason: Because, on: date) -> bool:
    if reason.rule is RuleKind.POLICY:
        return reason.end is End.OPEN
    return reason.stands(on) or reason.end is End.UNKNOWN
