"""Placing, extending and releasing a hold, and what happens when one ends by itself."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from sekisho.engine.erasure.floors import grounds_in_force, kind_of
from sekisho.engine.erasure.remaining import UNTOLD
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import HoldKind
from sekisho.engine.policy.periods import add
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.actions.confiding import append_sealed
from sekisho.registers.retention.models import Hold, RetainedItem
from sekisho.registers.retention.queries.acting import (
    require_actor,
    require_approver,
    require_authorities_desk,
    review_after,
)
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import hold_kind
from sekisho.registers.retention.rules import ROOM, require_hold_span, require_impersonal, require_scope


def place_hold(
    *,
    source: str,
    placed_on: date,
    at: datetime,
    acting_user: str,
    approved_by: str,
    ground: str = "",
    kind: str = "",
    until: date | None = None,
    person: str = "",
    system: str = "",
    table: str = "",
    items: Iterable[str] = (),
    review_on: date | None = None,
    is_confidential: bool = False,
    is_over_everything: bool = False,
) -> str:
    """Stop erasure on a ground this policy promises (or law commands); returns the hold's reference.

    `kind` is one of the law packs' kinds of hold and says ground and period; without it the ground's general one is
    meant. A hold over everything is placed by saying so alone: it stops every sweep.
    Evidence: `retention.sealed`, a commitment, as of every hold and whatever becomes of it.
    Raises: retention.ground-not-promised, retention.same-approver, retention.hold-kind-ground,
    retention.hold-needs-person, retention.hold-items, retention.hold-too-long, retention.not-confidential,
    retention.authorities-desk-only, retention.hold-scope, retention.unknown-table, retention.personal-paper,
    and what `require_actor` and `require_approver` refuse.
    Source: telecom guideline 10(1) (2017) / 11(1) (2022); Code of Criminal Procedure 197(3)-(5).
    """
    named = hold_kind(kind, ground, tokyo_date(at))
    if named.ground not in grounds_in_force(policies.in_force(at), law_on(tokyo_date(at))):
        raise SekishoError("retention.ground-not-promised", room=ROOM, ground=named.ground)
    if approved_by == acting_user:
        raise SekishoError("retention.same-approver", room=ROOM, plan="-", by=approved_by)
    _require_actors(acting_user, approved_by, at, is_confidential=is_confidential)
    asked = tuple(items)
    _require_shape(named, person, is_confidential=is_confidential)
    require_scope(is_named=bool(person or system or table or asked), is_over_everything=is_over_everything)
    _require_place(system, table)
    require_impersonal(source)
    longest = add(placed_on, named.longest) if named.longest else None
    until = until or (add(placed_on, named.period) if named.period else None)
    require_hold_span(placed_on, until, longest)
    ref = f"hold-{uuid.uuid4().hex[:12]}"
    row = Hold(
        ref=ref,
        kind=named.id,
        ground=named.ground,
        source=source,
        person_ref=person,
        system=system,
        table=table,
        items=list(_items(named, asked, at)),
        placed_on=placed_on,
        until=until,
        longest=longest,
        review_on=review_on or (None if until else add(placed_on, review_after())),
        placed_by=acting_user,
        approved_by=approved_by,
        is_confidential=is_confidential,
    )
    with transaction.atomic():
        row.save()
        _write_down(row, "placed", {"ground": row.ground, "by": acting_user, "approved_by": approved_by}, at)
    return ref


def extend_hold(*, hold: str, until: date, source: str, at: datetime, acting_user: str, approved_by: str) -> None:
    """Let a hold stand longer, on a paper of its own, within what the law allows in total.

    Evidence: `retention.sealed`. Raises: retention.unknown-hold, retention.same-approver,
    retention.hold-too-long, retention.personal-paper, and what `place_hold` refuses of the two people.
    """
    require_impersonal(source)
    if approved_by == acting_user:
        raise SekishoError("retention.same-approver", room=ROOM, plan="-", by=approved_by)
    with transaction.atomic():
        row = _standing(hold, tokyo_date(at))
        _require_actors(acting_user, approved_by, at, is_confidential=row.is_confidential)
        require_hold_span(row.placed_on, until, row.longest)
        if row.until is not None and until <= row.until:
            raise SekishoError("retention.hold-not-longer", room=ROOM, hold=hold, until=row.until.isoformat())
        row.until, row.source = until, f"{row.source}; {source}"[: Hold.SOURCE]
        row.save(update_fields=["until", "source"])
        body = {"until": until.isoformat(), "by": acting_user, "approved_by": approved_by}
        _write_down(row, "extended", body, at)


def review_hold(*, hold: str, review_on: date, at: datetime, acting_user: str) -> None:
    """Say that the reason still stands, and when it is looked at next. Evidence: `retention.sealed`."""
    with transaction.atomic():
        row = _standing(hold, tokyo_date(at))
        _require_desk(row, acting_user, at)
        row.review_on = review_on
        row.save(update_fields=["review_on"])
        _write_down(row, "reviewed", {"review_on": review_on.isoformat(), "by": acting_user}, at)


def release_hold(*, hold: str, at: datetime, acting_user: str, reason: str = "") -> None:
    """End a hold. What it kept of erased people comes back into the queue today.

    Evidence: `retention.sealed`. Raises: retention.unknown-hold, retention.personal-paper.
    """
    require_impersonal(reason)
    with transaction.atomic():
        row = _standing(hold, None)
        _require_desk(row, acting_user, at)
        row.released_at, row.released_by, row.release_reason = at, acting_user, reason
        row.save(update_fields=["released_at", "released_by", "release_reason"])
        body = {"requeued": _requeue(row, at), "by": acting_user}
        _write_down(row, "released", body, at)


def end_expired_holds(*, at: datetime, acting_user: str) -> int:
    """Write down that holds whose last day is over have ended, and put back what waited for them; how many.

    They stopped binding when the day was over: this is the evidence of it. Evidence: `retention.sealed`, one entry
    however many have ended, none included.
    """
    over = Hold.objects.filter(until__lt=tokyo_date(at), released_at=None, ended_at=None)
    with transaction.atomic():
        rows = list(over.select_for_update().order_by("id"))
        ended = [{"hold": row.ref, "requeued": _requeue(row, at)} for row in rows]
        opening = append_sealed("ended", {"ended": ended, "by": acting_user}, at)
        for row in rows:
            row.ended_at, row.opened = at, [*row.opened, opening]
            row.save(update_fields=["ended_at", "opened"])
    return len(rows)


def _standing(hold: str, on: date | None) -> Hold:
    rows = Hold.objects.select_for_update().filter(ref=hold, released_at=None, ended_at=None)
    row = (rows if on is None else rows.filter(Q(until=None) | Q(until__gte=on))).first()
    if row is None:
        raise SekishoError("retention.unknown-hold", room=ROOM, hold=hold)
    return row


def _requeue(row: Hold, at: datetime) -> int:
    """Items of certified erasures that waited for this hold become due: planned anew by whoever keeps the clock."""
    waiting = RetainedItem.objects.filter(rule=UNTOLD, released_at=None)
    if row.person_ref:
        waiting = waiting.filter(plan__person_ref=row.person_ref)
    if row.system:
        waiting = waiting.filter(system=row.system)
    if row.table:
        waiting = waiting.filter(table=row.table)
    return waiting.update(until=tokyo_date(at) - timedelta(days=1))


def _require_actors(acting_user: str, approved_by: str, at: datetime, *, is_confidential: bool) -> None:
    require_actor(acting_user, at)
    require_approver(approved_by, at)
    if is_confidential:
        require_authorities_desk(acting_user, at)


def _require_desk(row: Hold, acting_user: str, at: datetime) -> None:
    """A confidential hold is unknown to whoever is not of the authorities desk."""
    if row.is_confidential:
        try:
            require_authorities_desk(acting_user, at)
        except SekishoError:
            raise SekishoError("retention.unknown-hold", room=ROOM, hold=row.ref) from None


def _require_shape(kind: HoldKind, person: str, *, is_confidential: bool) -> None:
    if is_confidential and not kind.confidential:
        raise SekishoError("retention.not-confidential", room=ROOM, kind=kind.id)
    if kind.needs_person and not person:
        raise SekishoError("retention.hold-needs-person", room=ROOM, kind=kind.id)


def _require_place(system: str, table: str) -> None:
    """A hold over a place the data map does not have would protect nothing. Raises: retention.unknown-table."""
    if not system and not table:
        return
    known = datamap_queries.current().systems.get(system)
    if known is None or (table and table not in known.tables):
        raise SekishoError("retention.unknown-table", room=ROOM, table=f"{system}.{table}".removesuffix("."))


def _items(kind: HoldKind, items: tuple[str, ...], at: datetime) -> tuple[str, ...]:
    """What the hold covers: as asked, within the kinds of data this kind of hold may reach."""
    policy = policies.in_force(at)
    unknown = [item for item in items if item.split(".", 1)[0] not in policy.classes]
    outside = [] if unknown or not kind.kinds else [one for one in items if kind_of(policy, one) not in kind.kinds]
    if unknown or outside:
        raise SekishoError("retention.hold-items", room=ROOM, items=", ".join(unknown or outside), kind=kind.id)
    if items or not kind.kinds:
        return items
    return tuple(class_ for class_ in policy.classes if kind_of(policy, class_) in kind.kinds)


def _write_down(row: Hold, what: str, body: Mapping[str, object], at: datetime) -> None:
    """The entry of evidence: a commitment, opened by whoever may see the hold."""
    row.opened = [*row.opened, append_sealed(what, {"hold": row.ref, **body}, at)]
    row.save(update_fields=["opened"])
