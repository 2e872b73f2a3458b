"""Writing down who is who and what happens to lines and names, suppressing a person at once, forgetting one for good."""

from sekisho.registers.identities.actions.changes import note_change
from sekisho.registers.identities.actions.correcting import correct, withdraw
from sekisho.registers.identities.actions.erasing import forget, lift_suppression, purge, suppress
from sekisho.registers.identities.actions.importing import NewPerson, import_population
from sekisho.registers.identities.actions.keys import pseudonym_key, salt_of
from sekisho.registers.identities.actions.lines import Recorded, assign, change_user, release, succeed, transfer
from sekisho.registers.identities.actions.people import appoint_guardian, mark_deceased, midnight, protect, rename
from sekisho.registers.identities.actions.putting_right import put_right
from sekisho.registers.identities.actions.replaying import record_again, retire_event

__all__ = [
    "NewPerson",
    "Recorded",
    "appoint_guardian",
    "assign",
    "change_user",
    "correct",
    "forget",
    "import_population",
    "lift_suppression",
    "mark_deceased",
    "midnight",
    "note_change",
    "protect",
    "pseudonym_key",
    "purge",
    "put_right",
    "record_again",
    "release",
    "rename",
    "retire_event",
    "salt_of",
    "succeed",
    "suppress",
    "transfer",
    "withdraw",
]
