"""What the views of a purpose would be, the facts they read, and whether what stands is what should: reads only."""

from sekisho.registers.enforcement.queries.checking import Check, check
from sekisho.registers.enforcement.queries.gathering import Gathered, gathered
from sekisho.registers.enforcement.queries.planning import Planned, planned, postgresql_systems
from sekisho.registers.enforcement.queries.standing import Ordered, epoch_and_change, facts_in, logins_of, ordered

__all__ = [
    "Check",
    "Gathered",
    "Ordered",
    "Planned",
    "check",
    "epoch_and_change",
    "facts_in",
    "gathered",
    "logins_of",
    "ordered",
    "planned",
    "postgresql_systems",
]
