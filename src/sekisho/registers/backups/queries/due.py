"""What should stand among the tombstones, computed from the ledger and the registers: body by body."""

from collections.abc import Callable, Mapping

from sekisho.evidence.queries import EntryRecord
from sekisho.registers.backups.rules.limits import limits
from sekisho.registers.consents import queries as consents
from sekisho.registers.identities.queries import as_written as ownership_as_written
from sekisho.registers.identities.queries.erased import digests_of
from sekisho.registers.retention.queries.replaying import hold_as_written, sealed_in

MOST = 500  # events of one line; a large import is several


def bodies_of(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    """The bodies to keep apart for one entry: mostly its own, and what the ledger does not say but a replay needs."""
    made = MORE.get(entry.kind)
    return made(entry) if made else (entry.body,)


def _forgotten(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    return (dict(entry.body) | {"digests": list(digests_of(str(entry.body["person"])))},)


def _recorded(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    last = int(str(entry.body["epoch"]))
    events = consents.events_between(last - 1, last)
    happened = {"happened": events[0].at.isoformat()} if events else {}  # none: the person was erased at once
    return (dict(entry.body) | happened,)


def _imported(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    last, count = int(str(entry.body["epoch"])), int(str(entry.body["events"]))
    taking = [
        {
            "person": event.person_ref,
            "kind": event.kind,
            "scope": event.scope,
            "given": event.given,
            "notice": event.notice_era,
            "channel": event.channel,
            "epoch": event.epoch,
            "happened": event.at.isoformat(),
        }
        for event in consents.events_between(last - count, last)
        if limits().takes_away(event.kind, given=event.given)
    ]
    bodies = [{"events": taking[start : start + MOST]} for start in range(0, len(taking), MOST)]
    return tuple(bodies) or ({"events": []},)


def _hold(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    return (dict(entry.body) | {"as_written": hold_as_written(str(entry.body["hold"]))},)


def _sealed(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    """What the entry seals of a hold; of a sweep, which seals one too, nothing but that it was there."""
    return (sealed_in(str(entry.body.get("commitment", ""))) or entry.body,)


def _passed(entry: EntryRecord) -> tuple[Mapping[str, object], ...]:
    """A line passed on: from whom to whom, its number as a keyed digest only."""
    recorded = str(entry.body.get("replaced_by", entry.body["event"]))
    return (dict(entry.body) | {"recorded": recorded, "moves": list(ownership_as_written(recorded))},)


MORE: Mapping[str, Callable[[EntryRecord], tuple[Mapping[str, object], ...]]] = {
    "identities.forgotten": _forgotten,
    "identities.event-recorded": _passed,
    "identities.event-corrected": _passed,
    "consents.recorded": _recorded,
    "consents.imported": _imported,
    "retention.hold-placed": _hold,
    "retention.hold-extended": _hold,
    "retention.sealed": _sealed,
}
