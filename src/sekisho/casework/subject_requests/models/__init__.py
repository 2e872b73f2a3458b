"""Tables of the request desk."""

from sekisho.casework.subject_requests.models.after import CaseRefund, CaseReminder, CaseWarning, Complaint
from sekisho.casework.subject_requests.models.answers import (
    AnswerReading,
    CaseAccess,
    CaseAccessUse,
    CaseAnswer,
    CaseEffect,
)
from sekisho.casework.subject_requests.models.arrivals import Arrival
from sekisho.casework.subject_requests.models.cases import PageOpening, SubjectRequest
from sekisho.casework.subject_requests.models.effects import CaseCorrection, CaseText, RecipientWord
from sekisho.casework.subject_requests.models.frauds import CaseSender, CheckResult, PageMark, PageMask, ProtectedPerson
from sekisho.casework.subject_requests.models.gathering import GatheredSystem, Gathering, Redaction
from sekisho.casework.subject_requests.models.keeping import CaseLetter, CasePaper, CasePayment, CaseWait
from sekisho.casework.subject_requests.models.reading import PageFinding, PageReading
from sekisho.casework.subject_requests.models.web import WebRequest

__all__ = [
    "AnswerReading",
    "Arrival",
    "CaseAccess",
    "CaseAccessUse",
    "CaseAnswer",
    "CaseCorrection",
    "CaseEffect",
    "CaseLetter",
    "CasePaper",
    "CasePayment",
    "CaseRefund",
    "CaseReminder",
    "CaseSender",
    "CaseText",
    "CaseWait",
    "CaseWarning",
    "CheckResult",
    "Complaint",
    "GatheredSystem",
    "Gathering",
    "PageFinding",
    "PageMark",
    "PageMask",
    "PageOpening",
    "PageReading",
    "ProtectedPerson",
    "RecipientWord",
    "Redaction",
    "SubjectRequest",
    "WebRequest",
]
