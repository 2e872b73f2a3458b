"""What was found, what of it the map does not say, what is proposed, and what waits unsorted."""

from sekisho.registers.findings.queries.alarms import (
    LastRun,
    alarms,
    last_run,
    outdated,
    own_numbers,
    place,
    places,
    unseen,
)
from sekisho.registers.findings.queries.proposals import Proposal, items_of, patch, proposal
from sekisho.registers.findings.queries.waiting import Queue, Waiting, queue

__all__ = [
    "LastRun",
    "Proposal",
    "Queue",
    "Waiting",
    "alarms",
    "items_of",
    "last_run",
    "outdated",
    "own_numbers",
    "patch",
    "place",
    "places",
    "proposal",
    "queue",
    "unseen",
]
