"""Requests, what arrived for them, the person's page, forms: reads only."""

from sekisho.casework.subject_requests.queries.arrivals import ArrivalRecord, arrival, arrivals, book
from sekisho.casework.subject_requests.queries.cases import (
    Erasure,
    LetterRecord,
    case,
    cases,
    clock,
    erasures,
    letters_of,
    open_until,
)
from sekisho.casework.subject_requests.queries.deciding import Weighing, grounds_of, refusals_of, weighings
from sekisho.casework.subject_requests.queries.forms import blank_form, case_form, request_desk
from sekisho.casework.subject_requests.queries.holdings import Holding, Unreadable, holdings
from sekisho.casework.subject_requests.queries.standing import Standing, standing

__all__ = [
    "ArrivalRecord",
    "Erasure",
    "Holding",
    "LetterRecord",
    "Standing",
    "Unreadable",
    "Weighing",
    "arrival",
    "arrivals",
    "blank_form",
    "book",
    "case",
    "case_form",
    "cases",
    "clock",
    "erasures",
    "grounds_of",
    "holdings",
    "letters_of",
    "open_until",
    "refusals_of",
    "request_desk",
    "standing",
    "weighings",
]
