"""Who holds what, which orders are out, and which are late: reads only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from sekisho.engine.errors import SekishoError
from sekisho.registers.contractors import rules
from sekisho.registers.contractors.models import ErasureOrder, Holding
from sekisho.registers.contractors.rules import ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What one contractor holds of ours."""

    ref: str
    contractor: str
    what: str
    items: tuple[str, ...]
    kinds: tuple[str, ...]
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRecord:
    """One order with its clock."""

    ref: str
    contractor: str
    plan: str
    document: Mapping[str, Any]
    sealed_sha256: str
    issued_at: datetime
    due_on: date
    chased: tuple[str, ...]
    received_at: datetime | None
    done_on: date | None
    method: str


def holding(kinds: Collection[str], on: date) -> tuple[Held, ...]:
    """What contractors hold of people known by any of these kinds of identifier, on a day."""
    rows = Holding.objects.filter(Q(until=None) | Q(until__gt=on), since__lte=on).order_by("contractor_ref", "ref")
    return tuple(
        Held(
            ref=row.ref,
            contractor=row.contractor_ref,
            what=row.what,
            items=tuple(row.items),
            kinds=tuple(row.kinds),
            since=row.since,
            until=row.until,
        )
        for row in rows
        if set(row.kinds) & set(kinds)
    )


def holders(kinds: Collection[str], on: date) -> tuple[str, ...]:
    """The contractors that hold anything of such people."""
    return tuple(dict.fromkeys(one.contractor for one in holding(kinds, on)))


def order(ref: str) -> OrderRecord:
    """One order. Raises: contractors.unknown-order."""
    return _record(row_of(ref))


def row_of(ref: str) -> ErasureOrder:
    """The row of one order. Raises: contractors.unknown-order."""
    row = ErasureOrder.objects.filter(ref=ref).first()
    if row is None:
        raise SekishoError("contractors.unknown-order", room=ROOM, order=ref)
    return row


def orders(*, plan: str = "", waiting: bool = False) -> tuple[OrderRecord, ...]:
    """Orders, oldest first; of one plan, or those without a receipt only."""
    rows = ErasureOrder.objects.order_by("issued_at", "id")
    rows = rows.filter(plan_ref=plan) if plan else rows
    return tuple(_record(row) for row in (rows.filter(received_at=None) if waiting else rows))


def waits(plan: str, contractor: str) -> bool:
    """Whether the receipt of a plan's order to a contractor has not come, or no order went out."""
    return not ErasureOrder.objects.filter(plan_ref=plan, contractor_ref=contractor, received_at__isnull=False).exists()


def is_ordered(plan: str, contractor: str) -> bool:
    """Whether the order went out."""
    return ErasureOrder.objects.filter(plan_ref=plan, contractor_ref=contractor).exists()


def overdue(on: date) -> tuple[OrderRecord, ...]:
    """Orders whose last day is over without a receipt."""
    return tuple(one for one in orders(waiting=True) if rules.is_overdue(one.due_on, received=False, on=on))


def to_chase(on: date) -> tuple[OrderRecord, ...]:
    """Orders about which the contractor is to be asked again."""
    return tuple(one for one in orders(waiting=True) if rules.chase_due(one.due_on, list(one.chased), on))


def _record(row: ErasureOrder) -> OrderRecord:
    return OrderRecord(
        ref=row.ref,
        contractor=row.contractor_ref,
        plan=row.plan_ref,
        document=row.document,
        sealed_sha256=row.sealed_sha256,
        issued_at=row.issued_at,
        due_on=row.due_on,
        chased=tuple(row.chased),
        received_at=row.received_at,
        done_on=row.done_on,
        method=row.method,
    )
