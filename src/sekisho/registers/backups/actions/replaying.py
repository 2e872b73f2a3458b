"""After a restore: everything decided since the backup holds again, in the order in which it was decided.

Each function may be repeated: it asks the register what stands before it acts. What the backup knows nothing of (a
member of staff who joined later, a claim made later) can't be ended, and is counted as lost.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist

from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.models import Backup
from sekisho.registers.backups.rules.tombstones import Tombstone
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents import queries as consent_queries
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.decisions import actions as decisions
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries as identity_queries
from sekisho.registers.people import actions as people
from sekisho.registers.recipients import actions as recipients
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention.actions import replaying as retention_replays
from sekisho.registers.retention.queries import replaying as plans
from sekisho.registers.retention.queries.replaying import PlanStatus

BY = "restore"


@dataclass(slots=True, kw_only=True)
class Replayed:
    """How many of each kind held again, and how many the backup knows nothing of."""

    done: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str, *, done: bool) -> None:
        """Count one."""
        counts = self.done if done else self.lost
        counts[kind] = counts.get(kind, 0) + 1

    def add(self, other: "Replayed") -> None:
        """Count what another counted."""
        for mine, theirs in ((self.done, other.done), (self.lost, other.lost)):
            mine |= {kind: mine.get(kind, 0) + count for kind, count in theirs.items()}


def replay_decisions(stones: Iterable[Tombstone], *, at: datetime) -> Replayed:
    """Withdrawals and objections, suppressions, leavings, ended claims, tickets, keys and transfers, holds, plans."""
    replayed = Replayed()
    for stone in stones:
        replay = REPLAYS.get(stone.kind)
        if replay is not None:
            replayed.note(stone.kind, done=replay(stone.body, at))
    return replayed


def _consent(body: Mapping[str, Any], at: datetime) -> bool:
    events = body.get("events", [body])
    known = [event for event in events if identity_queries.standing_of(event["person"], at).known]
    for event in known:
        if "happened" not in event:  # the person was erased before it could be read
            continue
        new = NewConsent(
            person=event["person"],
            kind=consent_queries.ConsentKind(event["kind"]),
            scope=event["scope"],
            given=event["given"],
            notice_era=event["notice"],
            channel=event["channel"],
            at=datetime.fromisoformat(event["happened"]),
        )
        if not consent_queries.is_recorded(new.person, new.kind, new.scope, given=new.given, at=new.at):
            consents.record(consent=new, at=at, acting_user=BY)
    return len(known) == len(events)


def _suppressed(body: Mapping[str, Any], at: datetime) -> bool:
    known = identity_queries.standing_of(body["person"], at).known
    if known:
        identities.suppress(person=body["person"], reason=body["reason"], at=at, acting_user=BY)
    return known


def _lifted(body: Mapping[str, Any], at: datetime) -> bool:
    known = identity_queries.standing_of(body["person"], at).known
    if known and identity_queries.suppressed(body["person"], at) and not plans.open_plan_of(body["person"]):
        identities.lift_suppression(person=body["person"], at=at, acting_user=BY)
    return known


def _left(body: Mapping[str, Any], at: datetime) -> bool:
    return _known(
        lambda: people.record_leaving(ref=body["staff"], on=date.fromisoformat(body["value"]), at=at, acting_user=BY)
    )


def _claim(body: Mapping[str, Any], at: datetime) -> bool:
    return _known(lambda: decisions.close_claim(claim=body["claim"], at=at, acting_user=BY))


def _ticket(body: Mapping[str, Any], at: datetime) -> bool:
    return _known(lambda: decisions.close_ticket(ticket=body["ticket"], at=at, acting_user=BY))


def _key(body: Mapping[str, Any], at: datetime) -> bool:
    decisions.revoke_api_key(name=body["name"], at=at, acting_user=BY)
    return True


def _recipient(body: Mapping[str, Any], at: datetime) -> bool:
    stop = recipients.stop_transfers
    return _known(lambda: stop(recipient=body["recipient"], reason=body["reason"], at=at, acting_user=BY))


def _hold(body: Mapping[str, Any], at: datetime) -> bool:
    if "hold" not in body:  # a sweep's sealed entry: what it erased stands among the erasures
        return True
    is_over = body.get("what") in {"released", "ended"}
    written = body["as_written"]
    retention_replays.restore_hold(hold=body["hold"], written=written, at=at, acting_user=BY, is_over=is_over)
    return plans.is_hold(body["hold"])


def _released(body: Mapping[str, Any], at: datetime) -> bool:
    return _known(lambda: retention.release_hold(hold=body["hold"], at=at, acting_user=BY)) or plans.is_hold(
        body["hold"]
    )


def _plan(body: Mapping[str, Any], at: datetime) -> bool:
    """A plan that was begun, certified or withdrawn since: its approvals are used up."""
    status = plans.status_of(body["plan"])
    if status in (None, PlanStatus.CERTIFIED, PlanStatus.WITHDRAWN):
        return status is not None
    if plans.reason_of(body["plan"]).startswith(retention_replays.REPLAYED):
        return True  # ours, of an attempt that was killed: it goes on
    retention_replays.retire_plan(plan=body["plan"], why="restored", at=at, acting_user=BY)
    return True


def _made(body: Mapping[str, Any], at: datetime) -> bool:
    Backup.objects.get_or_create(
        ref=body["backup"],
        defaults={
            "made_at": at,
            "expires_on": date.fromisoformat(body["expires_on"]),
            "manifest_sha256": body["manifest"],
            "bytes": body["bytes"],
        },
    )
    return True


def _destroyed(body: Mapping[str, Any], at: datetime) -> bool:
    Backup.objects.filter(ref=body["backup"], destroyed_at=None).update(destroyed_at=at)
    return True


def _known(act: Callable[[], None]) -> bool:
    """Whether the register knew what the act is about."""
    try:
        act()
    except ObjectDoesNotExist:
        return False
    except SekishoError as error:
        if ".unknown-" in error.code:
            return False
        raise
    return True


REPLAYS: Mapping[str, Callable[[Mapping[str, Any], datetime], bool]] = {
    "consents.recorded": _consent,
    "consents.imported": _consent,
    "identities.suppressed": _suppressed,
    "identities.suppression-lifted": _lifted,
    "people.left": _left,
    "decisions.claim-closed": _claim,
    "decisions.ticket-closed": _ticket,
    "decisions.api-key-revoked": _key,
    "recipients.stopped": _recipient,
    "retention.hold-placed": _hold,
    "retention.hold-extended": _hold,
    "retention.sealed": _hold,
    "retention.hold-released": _released,
    "retention.plan-withdrawn": _plan,
    "retention.erasure-begun": _plan,
    "retention.erasure-certified": _plan,
    "backups.made": _made,
    "backups.destroyed": _destroyed,
}
