"""Which state follows which, and who may approve: pure decisions of the retention room."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.retention"
APPROVERS = 2  # DESIGN.md section 6: two-person approval
REPLAYED = "replayed:"  # reason of a plan that carries an earlier erasure out again
UNCLEAR = "erasure.unclear-time"  # whose a line was is not known for some time
OVERTAKEN = "retention.plan-overtaken"  # a hold came in, or the person has come into more than the plan covers
RETRY_AFTER = timedelta(hours=1)  # 一部未了 is looked at again after this


class PlanStatus(StrEnum):
    """Where the erasure of one person stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    PARTLY = "partly"  # 一部未了: something was skipped, unwritable or unknown
    DONE = "done"  # every step done, not yet verified
    VERIFIED = "verified"
    CERTIFIED = "certified"
    WITHDRAWN = "withdrawn"


class StepStatus(StrEnum):
    """Where one step stands. BEGUN is written before a store is touched: after a crash it is simply done again."""

    PENDING = "pending"
    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"


class RunStatus(StrEnum):
    """Where a sweep stands."""

    RUNNING = "running"
    DONE = "done"
    PARTLY = "partly"


TRANSITIONS: Mapping[PlanStatus, frozenset[PlanStatus]] = {
    PlanStatus.PROPOSED: frozenset({PlanStatus.APPROVED, PlanStatus.WITHDRAWN}),
    PlanStatus.APPROVED: frozenset({PlanStatus.RUNNING, PlanStatus.WITHDRAWN}),
    PlanStatus.RUNNING: frozenset({PlanStatus.DONE, PlanStatus.PARTLY}),
    PlanStatus.PARTLY: frozenset({PlanStatus.RUNNING, PlanStatus.PARTLY, PlanStatus.WITHDRAWN}),
    PlanStatus.DONE: frozenset({PlanStatus.VERIFIED, PlanStatus.PARTLY}),
    PlanStatus.VERIFIED: frozenset({PlanStatus.CERTIFIED, PlanStatus.PARTLY}),
    PlanStatus.CERTIFIED: frozenset(),
    PlanStatus.WITHDRAWN: frozenset(),
}


def require_transition(plan: str, now: str, to: PlanStatus) -> None:
    """Refuse a step the state machine does not have. Raises: retention.wrong-state."""
    if to not in TRANSITIONS[PlanStatus(now)]:
        raise wrong_state(plan, now, to)


def wrong_state(plan: str, now: str, to: PlanStatus) -> SekishoError:
    """What a step that the state machine does not have is refused with: the states in words."""
    words = {"now": state_word(now), "to": state_word(to.value)}
    words |= {"now_en": state_word(now, "en"), "to_en": state_word(to.value, "en")}
    return SekishoError("retention.wrong-state", room=ROOM, plan=plan, **words)


def state_word(status: str, language: str = "ja") -> str:
    """What a state of an erasure is called."""
    return _states()[status][language]


def require_come(on: date, today: date) -> None:
    """A sweep erases what is due by a day that has come: what falls due later can only be looked at.

    Raises: retention.sweep-ahead.
    """
    if on > today:
        raise SekishoError("retention.sweep-ahead", room=ROOM, on=on.isoformat(), today=today.isoformat())


def require_hold_span(placed_on: date, until: date | None, longest: date | None) -> None:
    """A hold ends after it begins, and no extension outlasts what the law allows in total.

    Raises: retention.hold-too-long, retention.hold-backwards.
    """
    if until is not None and until < placed_on:
        raise SekishoError("retention.hold-backwards", room=ROOM, until=until.isoformat())
    if longest is not None and (until is None or until > longest):
        raise SekishoError("retention.hold-too-long", room=ROOM, longest=longest.isoformat())


def require_scope(*, is_named: bool, is_over_everything: bool) -> None:
    """A hold says what it is over, or that it is over everything; never neither, never both. Raises: retention.hold-scope."""
    if is_named == is_over_everything:
        raise SekishoError("retention.hold-scope", room=ROOM)


def require_impersonal(paper: str, code: str = "retention.personal-paper") -> None:
    """What names a paper or a reason names no person: whoever lists holds or plans reads it.

    Raises: retention.personal-paper, retention.personal-reason.
    """
    from sekisho.engine.scanning.naming import people_in  # here: every command loads this file, few need recognisers

    found = people_in(paper)
    if found:
        ja, en = "、".join(one.ja for one in found), ", ".join(one.en for one in found)
        raise SekishoError(code, room=ROOM, what=ja, what_en=en)


def require_approvable(plan: str, sha256: str, approved_sha256: str, by: str, others: Iterable[str]) -> None:
    """An approval binds to the hash that was read, and the second one comes from another person.

    Raises: retention.plan-changed, retention.same-approver.
    """
    if sha256 != approved_sha256:
        raise SekishoError("retention.plan-changed", room=ROOM, plan=plan)
    if by in others:
        raise SekishoError("retention.same-approver", room=ROOM, plan=plan, by=by)


@cache
def _states() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(resources.files(ROOM).joinpath("states.toml").read_text(encoding="utf-8"))
