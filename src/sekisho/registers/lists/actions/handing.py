"""Ask for an approval, approve, and hand a list over: once."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.lists.actions.members import keep_members
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries.approving import require_actor, require_approver
from sekisho.registers.lists.queries.records import file_of, list_of, steps_of
from sekisho.registers.lists.rules import ROOM, State, Why, require
from sekisho.registers.lists.rules.manifest import file_sha256


def ask_approval(*, ref: str, at: datetime, acting_user: str) -> None:
    """Ask for a second person's approval. Evidence: `lists.approval-asked`. Raises: lists.wrong-state and others of `require`."""
    require_actor(acting_user, at)
    with writing():
        row = _locked(ref)
        require(steps_of(row), at, State.DRAFT)
        row.asked_at, row.asked_by = at, acting_user
        row.save(update_fields=["asked_at", "asked_by"])
        append(kind="lists.approval-asked", body={"list": ref, "sha256": row.sha256, "by": acting_user}, at=at)


def approve_list(*, ref: str, sha256: str, by: str, at: datetime) -> None:
    """Approve the file whose hash was read. Evidence: `lists.approved`.

    Raises: lists.approver-may-not, lists.same-person, lists.changed-since-read, lists.wrong-state and others of `require`.
    """
    with writing():
        row = _locked(ref)
        require_approver(by, at, built_by=row.built_by)
        require(steps_of(row), at, State.DRAFT, State.ASKED)
        if sha256 != row.sha256:
            raise SekishoError("lists.changed-since-read", room=ROOM, list=ref)
        row.approved_at, row.approved_by = at, by
        row.save(update_fields=["approved_at", "approved_by"])
        append(kind="lists.approved", body={"list": ref, "sha256": sha256, "rows": row.rows, "by": by}, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """A list on its way out: the open file (its name is gone), and what goes with it."""

    row: EligibleList
    file: BinaryIO
    entry: str


@contextmanager
def hand_over(*, ref: str, at: datetime, acting_user: str) -> Generator[HandedOver]:
    """Give a list out, once, to whoever built it. Evidence: `lists.handed-over`, committed before a byte leaves.

    Raises: lists.expired, lists.dropped, lists.taken, lists.not-approved, lists.not-yours, lists.file-changed.
    """
    require_actor(acting_user, at)
    path, found = file_of(ref), list_of(ref)
    if found.recipient and path.exists() and found.handed_over_at is None:
        keep_members(
            ref, path
        )  # before the transaction: a crash leaves marks of a list that never left, which are swept
    with writing():
        row = _locked(ref)
        require(steps_of(row), at, State.READY)
        if acting_user != row.built_by:
            raise SekishoError("lists.not-yours", room=ROOM, list=ref)
        if not path.exists() or file_sha256(path) != row.sha256:
            raise SekishoError("lists.file-changed", room=ROOM, list=ref)
        file = path.open("rb")
        row.handed_over_at, row.handed_over_to = at, acting_user
        row.gone_at, row.gone_why = at, Why.TAKEN.value
        row.save(update_fields=["handed_over_at", "handed_over_to", "gone_at", "gone_why"])
        body = {"list": ref, "sha256": row.sha256, "rows": row.rows, "to": acting_user}
        entry = append(kind="lists.handed-over", body=body, at=at)
    with file:
        path.unlink(missing_ok=True)
        yield HandedOver(row=row, file=file, entry=entry)


def _locked(ref: str) -> EligibleList:
    return EligibleList.objects.select_for_update().get(pk=list_of(ref).pk)
