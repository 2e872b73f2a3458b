"""After a restore: every line is again whose it became since the backup, before anybody is erased by their lines.

The tombstones hold numbers as keyed digests only. A number that the backup does not know stays nobody's.
"""

from collections.abc import Iterable
from datetime import datetime

from sekisho.registers.backups.actions.replaying import BY, Replayed
from sekisho.registers.backups.rules.tombstones import Tombstone
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities import queries

RECORDED, CORRECTED, WITHDRAWN = (f"identities.event-{how}" for how in ("recorded", "corrected", "withdrawn"))


def replay_lines(stones: Iterable[Tombstone], *, at: datetime) -> Replayed:
    """Events of lines and deaths recorded, corrected and withdrawn since the backup hold again. May be repeated."""
    replayed = Replayed()
    told = [stone for stone in stones if stone.kind in (RECORDED, CORRECTED, WITHDRAWN)]
    values = queries.values_by_digest() if told else {}
    for stone in told:
        body = stone.body
        if stone.kind != RECORDED:
            identities.retire_event(event=body["event"], reason=body["reason"], at=at, acting_user=BY)
        if stone.kind == WITHDRAWN:
            replayed.note(stone.kind, done=True)
            continue
        identities.record_again(event=body["recorded"], moves=body["moves"], values=values, at=at, acting_user=BY)
        replayed.note(stone.kind, done=queries.event_of(body["recorded"]) is not None)
    return replayed
