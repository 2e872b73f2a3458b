"""Claims: an exception, a ground, an officer's approval, a case. What an ask may point to. Source: APPI 18(3), 27(1)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import uuid4

from sekisho.engine.errors import SekishoError
from sekisho.engine.law.pack import law
from sekisho.evidence.actions import append
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.decisions import rules
from sekisho.registers.decisions.models import Claim
from sekisho.registers.decisions.rules import ROOM, ClaimKind


def request_claim(
    *,
    kind: ClaimKind,
    name: str = "",
    persons: Iterable[str] = (),
    purpose: str = "",
    facts: Mapping[str, str] | None = None,
    document: str = "",
    at: datetime,
    acting_user: str,
) -> str:
    """Ask for an exception, a ground or an approval; returns its reference. It opens nothing until approved.

    `facts` are those that the law wants recorded for it; `document` refers to the paper on file.

    Evidence: `decisions.claim-requested`. Raises: decisions.unknown-ground, decisions.facts-missing.
    """
    recorded = dict(facts or {})
    if kind in (ClaimKind.EXCEPTION, ClaimKind.GROUND):
        known = law().exceptions if kind is ClaimKind.EXCEPTION else law().grounds
        if name not in known:
            raise SekishoError("decisions.unknown-ground", room=ROOM, name=name if name.isascii() else "?")
        rules.require_facts(recorded, known[name].requires)
    ref = f"claim-{uuid4().hex[:12]}"
    with writing():
        Claim.objects.create(
            ref=ref,
            kind=kind.value,
            name=name,
            persons=sorted(set(persons)),
            purpose=purpose,
            facts=recorded,
            document=document,
            requested_by=acting_user,
            requested_at=at,
        )
        append(
            kind="decisions.claim-requested",
            body={"claim": ref, "kind": kind.value, "name": name, "purpose": purpose, "by": acting_user},
            at=at,
        )
    return ref


def approve_claim(*, claim: str, expires_at: datetime, at: datetime, acting_user: str) -> None:
    """Approve what somebody else asked for, until a date. Evidence: `decisions.claim-approved`.

    Raises: decisions.unknown-claim, decisions.same-person, decisions.claim-unbounded.
    """
    with writing():
        row = _claim(claim)
        rules.require_other_person(row.requested_by, acting_user)
        rules.require_short_claim(expires_at, at)
        row.approved_by, row.approved_at, row.expires_at = acting_user, at, expires_at
        row.save(update_fields=["approved_by", "approved_at", "expires_at"])
        append(
            kind="decisions.claim-approved",
            body={"claim": claim, "expires_at": instant(expires_at), "by": acting_user},
            at=at,
        )


def close_claim(*, claim: str, at: datetime, acting_user: str) -> None:
    """End a claim or a case: from this instant it opens nothing. Evidence: `decisions.claim-closed`.

    Raises: decisions.unknown-claim.
    """
    with writing():
        row = _claim(claim)
        if row.closed_at is not None:
            return
        row.closed_at = at
        row.save(update_fields=["closed_at"])
        append(kind="decisions.claim-closed", body={"claim": claim, "by": acting_user}, at=at)


def open_case(*, case: str, person: str, actors: Iterable[str], at: datetime, acting_user: str) -> str:
    """Say that a case about this person is open and who works on it: that opens the person's data to them.

    `case` is the reference that asks will name. A repeat names the actors anew. Evidence: `decisions.case-opened`.
    """
    who = sorted(set(actors))
    with writing():
        Claim.objects.update_or_create(
            ref=case,
            kind=ClaimKind.CASE.value,
            defaults={
                "persons": [person],
                "actors": who,
                "requested_by": acting_user,
                "requested_at": at,
                "closed_at": None,
            },
        )
        append(
            kind="decisions.case-opened", body={"case": case, "person": person, "actors": who, "by": acting_user}, at=at
        )
    return case


def _claim(ref: str) -> Claim:
    row = Claim.objects.select_for_update().filter(ref=ref).first()
    if row is None:
        raise SekishoError("decisions.unknown-claim", room=ROOM, ref=ref if ref.isascii() else "?")
    return row
