"""Following a demo carrier's policy folder: an edit that checks becomes the next revision."""

from collections.abc import Mapping
from datetime import datetime

from sekisho.engine.errors import DocumentRefused, Fault
from sekisho.registers.policies import actions

FOLLOWER = "system:follow"


def follow(files: Mapping[str, str], at: datetime) -> tuple[Fault, ...]:
    """Adopt the documents if they changed. Returns the faults of a refused edit: then nothing has changed."""
    try:
        actions.adopt(files=files, at=at, acting_user=FOLLOWER, may_correct=True)
    except DocumentRefused as refused:
        return refused.faults
    return ()
