"""What a gathering says: how a system answered, and where a redaction stands."""

from enum import StrEnum


class SystemState(StrEnum):
    """How a system answered."""

    ANSWERED = "answered"
    EMPTY = "empty"
    FAILED = "failed"  # what it holds is unknown: the answer is not complete


class RedactionState(StrEnum):
    """Proposed by a rule or a clerk; then kept black, or lifted by somebody."""

    PROPOSED = "proposed"
    KEPT = "kept"
    LIFTED = "lifted"
