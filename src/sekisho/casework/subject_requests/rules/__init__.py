"""What a request is, when it must be answered, what it costs, which papers it needs, and what may be refused: pure."""

from sekisho.casework.subject_requests.rules.case import (
    MASK,
    PAGE_OPEN_FOR,
    ROOM,
    Case,
    Outcome,
    Status,
    limits,
    masked,
    reference_after,
    require_closable,
    require_open,
    require_person,
)
from sekisho.casework.subject_requests.rules.clock import Arrival, Clock, Pause, Target, arrival_of, clock_of
from sekisho.casework.subject_requests.rules.fees import (
    Fee,
    Payment,
    Tendered,
    Way,
    checked_payment,
    fee_of,
    ways_to_pay,
)

__all__ = [
    "MASK",
    "PAGE_OPEN_FOR",
    "ROOM",
    "Arrival",
    "Case",
    "Clock",
    "Fee",
    "Outcome",
    "Pause",
    "Payment",
    "Status",
    "Target",
    "Tendered",
    "Way",
    "arrival_of",
    "checked_payment",
    "clock_of",
    "fee_of",
    "limits",
    "masked",
    "reference_after",
    "require_closable",
    "require_open",
    "require_person",
    "ways_to_pay",
]
