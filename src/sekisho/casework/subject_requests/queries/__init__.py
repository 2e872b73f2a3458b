"""Requests, the person's page, forms: reads only."""

from sekisho.casework.subject_requests.queries.cases import Erasure, case, cases, erasures, open_until
from sekisho.casework.subject_requests.queries.holdings import Holding, Unreadable, holdings

__all__ = ["Erasure", "Holding", "Unreadable", "case", "cases", "erasures", "holdings", "open_until"]
