"""Writing down who is who, suppressing a person at once, and forgetting one for good."""

from sekisho.registers.identities.actions.changes import note_change
from sekisho.registers.identities.actions.erasing import forget, lift_suppression, suppress
from sekisho.registers.identities.actions.importing import NewPerson, import_population
from sekisho.registers.identities.actions.keys import pseudonym_key, salt_of

__all__ = [
    "NewPerson",
    "forget",
    "import_population",
    "lift_suppression",
    "note_change",
    "pseudonym_key",
    "salt_of",
    "suppress",
]
