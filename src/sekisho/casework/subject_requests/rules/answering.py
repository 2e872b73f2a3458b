"""What becomes of an answer, and of what it brings about."""

from enum import StrEnum


class AnswerState(StrEnum):
    """Made by one, approved by another for exactly these bytes, gone; or taken back before it went."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


class EffectKind(StrEnum):
    """What an answer brings about outside the file."""

    CORRECTION = "correction"
    TEXTS = "texts"  # free text in which a value that was put right may stand
    USE_STOP = "use_stop"
    PROVISION_STOP = "provision_stop"
    ERASURE_PLAN = "erasure_plan"
    RECIPIENT_NOTICE = "recipient_notice"


class EffectState(StrEnum):
    """Where it stands. A failed one stays with its clock until it is done."""

    PENDING = "pending"
    DONE = "done"
    WAITING = "waiting"  # for a person, not for another turn
    FAILED = "failed"


class TextState(StrEnum):
    """What a clerk decided of a cell of free text: agreed before the store is written, corrected after."""

    AGREED = "agreed"
    CORRECTED = "corrected"
    KEPT = "kept"
    BY_HAND = "by_hand"  # the store refused: somebody puts it right there
