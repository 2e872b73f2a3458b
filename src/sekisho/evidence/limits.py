"""How long the ledger may take before somebody should look."""

from datetime import timedelta

WAITING = timedelta(seconds=60)  # an entry is numbered within a second; a minute means that no sequencer runs
