"""Recheck a list at the moment of sending: is it the one that was signed, and who of it may still be used."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import BulkAsk, Permit
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import keys
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.decisions.actions import decide_many
from sekisho.registers.lists.actions.building import PERSON
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries.people import apart
from sekisho.registers.lists.queries.records import list_of, steps_of
from sekisho.registers.lists.rules import ROOM, ListKind, Manifest, State, opened, require, require_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """Somebody who was on the list and may not be used any more."""

    person: str
    code: str
    clause: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rechecked:
    """Who may still be used, and who dropped out since the list was built."""

    row: EligibleList
    rows: pa.Table  # the list without those who dropped out
    dropped: tuple[Dropped, ...]
    epoch: int
    decided: str
    entry: str


APART = {  # why somebody is not written to -> code of the text that says it
    "deceased": "lists.deceased",
    "protected": "lists.protected",
    "moved": "lists.moved",
}


def recheck(*, path: Path, manifest: str, at: datetime, acting_user: str) -> Rechecked:
    """Decide everybody on a list again. Evidence: `lists.rechecked`, and the decision itself sealed as one record.

    Raises: lists.manifest-malformed, lists.manifest-not-signed, lists.file-changed, lists.expired, lists.dropped,
    lists.not-approved, lists.unknown-list.
    """
    opened_ = verified(path=path, manifest=manifest, at=at)
    row = list_of(opened_.ref)
    if row.sha256 != opened_.sha256:
        raise SekishoError("lists.unknown-list", room=ROOM, list=row.ref)
    require(steps_of(row), at, State.READY, State.TAKEN)
    table = pq.read_table(path)
    refs = table.column(PERSON).to_pylist()
    answer = decide_many(_ask(row, opened_, at), refs)
    dropped = {}
    for place in (~answer.decision.permitted).nonzero()[0].tolist():
        decision = answer.decision.decision(place)
        if isinstance(decision, Permit):
            continue
        first = decision.reasons[0]
        dropped[place] = Dropped(person=refs[place], code=first.code, clause=first.clause, message=first.message)
    if row.kind == ListKind.MASS_NOTICE:
        aside = apart(answer.refs, tokyo_date(at))
        for why, code in APART.items():
            for place in getattr(aside, why).nonzero()[0].tolist():
                told = SekishoError(code, room=ROOM)
                dropped.setdefault(place, Dropped(person=refs[place], code=code, clause="", message=told.message()))
    with writing():
        body = {
            "list": row.ref,
            "rows": len(refs),
            "dropped": len(dropped),
            "epoch": answer.epoch,
            "decided": answer.evidence,
            "by": acting_user,
        }
        entry = append(kind="lists.rechecked", body=body, at=at)
        EligibleList.objects.filter(pk=row.pk).update(rechecked_at=at, dropped_out=len(dropped))
    stays = pa.array([place not in dropped for place in range(len(refs))], pa.bool_())
    return Rechecked(
        row=row,
        rows=table.filter(stays),
        dropped=tuple(dropped[place] for place in sorted(dropped)),
        epoch=answer.epoch,
        decided=answer.evidence,
        entry=entry,
    )


def verified(*, path: Path, manifest: str, at: datetime) -> Manifest:
    """The manifest, if this carrier's key signed it for this file and its time is not over.

    Raises: lists.manifest-malformed, lists.manifest-not-signed, lists.file-changed, lists.expired.
    """
    verifier = keys.signer(Path(settings.HOME)).verifier
    found = opened(manifest, verifier)
    require_file(found, path, at)
    return found


def _ask(row: EligibleList, manifest: Manifest, at: datetime) -> BulkAsk:
    """What was asked when the list was built, asked now."""
    ask = BulkAsk(
        actor=row.built_by,
        act=row.act,
        items=tuple(row.items),
        purpose=row.purpose,
        at=at,
        recipient=row.recipient or None,
        channel=row.channel or None,
    )
    return replace(ask, resource=dict(manifest.told["resource"]))
