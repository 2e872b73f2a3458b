"""Everybody, as of a moment of the registers."""

from dataclasses import dataclass

from sekisho.registers.populations.rules.holding import Holding
from sekisho.registers.populations.rules.people import People


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Everybody, as of an epoch of the consent ledger and a change of the identities register."""

    epoch: int
    change: int
    newest: int  # instant of the newest event folded
    anchor: str  # newest event and person so far: tells these registers from restored ones that count alike
    people: People
    holding: Holding

    @property
    def size(self) -> int:
        """One more than the highest place."""
        return len(self.people.exists)
