"""Tables of the request desk."""

from sekisho.casework.subject_requests.models.answers import CaseAccess, CaseAccessUse, CaseAnswer, CaseEffect
from sekisho.casework.subject_requests.models.arrivals import Arrival
from sekisho.casework.subject_requests.models.cases import PageOpening, SubjectRequest
from sekisho.casework.subject_requests.models.gathering import GatheredSystem, Gathering, Redaction
from sekisho.casework.subject_requests.models.keeping import CaseLetter, CasePaper, CasePayment, CaseWait

__all__ = [
    "Arrival",
    "CaseAccess",
    "CaseAccessUse",
    "CaseAnswer",
    "CaseEffect",
    "CaseLetter",
    "CasePaper",
    "CasePayment",
    "CaseWait",
    "GatheredSystem",
    "Gathering",
    "PageOpening",
    "Redaction",
    "SubjectRequest",
]
