"""Adopting a version of the data map, and saying with two people what a derived column is."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries, rules
from sekisho.registers.datamap.models import DataMapVersion, MapLook, Reclassification
from sekisho.registers.policies import queries as policies


def adopt(*, files: Mapping[str, str], at: datetime, acting_user: str) -> str:
    """Take a checked data map into the register, held against the policy in force; returns its hash.

    `files` are the documents of a policy folder; read is `datamap.yaml`. Adopting the same twice is a no-op.
    Evidence: `datamap.adopted`. Raises: DocumentRefused, datamap.no-file.
    """
    path = next((name for name in files if name.rsplit("/", 1)[-1] == rules.FILE), None)
    if path is None:
        raise SekishoError("datamap.no-file", room=rules.ROOM, file=rules.FILE)
    datamap = rules.load(files[path], policies.in_force(at), releases=queries.releases())
    with writing():
        latest = DataMapVersion.objects.last()
        if latest is not None and latest.sha256 == datamap.sha256:
            return datamap.sha256
        DataMapVersion.objects.create(
            map_id=datamap.id, sha256=datamap.sha256, text=files[path], adopted_at=at, adopted_by=acting_user
        )
        append(
            kind="datamap.adopted",
            body={"map": datamap.id, "sha256": datamap.sha256, "systems": len(datamap.systems), "by": acting_user},
            at=at,
        )
    return datamap.sha256


def look(*, at: datetime, acting_user: str, is_counting: bool = False) -> tuple[rules.Look, ...]:
    """Look at every system now, keep what was seen, and with `is_counting` how many rows every table holds.

    The stores are read before anything is written. Evidence: `datamap.looked`. Raises: datamap.none-adopted.
    """
    datamap = queries.current()
    seen = queries.look_now(datamap, at=at, by=acting_user, is_counting=is_counting)
    with writing():
        MapLook.objects.bulk_create(
            MapLook(
                at=one.at,
                by=one.by,
                map_sha256=datamap.sha256,
                system=one.system,
                columns=one.columns,
                differences=one.differences,
                code=one.code,
                counts=dict(one.counts),
            )
            for one in seen
        )
        body = {
            "map": datamap.sha256,
            "systems": len(seen),
            "unread": sum(bool(one.code) for one in seen),
            "columns": sum(one.columns for one in seen),
            "differences": sum(one.differences for one in seen),
            "counted": is_counting,
            "by": acting_user,
        }
        append(kind="datamap.looked", body=body, at=at)
    return seen


def propose_reclassification(
    *, system: str, table: str, column: str, items: tuple[str, ...], reason: str, by: rules.Signatory, at: datetime
) -> str:
    """Say that a derived column is `items` (nothing = not personal) whatever it inherits; returns the reference.

    Nothing changes until another person approves. It is bound to the column's definition as it is now.
    Evidence: `datamap.reclassification-proposed`, without the reason's words. Raises: datamap.not-registered,
    datamap.role-may-not, datamap.no-reason, datamap.unknown-derived-column, datamap.unknown-item,
    datamap.nothing-to-reclassify.
    """
    datamap = queries.current()
    rules.require_may_reclassify(by, datamap)
    known = queries.inheritance(datamap)
    inherited = rules.require_reclassifiable(
        known, place=(system, table, column), items=items, reason=reason, words=rules.vocabulary(policies.in_force(at))
    )
    ref, basis = f"reclass-{uuid.uuid4().hex[:12]}", known.basis(system, table, column)
    body = {
        "reclassification": ref,
        "column": f"{system}.{table}.{column}",
        "basis": basis,
        "inherited": list(inherited),
        "items": list(items),
        "reason_sha256": hashlib.sha256(reason.encode()).hexdigest(),
        "by": by.ref,
    }
    with writing():
        Reclassification.objects.create(
            ref=ref,
            system=system,
            table=table,
            column=column,
            basis=basis,
            inherited=list(inherited),
            items=list(items),
            reason=reason,
            proposed_by=by.ref,
            proposed_at=at,
        )
        append(kind="datamap.reclassification-proposed", body=body, at=at)
    return ref


def approve_reclassification(*, ref: str, by: rules.Signatory, at: datetime) -> None:
    """Let a proposed reclassification hold. Another person than the proposer, on the definition the proposer saw.

    Evidence: `datamap.reclassified`. Raises: datamap.not-registered, datamap.role-may-not, datamap.same-person,
    datamap.unknown-reclassification, datamap.definition-changed.
    """
    datamap = queries.current()
    rules.require_may_reclassify(by, datamap)
    known = queries.inheritance(datamap)
    with writing():
        row = _waiting(ref)
        if row.proposed_by == by.ref:
            raise SekishoError("datamap.same-person", room=rules.ROOM, ref=ref, by=by.ref)
        place = (row.system, row.table, row.column)
        if not known.lineages.is_derived_column(*place) or row.basis != known.basis(*place):
            raise SekishoError("datamap.definition-changed", room=rules.ROOM, ref=ref, column=".".join(place))
        row.approved_by, row.approved_at = by.ref, at
        row.save(update_fields=["approved_by", "approved_at"])
        body = {
            "reclassification": ref,
            "column": ".".join(place),
            "basis": row.basis,
            "items": row.items,
            "proposed_by": row.proposed_by,
            "by": by.ref,
        }
        append(kind="datamap.reclassified", body=body, at=at)


def withdraw_reclassification(*, ref: str, by: rules.Signatory, at: datetime) -> None:
    """Take one back, whether it holds or waits: the column is what it inherits again. One person is enough.

    Evidence: `datamap.reclassification-withdrawn`. Raises: datamap.not-registered, datamap.role-may-not,
    datamap.unknown-reclassification.
    """
    rules.require_may_reclassify(by, queries.current())
    with writing():
        row = Reclassification.objects.select_for_update().filter(ref=ref, withdrawn_at=None).first()
        if row is None:
            raise SekishoError("datamap.unknown-reclassification", room=rules.ROOM, ref=ref)
        row.withdrawn_by, row.withdrawn_at = by.ref, at
        row.save(update_fields=["withdrawn_by", "withdrawn_at"])
        append(kind="datamap.reclassification-withdrawn", body={"reclassification": ref, "by": by.ref}, at=at)


def _waiting(ref: str) -> Reclassification:
    row = Reclassification.objects.select_for_update().filter(ref=ref, withdrawn_at=None, approved_at=None).first()
    if row is None:
        raise SekishoError("datamap.unknown-reclassification", room=rules.ROOM, ref=ref)
    return row
