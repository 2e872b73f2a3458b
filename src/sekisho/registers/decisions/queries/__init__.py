"""Facts for the gate, claims and tickets, sealed decisions and their receipts: reads only."""

from sekisho.registers.decisions.queries.claims import claims_of, open_cases, tickets
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.decisions.queries.keys import is_api_key
from sekisho.registers.decisions.queries.records import Sealed, counts, receipt, sealed

__all__ = ["Sealed", "claims_of", "counts", "gather", "is_api_key", "open_cases", "receipt", "sealed", "tickets"]
