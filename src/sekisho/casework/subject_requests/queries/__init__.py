"""Requests, the person's page, forms: reads only."""

from sekisho.casework.subject_requests.queries.cases import Erasure, case, cases, erasures, open_until
from sekisho.casework.subject_requests.queries.forms import blank_form, case_form
from sekisho.casework.subject_requests.queries.holdings import Holding, Unreadable, holdings

__all__ = [
    "Erasure",
    "Holding",
    "Unreadable",
    "blank_form",
    "case",
    "case_form",
    "cases",
    "erasures",
    "holdings",
    "open_until",
]
