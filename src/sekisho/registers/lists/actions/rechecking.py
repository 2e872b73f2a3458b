"""Recheck a list at the moment of sending: is it the one that was signed, and who of it may still be used."""

import hashlib
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
from sekisho.evidence.actions import append, new_entry
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.decisions.actions import BulkAnswer, decide_many
from sekisho.registers.lists.actions.building import PERSON
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries.numbers import NUMBER, given_up, number_items
from sekisho.registers.lists.queries.obligations import obligations_of
from sekisho.registers.lists.queries.people import apart
from sekisho.registers.lists.queries.records import list_of, steps_of
from sekisho.registers.lists.rules import ROOM, ListKind, Manifest, State, opened, require, require_file, signed


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
    file: pa.Buffer  # the same as the file that is sent
    manifest: str  # the signed document that goes with it
    dropped: tuple[Dropped, ...]
    epoch: int
    decided: str
    entry: str


OF_THE_BUILD = frozenset({"lost", "withheld", "undeliverable"})
APART = {  # why somebody is not written to -> code of the text that says it
    "deceased": "lists.deceased",
    "protected": "lists.protected",
    "moved": "lists.moved",
}


def recheck(*, path: Path, manifest: str, at: datetime, acting_user: str) -> Rechecked:
    """Decide everybody on a list again. Evidence: `lists.rechecked`, and the decision itself sealed as one record.

    What a recheck left may be rechecked too: its manifest names the list it came from.

    Raises: lists.manifest-malformed, lists.manifest-not-signed, lists.file-changed, lists.expired, lists.dropped,
    lists.not-approved, lists.unknown-list.
    """
    opened_ = verified(path=path, manifest=manifest, at=at)
    row = list_of(opened_.ref)
    if row.sha256 != opened_.built_sha256:
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
    for place in _given_up(table, refs, at):
        told = SekishoError("lists.number-given-up", room=ROOM)
        dropped.setdefault(place, Dropped(person=refs[place], code=told.code, clause="", message=told.message()))
    rows = table.filter(pa.array([place not in dropped for place in range(len(refs))], pa.bool_()))
    file, entry = _file(rows), new_entry()
    sent = _sent(row, opened_, answer, at) | {
        "sha256": hashlib.sha256(file).hexdigest(),
        "people": len(refs),
        "rows": rows.num_rows,
        "evidence": entry,
    }
    with writing():
        body = {
            "list": row.ref,
            "rows": len(refs),
            "dropped": len(dropped),
            "sha256": sent["sha256"],
            "epoch": answer.epoch,
            "decided": answer.evidence,
            "by": acting_user,
        }
        append(kind="lists.rechecked", body=body, at=at, entry=entry)
        EligibleList.objects.filter(pk=row.pk).update(rechecked_at=at, dropped_out=len(dropped))
    return Rechecked(
        row=row,
        rows=rows,
        file=file,
        manifest=signed(sent, keys.signer(Path(settings.HOME))),
        dropped=tuple(dropped[place] for place in sorted(dropped)),
        epoch=answer.epoch,
        decided=answer.evidence,
        entry=entry,
    )


def _given_up(table: pa.Table, refs: list[str], at: datetime) -> list[int]:
    """The rows with a number that was the person's when the list was built, and is not any more."""
    gone = set[int]()
    for name in table.column_names:
        if name == NUMBER or name in number_items():
            flags = given_up(refs, table.column(name).to_pylist(), at)
            gone |= {place for place, flag in enumerate(flags) if flag}
    return sorted(gone)


def _file(rows: pa.Table) -> pa.Buffer:
    written = pa.BufferOutputStream()
    pq.write_table(rows, written, compression="zstd")
    return written.getvalue()


def _sent(row: EligibleList, manifest: Manifest, answer: BulkAnswer, at: datetime) -> dict[str, object]:
    """What the list's manifest says, as it was decided now. How many were lost at which rule stays with the list."""
    told: dict[str, object] = {key: value for key, value in manifest.told.items() if key not in OF_THE_BUILD}
    return told | {
        "parent": {"sha256": row.sha256, "evidence": row.entry},
        "policy": answer.policy,
        "policy_sha256": answer.policy_sha256,
        "epoch": answer.epoch,
        "obligations": obligations_of(answer),
        "rechecked_at": instant(at),
        "expires_at": instant(row.expires_at),  # a recheck does not make a list younger
        "decided": answer.evidence,
    }


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
