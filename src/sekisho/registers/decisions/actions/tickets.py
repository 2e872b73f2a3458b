"""Tickets that open 通信履歴 for a fault or a misuse: these lines, these hours, and closed with it. Source: TBA 4."""

from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.decisions import rules
from sekisho.registers.decisions.models import AccessTicket
from sekisho.registers.decisions.rules import ROOM, TicketKind
from sekisho.registers.identities import queries as identities


def open_ticket(
    *,
    kind: TicketKind,
    lines: Iterable[str],
    since: datetime,
    until: datetime,
    expires_at: datetime,
    approved_by: str,
    at: datetime,
    acting_user: str,
) -> str:
    """Open a ticket over lines and hours that a second person approved; returns its reference.

    Evidence: `decisions.ticket-opened` with the number of lines, not the lines.
    Raises: decisions.same-person, decisions.ticket-unbounded, decisions.ticket-without-lines.
    """
    named = sorted({identities.digest("number", line) for line in lines})  # never the numbers: they outlive an erasure
    rules.require_other_person(acting_user, approved_by)
    rules.require_short_ticket(since, until, expires_at, at)
    if not named:
        raise SekishoError("decisions.ticket-without-lines", room=ROOM)
    ref = f"ticket-{uuid4().hex[:12]}"
    with writing():
        AccessTicket.objects.create(
            ref=ref,
            kind=TicketKind(kind).value,
            lines=named,
            since=since,
            until=until,
            opened_by=acting_user,
            approved_by=approved_by,
            opened_at=at,
            expires_at=expires_at,
        )
        append(
            kind="decisions.ticket-opened",
            body={
                "ticket": ref,
                "kind": TicketKind(kind).value,
                "lines": len(named),
                "since": instant(since),
                "until": instant(until),
                "expires_at": instant(expires_at),
                "by": acting_user,
                "approved_by": approved_by,
            },
            at=at,
        )
    return ref


def close_ticket(*, ticket: str, at: datetime, acting_user: str) -> None:
    """Close a ticket: from this instant it opens nothing. A repeat is a no-op. Evidence: `decisions.ticket-closed`.

    Raises: decisions.unknown-claim.
    """
    with writing():
        row = AccessTicket.objects.select_for_update().filter(ref=ticket).first()
        if row is None:
            raise SekishoError("decisions.unknown-claim", room=ROOM, ref=ticket if ticket.isascii() else "?")
        if row.closed_at is not None:
            return
        row.closed_at = at
        row.lines = []
        row.save(update_fields=["closed_at", "lines"])
        append(kind="decisions.ticket-closed", body={"ticket": ticket, "by": acting_user}, at=at)
