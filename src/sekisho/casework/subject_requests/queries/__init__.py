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
from sekisho.casework.subject_requests.queries.effects import (
    CorrectionRecord,
    EffectRecord,
    WordRecord,
    corrections_of,
    effects_of,
    unfinished_answers,
    words,
)
from sekisho.casework.subject_requests.queries.forms import blank_form, case_form, request_desk
from sekisho.casework.subject_requests.queries.gathering import (
    Gathered,
    gathered,
    gathering_of,
    redacted,
    redaction_states,
)
from sekisho.casework.subject_requests.queries.holdings import Holding, Unreadable, holdings
from sekisho.casework.subject_requests.queries.standing import Standing, standing
from sekisho.casework.subject_requests.queries.telling import (
    ProvisionRecord,
    PurposeLine,
    provision_records,
    purposes_of,
)

__all__ = [
    "ArrivalRecord",
    "CorrectionRecord",
    "EffectRecord",
    "Erasure",
    "Gathered",
    "Holding",
    "LetterRecord",
    "ProvisionRecord",
    "PurposeLine",
    "Standing",
    "Unreadable",
    "Weighing",
    "WordRecord",
    "arrival",
    "arrivals",
    "blank_form",
    "book",
    "case",
    "case_form",
    "cases",
    "clock",
    "corrections_of",
    "effects_of",
    "erasures",
    "gathered",
    "gathering_of",
    "grounds_of",
    "holdings",
    "letters_of",
    "open_until",
    "provision_records",
    "purposes_of",
    "redacted",
    "redaction_states",
    "refusals_of",
    "request_desk",
    "standing",
    "unfinished_answers",
    "weighings",
    "words",
]
