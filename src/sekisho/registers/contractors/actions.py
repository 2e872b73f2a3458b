"""What contractors hold, orders to erase it, asking again, receipts: the only writes of the room.

The identifiers stand in a list sealed under a key of its own. List and key are files of the carrier's home, handed
over on different ways, and die when the receipt is in.
"""

import hashlib
import json
import os
import secrets
import uuid
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.registers.contractors import queries, rules
from sekisho.registers.contractors.models import ErasureOrder, Holding
from sekisho.registers.contractors.rules import ROOM
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients

FORMAT = "sekisho-erasure-order-1"
KEY_SIZE, NONCE_SIZE = 32, 12


def record_holding(
    *,
    contractor: str,
    what: str,
    items: Sequence[str],
    kinds: Sequence[str],
    since: date,
    at: datetime,
    acting_user: str,
    until: date | None = None,
) -> str:
    """Write down that a contractor holds data of ours; returns the holding's reference.

    Evidence: `contractors.holding`. Raises: contractors.unknown-contractor, contractors.personal-words,
    contractors.unknown-kind, contractors.unknown-class, contractors.holding-backwards.
    """
    if not recipients.standing_of(contractor, tokyo_date(at)).known:
        raise SekishoError("contractors.unknown-contractor", room=ROOM, contractor=contractor)
    rules.require_impersonal(what)
    rules.require_holding(kinds, items, policies.in_force(at).classes, since, until)
    ref = f"holding-{uuid.uuid4().hex[:12]}"
    with transaction.atomic():
        Holding.objects.create(
            ref=ref,
            contractor_ref=contractor,
            what=what,
            items=list(items),
            kinds=list(kinds),
            since=since,
            until=until,
        )
        body = {"holding": ref, "contractor": contractor, "items": list(items), "kinds": list(kinds), "by": acting_user}
        append(kind="contractors.holding", body=body, at=at)
    return ref


def end_holding(*, holding: str, until: date, at: datetime, acting_user: str) -> None:
    """The contractor gave everything back or erased it, or it was written down by mistake: no later plan orders it.

    Orders that are out still wait for their receipts. Evidence: `contractors.holding-ended`. Raises:
    contractors.unknown-holding, contractors.holding-backwards.
    """
    with transaction.atomic():
        row = Holding.objects.select_for_update().filter(ref=holding).first()
        if row is None:
            raise SekishoError("contractors.unknown-holding", room=ROOM, holding=holding)
        rules.require_days(row.since, until)
        row.until = until
        row.save(update_fields=["until"])
        body = {"holding": holding, "until": until.isoformat(), "by": acting_user}
        append(kind="contractors.holding-ended", body=body, at=at)


def issue_order(
    *, plan: str, contractor: str, identifiers: Sequence[tuple[str, str]], at: datetime, acting_user: str
) -> str:
    """Order one contractor to erase a person; returns the order's reference. A repeat is a no-op.

    `identifiers`: (kind, value), of which only the kinds go into the sealed list by which the contractor knows people.
    Evidence: `contractors.order-issued`, with the hash of the sealed list.
    """
    known = ErasureOrder.objects.filter(plan_ref=plan, contractor_ref=contractor).first()
    if known is not None:
        return known.ref
    held = [
        one
        for one in queries.holding([kind for kind, _ in identifiers], tokyo_date(at))
        if one.contractor == contractor
    ]
    kinds = {kind for one in held for kind in one.kinds}
    ref = f"order-{uuid.uuid4().hex[:12]}"
    sealed = _sealed(ref, [pair for pair in identifiers if pair[0] in kinds])
    digest, due = hashlib.sha256(sealed).hexdigest(), rules.due_on(at)
    document = {
        "format": FORMAT,
        "order": ref,
        "contractor": contractor,
        "holdings": [{"ref": one.ref, "what": one.what, "items": list(one.items)} for one in held],
        "identifier_kinds": sorted(kinds),
        "sealed_sha256": digest,
        "issued_on": tokyo_date(at).isoformat(),
        "receipt_due_on": due.isoformat(),
        "source": rules.source(),
    }
    with transaction.atomic():
        ErasureOrder.objects.create(
            ref=ref,
            contractor_ref=contractor,
            plan_ref=plan,
            document=document,
            sealed_sha256=digest,
            issued_at=at,
            due_on=due,
        )
        body = {"order": ref, "contractor": contractor, "plan": plan, "sealed_sha256": digest, "by": acting_user}
        append(kind="contractors.order-issued", body=body | {"due_on": due.isoformat()}, at=at)
    return ref


def hand_over(*, order: str, folder: Path, at: datetime, acting_user: str) -> str:
    """Write the order and its sealed list into a folder; returns the key, which goes another way.

    Evidence: `contractors.order-handed-over`. Raises: contractors.unknown-order, contractors.no-list.
    """
    record, path = queries.order(order), _folder() / f"{order}.sealed"
    if record.received_at is not None or not path.exists():
        raise SekishoError("contractors.no-list", room=ROOM, order=order)
    with transaction.atomic():
        append(
            kind="contractors.order-handed-over",
            body={"order": order, "contractor": record.contractor, "by": acting_user},
            at=at,
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{order}.sealed").write_bytes(path.read_bytes())
    said = json.dumps(dict(record.document), ensure_ascii=False, indent=1)
    (folder / f"{order}.json").write_text(f"{said}\n", encoding="utf-8")
    return _key_path(order).read_text(encoding="ascii")


def chase(*, at: datetime, acting_user: str) -> tuple[str, ...]:
    """Note that every contractor that is late is asked again; returns the orders. Evidence: `contractors.order-chased`."""
    on = tokyo_date(at)
    chased = queries.to_chase(on)
    for one in chased:
        with transaction.atomic():
            row = queries.row_of(one.ref)
            row.chased = [*row.chased, on.isoformat()]
            row.save(update_fields=["chased"])
            body = {"order": one.ref, "contractor": one.contractor, "time": len(row.chased), "by": acting_user}
            append(kind="contractors.order-chased", body=body, at=at)
    return tuple(one.ref for one in chased)


def record_receipt(
    *, order: str, sealed_sha256: str, done_on: date, method: str, at: datetime, acting_user: str
) -> None:
    """Write down the contractor's receipt: which list it answers, on which day it erased and how. List and key die.

    Evidence: `contractors.receipt-recorded`. Raises: contractors.unknown-order, contractors.already-received,
    contractors.not-named, contractors.receipt-early.
    """
    with transaction.atomic():
        row = ErasureOrder.objects.select_for_update().get(pk=queries.row_of(order).pk)
        if row.received_at is not None:
            raise SekishoError("contractors.already-received", room=ROOM, order=order)
        rules.require_receipt(order, row.sealed_sha256, sealed_sha256, row.issued_at, done_on, tokyo_date(at))
        row.received_at, row.done_on, row.method, row.recorded_by = at, done_on, method, acting_user
        row.save(update_fields=["received_at", "done_on", "method", "recorded_by"])
        body = {"order": order, "contractor": row.contractor_ref, "done_on": done_on.isoformat(), "by": acting_user}
        append(kind="contractors.receipt-recorded", body=body, at=at)
    forget_lists()


def forget_lists() -> int:
    """Remove the lists and keys of orders whose receipt is in, as after a crash between the two; returns how many."""
    wanted = {one.ref for one in queries.orders(waiting=True)}
    gone = [path for path in _folder().glob("order-*") if path.name.split(".")[0] not in wanted]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _sealed(ref: str, identifiers: Sequence[tuple[str, str]]) -> bytes:
    """The list under a key of its own; both stand in files before any row speaks of them."""
    _folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    key, nonce = secrets.token_bytes(KEY_SIZE), secrets.token_bytes(NONCE_SIZE)
    said = json.dumps([list(pair) for pair in identifiers], ensure_ascii=False).encode()
    sealed = nonce + AESGCM(key).encrypt(nonce, said, ref.encode())
    for path, data in ((_key_path(ref), key.hex().encode()), (_folder() / f"{ref}.sealed", sealed)):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    return sealed


def _key_path(ref: str) -> Path:
    return _folder() / f"{ref}.key"


def _folder() -> Path:
    return Path(settings.HOME) / "keys" / "orders"
