"""Which state follows which, and who may approve: pure decisions of the retention room."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.retention"
APPROVERS = 2  # DESIGN.md section 6: two-person approval
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
        raise SekishoError("retention.wrong-state", room=ROOM, plan=plan, now=now, to=to.value)


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


def require_impersonal(paper: str) -> None:
    """What names a paper names no person: it is shown to whoever lists holds. Raises: retention.personal-paper.

    An authority's name may look like an address (兵庫県警察 …), so addresses alone refuse nothing.
    """
    from sekisho.engine.scanning.recogniser import Grade  # here: every command loads this file, few need recognisers
    from sekisho.engine.scanning.recognisers import RECOGNISERS
    from sekisho.engine.scanning.text import scan
    from sekisho.engine.scanning.weighing import FORM_AND_NEAR

    of_people = tuple(one for one in RECOGNISERS if one.grade > Grade.NOT_PERSONAL and one.type != "address")
    found = {one.label for one in scan(paper, recognisers=of_people, threshold=FORM_AND_NEAR)}
    if found:
        said = sorted(found, key=lambda label: label.en)
        ja, en = "、".join(one.ja for one in said), ", ".join(one.en for one in said)
        raise SekishoError("retention.personal-paper", room=ROOM, what=ja, what_en=en)


def require_approvable(plan: str, sha256: str, approved_sha256: str, by: str, others: Iterable[str]) -> None:
    """An approval binds to the hash that was read, and the second one comes from another person.

    Raises: retention.plan-changed, retention.same-approver.
    """
    if sha256 != approved_sha256:
        raise SekishoError("retention.plan-changed", room=ROOM, plan=plan)
    if by in others:
        raise SekishoError("retention.same-approver", room=ROOM, plan=plan, by=by)
