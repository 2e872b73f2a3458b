"""How long the ledger may take before somebody should look."""

from datetime import timedelta

WAITING = timedelta(seconds=60)  # an entry is numbered within a second; a minute means that no sequencer runs
WITNESS_BEHIND = timedelta(hours=24)
FRESH = timedelta(minutes=10)  # how long a look at the ledger stands for the ledger
