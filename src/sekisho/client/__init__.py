"""What a program uses that asks a Sekisho decision point: typed questions and answers, a scope for the purpose, a guard.

Imports nothing of the server, so that it can be installed beside any application. Every failure to get an answer is an
exception: a program that forgets to look goes no further.
"""

from sekisho.client.answer import Answer, Obligation, Reason
from sekisho.client.asynchronous import AsyncGate
from sekisho.client.failures import (
    ApprovalNeeded,
    BadQuestion,
    ConsentNeeded,
    GateUnavailable,
    NotAuthenticated,
    NotPermitted,
    ObligationNotUnderstood,
    PurposeMissing,
    Refused,
)
from sekisho.client.gate import Gate
from sekisho.client.http import async_http_gate, http_gate
from sekisho.client.question import DataSubject, Question, Scope

__all__ = [
    "Answer",
    "ApprovalNeeded",
    "AsyncGate",
    "BadQuestion",
    "ConsentNeeded",
    "DataSubject",
    "Gate",
    "GateUnavailable",
    "NotAuthenticated",
    "NotPermitted",
    "Obligation",
    "ObligationNotUnderstood",
    "PurposeMissing",
    "Question",
    "Reason",
    "Refused",
    "Scope",
    "async_http_gate",
    "http_gate",
]
