"""What a list is, when it stands where, and the document that goes with it."""

from sekisho.registers.lists.rules.balance import Account, require_balance
from sekisho.registers.lists.rules.coarsening import COARSE, coarsened
from sekisho.registers.lists.rules.limits import Limits, limits
from sekisho.registers.lists.rules.manifest import Manifest, opened, require_file, signed
from sekisho.registers.lists.rules.standing import ListKind, State, Steps, Why, ref_of, require, state

ROOM = "sekisho.registers.lists"

__all__ = [
    "COARSE",
    "ROOM",
    "Account",
    "Limits",
    "ListKind",
    "Manifest",
    "State",
    "Steps",
    "Why",
    "coarsened",
    "limits",
    "opened",
    "ref_of",
    "require",
    "require_balance",
    "require_file",
    "signed",
    "state",
]
