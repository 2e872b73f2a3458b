"""After a restore: whoever was erased since the backup is erased again, by the same plan, steps and verification."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as ledger
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.backups.rules.tombstones import Tombstone
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as retention_queries
from sekisho.registers.retention.actions import replaying
from sekisho.registers.retention.actions.replaying import REPLAYED
from sekisho.registers.retention.queries import replaying as plans
from sekisho.registers.retention.queries.replaying import APPROVERS, PlanStatus

BY = "restore"
REPLAYED_PLAN = "retention.plan-replayed"
APPROVED, BEGUN, FORGOTTEN, PROPOSED = (
    "retention.plan-approved",
    "retention.erasure-begun",
    "identities.forgotten",
    "retention.plan-proposed",
)
Progress = Callable[[int, int, str], None]
Reached = Callable[[str], None]


@dataclass(slots=True, kw_only=True)
class Due:
    """One erasure that was carried out, or begun, after the backup; the entries that show its authority."""

    plan: str
    person: str = ""
    entries: list[str] = field(default_factory=list)
    stones: list[Tombstone] = field(default_factory=list)
    approvals: int = 0
    last: int = 0
    begun: bool = False


def due_erasures(stones: Iterable[Tombstone], since: int) -> tuple[Due, ...]:
    """The erasures begun with tombstone `since` or later, oldest first, each held against the ledger.

    Raises: backups.tombstones-altered where the ledger has no such entry or not enough approvals.
    """
    found: dict[str, Due] = {}
    replays: set[str] = set()
    for stone in stones:
        if stone.kind == REPLAYED_PLAN:
            replays.add(str(stone.body["plan"]))
        if stone.kind not in (APPROVED, BEGUN, FORGOTTEN, PROPOSED) or not str(stone.body["plan"]):
            continue
        due = found.setdefault(str(stone.body["plan"]), Due(plan=str(stone.body["plan"])))
        due.person = str(stone.body.get("person", due.person))
        due.last = stone.number
        due.approvals += stone.kind == APPROVED
        if stone.number >= since:
            due.begun = due.begun or stone.kind in (BEGUN, FORGOTTEN)
        if stone.kind != PROPOSED:
            due.entries.append(stone.entry)
            due.stones.append(stone)
    # What an earlier restore carried out again rests on the erasure that it repeated, which is here too.
    begun = tuple(due for due in found.values() if due.begun and due.plan not in replays)
    for due in begun:
        for stone in due.stones:
            _require_in_ledger(stone)
        if due.approvals < APPROVERS:  # nobody is erased on the word of a file
            raise SekishoError("backups.tombstones-altered", room=ROOM, line=due.last + 1)
    return begun


def replay_erasure(
    due: Due, *, at: datetime, progress: Progress, reached: Reached, acting_user: str = BY
) -> str | None:
    """Erase again; returns the plan's reference, None where the backup has nothing of the person any more.

    Goes on where an earlier try stopped. Raises: backups.erasure-not-replayed where anything is left.
    """
    done = _done_before(due)
    if done is not None:
        return done
    plan = plans.open_plan_of(due.person)
    if plan is None and not (due.person and identities.standing_of(due.person, at).known):
        return None
    if plan is not None and plans.reason_of(plan) != f"{REPLAYED}{due.plan}":
        replaying.retire_plan(plan=plan, why="restored", at=at, acting_user=acting_user)
        plan = None
    if plan is None:
        reason = f"{REPLAYED}{due.plan}"
        plan = retention.propose_plan(person=due.person, reason=reason, at=at, acting_user=acting_user)
    reached("erasure.proposed")
    entries = tuple(dict.fromkeys(due.entries))
    replaying.approve_replay(plan=plan, earlier=due.plan, entries=entries, at=at, acting_user=acting_user)
    reached("erasure.approved")
    return _carry_out(plan, due, at, progress, reached, acting_user)


def _carry_out(plan: str, due: Due, at: datetime, progress: Progress, reached: Reached, acting_user: str) -> str:
    status = retention.run_plan(plan=plan, at=at, acting_user=acting_user, progress=progress, reached=reached)
    if status is PlanStatus.DONE:
        reached("erasure.done")
        status = retention.verify_plan(plan=plan, at=at, acting_user=acting_user)
    if status is PlanStatus.PARTLY:
        why = ", ".join(retention_queries.plan(plan).why)
        raise SekishoError("backups.erasure-not-replayed", room=ROOM, plan=due.plan, why=why)
    reached("erasure.verified")
    retention.certify_plan(plan=plan, at=at, acting_user=acting_user)
    reached("erasure.certified")
    return plan


def _done_before(due: Due) -> str | None:
    """The plan that carried this erasure out again, if one did; or the erasure itself, where the backup has it."""
    if plans.status_of(due.plan) is PlanStatus.CERTIFIED:
        return due.plan
    return plans.certified_for(f"{REPLAYED}{due.plan}")


def _require_in_ledger(stone: Tombstone) -> None:
    """The tombstone says what the ledger says. An entry lost with the last second before a crash has its signed line only."""
    try:
        entry = ledger.record(stone.entry)
    except SekishoError:
        return
    same = entry.kind == stone.kind and entry.body.get("plan") == stone.body.get("plan")
    if not same or entry.body.get("person") != (stone.body.get("person") if stone.kind == FORGOTTEN else None):
        raise SekishoError("backups.tombstones-altered", room=ROOM, line=stone.number + 1)
