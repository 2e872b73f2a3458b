"""Lists that were built, read."""

from datetime import datetime
from pathlib import Path

from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.rules import ROOM, State, Steps, state

FOLDER = "lists"


def list_of(ref: str) -> EligibleList:
    """One list. Raises: lists.unknown-list."""
    row = EligibleList.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("lists.unknown-list", room=ROOM, list=ref)
    return row


def lists() -> tuple[EligibleList, ...]:
    """Every list, newest first."""
    return tuple(EligibleList.objects.order_by("-id"))


def steps_of(row: EligibleList) -> Steps:
    """What has happened to a list."""
    return Steps(
        ref=row.ref,
        needs_approval=row.needs_approval,
        asked=row.asked_at is not None,
        approved=row.approved_at is not None,
        taken=row.handed_over_at is not None,
        gone=row.gone_why,
        expires_at=row.expires_at,
    )


def state_of(row: EligibleList, at: datetime) -> State:
    """Where a list stands."""
    return state(steps_of(row), at)


def file_of(ref: str) -> Path:
    """Where the file of a list stands."""
    return Path(settings.HOME) / FOLDER / f"{ref}.parquet"
