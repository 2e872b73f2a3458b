"""Build a list: decide everybody, keep those who may be used, write the file whole, sign what goes with it."""

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import Max

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Permit, Reason
from sekisho.engine.gate.saying import message
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import keys
from sekisho.evidence.actions import append, new_entry
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.decisions.actions import BulkAnswer, decide_many
from sekisho.registers.lists.models import EligibleList, ListRequest
from sekisho.registers.lists.queries.approving import require_actor
from sekisho.registers.lists.queries.asking import Asking, Wanted, asking
from sekisho.registers.lists.queries.numbers import given_up, number_items
from sekisho.registers.lists.queries.obligations import obligations_of, transforms_of
from sekisho.registers.lists.queries.people import Held, apart, holding
from sekisho.registers.lists.queries.records import FOLDER, file_of
from sekisho.registers.lists.queries.values import Found, values_of
from sekisho.registers.lists.queries.waterfall import told
from sekisho.registers.lists.rules import ROOM, Account, coarsened, limits, ref_of, require_balance, signed
from sekisho.registers.lists.rules.manifest import FORMAT, file_sha256

PERSON = "person"
STEPS = 4  # who is there, the decision, the values, the file
Progress = Callable[[int, int | None, str], None]  # done, of how many, where
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Everybody looked at, told apart. Each is in exactly one part."""

    account: Account
    kept: Flags  # in the order of the people
    found: Found  # the values


def _nobody_asks(_done: int, _total: int | None, _what: str) -> None:
    return


def build_list(wanted: Wanted, *, request: str = "", progress: Progress = _nobody_asks) -> EligibleList:
    """Build a list and return its row. The decision is sealed first; row and evidence `lists.built` are one transaction.

    With a request the list is its own and there is only one: a repeat returns the one that stands. `progress` may end the
    work between two steps; until the last one nothing but the sealed decision has been written.
    Raises: what `asking` and `decide_many` raise; lists.unknown-actor, lists.nobody, lists.obligation-not-carried-out,
    lists.no-place-for-item, lists.out-of-balance, lists.overtaken.
    """
    require_actor(wanted.actor, wanted.at)
    wants = asking(wanted)
    progress(0, STEPS, "")
    people = holding(wants.identifier, wanted.at, wanted.affected)
    progress(1, STEPS, "")
    answer = decide_many(wants.ask, people.refs)
    progress(2, STEPS, "")
    transforms = transforms_of(answer)
    if not answer.decision.permitted.any():  # said before the data map is asked where the values stand
        raise _nobody(answer)
    sorted_ = _sorted(wanted, wants, people, answer)
    if not sorted_.account.rows:
        raise _nobody(answer)
    table = _table(people, wants, sorted_, transforms)
    require_balance(sorted_.account, table.num_rows)
    progress(3, STEPS, "")
    path = _written(table)
    try:
        return _recorded(wanted, wants, answer, sorted_, path, request)
    except FileNotFoundError as error:  # an erasure that came in between let go of it
        raise SekishoError("lists.overtaken", room=ROOM) from error
    finally:
        path.unlink(missing_ok=True)  # where the row was written the file stands under its own name


def _sorted(wanted: Wanted, wants: Asking, people: Held, answer: BulkAnswer) -> Sorted:
    """Of a notice everybody has a place: withheld by the gate or for their own sake, not to be reached, or printed."""
    kept = answer.decision.permitted.copy()
    withheld = {"rule": int((~kept).sum())}
    if wanted.is_notice:
        withheld = _withheld_by_gate(answer)
        aside = apart(answer.refs, tokyo_date(wanted.at))
        for why, flags in (("deceased", aside.deceased), ("protected", aside.protected), ("moved", aside.moved)):
            withheld[why] = int((kept & flags).sum())
            kept &= ~flags
    has_number = np.array([value is not None for value in people.identifiers], dtype=np.bool_)
    undeliverable = int((kept & ~has_number).sum())
    kept &= has_number
    reached = [value for value, stays in zip(people.identifiers, kept, strict=True) if stays and value is not None]
    found = _without_given_up(values_of(wants.carried, reached, wants.identifier), people, wanted.at)
    if wanted.is_notice:
        first = found.values[limits().reach[wants.ask.channel or limits().usual_channel][0]]
        has_address = np.array([bool(value and first.get(value)) for value in people.identifiers], dtype=np.bool_)
        undeliverable += int((kept & ~has_address).sum())
        kept &= has_address
    account = Account(
        people=len(people.refs) + len(people.unknown),
        rows=int(kept.sum()),
        withheld={why: count for why, count in withheld.items() if count},
        undeliverable=undeliverable + len(people.unknown),
    )
    return Sorted(account=account, kept=kept, found=found)


def _without_given_up(found: Found, people: Held, at: datetime) -> Found:
    """The values without numbers that were a person's and are somebody else's by now."""
    values = dict(found.values)
    person_of = {value: ref for ref, value in zip(people.refs, people.identifiers, strict=True) if value is not None}
    for item in number_items() & values.keys():
        holders, numbers = list(values[item]), list(values[item].values())
        gone = given_up([person_of.get(holder, "") for holder in holders], numbers, at)
        rows = zip(holders, numbers, gone, strict=True)
        values[item] = {holder: None if passed else number for holder, number, passed in rows}
    return replace(found, values=values)


def _withheld_by_gate(answer: BulkAnswer) -> dict[str, int]:
    """An erasure under way stands apart from the other reasons."""
    suppressed = sum(lost.count for lost in answer.waterfall if lost.slot == "suppressed")
    refused = int((~answer.decision.permitted).sum())
    return {"rule": refused - suppressed, "erasure": suppressed}


def _nobody(answer: BulkAnswer) -> SekishoError:
    """What keeps everybody off, else the rule that took most."""
    most = max(told(answer), key=lambda row: int(str(row["count"])), default={})
    shared = _shared(answer)
    why, why_en = ("、".join(f"{message(one, name)}（{one.clause}）" for one in shared) for name in ("ja", "en"))
    return SekishoError(
        "lists.nobody",
        room=ROOM,
        people=f"{len(answer.refs):,}",
        why=why or most.get("message", "―"),
        why_en=why_en or most.get("message_en") or "nobody was asked about",
        clause=shared[0].clause if shared else most.get("clause", "―"),
        rule=shared[0].code if shared else most.get("code", "―"),
    )


def _shared(answer: BulkAnswer) -> list[Reason]:
    """The reasons that everybody has, in the order of looking. A fact that nobody knows says nothing of the rest."""
    closed = [one.decision for one in answer.decision.outcomes if one.count and not isinstance(one.decision, Permit)]
    if not closed:
        return []
    held = [{(one.code, one.item, one.clause) for one in decision.reasons} for decision in closed]
    everywhere = set.intersection(*held)
    return [
        one
        for one in closed[0].reasons
        if (one.code, one.item, one.clause) in everywhere
        and one.code not in ("gate.unknown-fact", "gate.condition-unknown")
    ]


def _table(people: Held, wants: Asking, sorted_: Sorted, transforms: Mapping[str, str]) -> pa.Table:
    stays = sorted_.kept.tolist()
    numbers = [value for value, kept in zip(people.identifiers, stays, strict=True) if kept]
    columns = {
        PERSON: pa.array([ref for ref, kept in zip(people.refs, stays, strict=True) if kept], pa.string()),
        wants.identifier: pa.array(numbers, pa.string()),
    }
    for item in wants.carried:
        of_item, how = sorted_.found.values[item], transforms.get(item)
        values = [of_item.get(number) if number else None for number in numbers]
        columns[item] = pa.array([coarsened(how, value) for value in values] if how else values)
    return pa.table(columns)


def _written(table: pa.Table) -> Path:
    """The file, whole and on disk, under a name nobody knows yet."""
    folder = Path(settings.HOME) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=folder, suffix=".part")  # readable by its owner only
    with os.fdopen(descriptor, "wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _recorded(
    wanted: Wanted, wants: Asking, answer: BulkAnswer, sorted_: Sorted, path: Path, request: str
) -> EligibleList:
    """Row, manifest, evidence and the file under its name: none without the others."""
    sha256, size, entry = file_sha256(path), path.stat().st_size, new_entry()
    rows, account = told(answer), sorted_.account
    with writing():
        asked = ListRequest.objects.select_for_update().get(ref=request) if request else None
        if asked is not None and asked.list_ref:  # an earlier try came this far, and its job never heard of it
            return EligibleList.objects.get(ref=asked.list_ref)
        ref = _next_ref(wanted.at)
        manifest: dict[str, object] = {
            "format": FORMAT,
            "list": ref,
            "kind": wanted.kind.value,
            "sha256": sha256,
            "columns": [PERSON, wants.identifier, *wants.carried],
            "purpose": wants.ask.purpose,
            "act": wants.ask.act,
            "items": list(wants.ask.items),
            "recipient": wants.ask.recipient,
            "channel": wants.ask.channel,
            "policy": answer.policy,
            "policy_sha256": answer.policy_sha256,
            "epoch": answer.epoch,
            "people": account.people,
            "rows": account.rows,
            "withheld": dict(account.withheld),
            "undeliverable": account.undeliverable,
            "lost": [{key: row[key] for key in ("code", "clause", "article", "item", "count")} for row in rows],
            "obligations": obligations_of(answer),
            "resource": dict(wants.ask.resource),
            "built_at": instant(wanted.at),
            "expires_at": instant(wanted.at + limits().life),
            "decided": answer.evidence,
            "evidence": entry,
        }
        row = EligibleList.objects.create(
            ref=ref,
            title=wanted.title,
            kind=wanted.kind.value,
            purpose=wants.ask.purpose,
            act=wants.ask.act,
            items=list(wants.ask.items),
            carried=list(wants.carried),
            tables=list(sorted_.found.tables),
            recipient=wants.ask.recipient or "",
            channel=wants.ask.channel or "",
            identifier=wants.identifier,
            policy=answer.policy,
            policy_sha256=answer.policy_sha256,
            epoch=answer.epoch,
            people=account.people,
            rows=account.rows,
            undeliverable=account.undeliverable,
            waterfall=rows,
            withheld=[{"why": why, "count": count} for why, count in account.withheld.items()],
            sha256=sha256,
            bytes=size,
            manifest=signed(manifest, keys.signer(Path(settings.HOME))),
            decided=answer.evidence,
            entry=entry,
            needs_approval=limits().needs_approval(account.rows, with_values=bool(wants.carried)),
            built_at=wanted.at,
            built_by=wanted.actor,
            expires_at=wanted.at + limits().life,
        )
        body = {
            "list": ref,
            "kind": wanted.kind.value,
            "purpose": wants.ask.purpose,
            "policy_sha256": answer.policy_sha256,
            "epoch": answer.epoch,
            "people": account.people,
            "rows": account.rows,
            "withheld": dict(account.withheld),
            "undeliverable": account.undeliverable,
            "sha256": sha256,
            "decided": answer.evidence,
            "by": wanted.actor,
        }
        append(kind="lists.built", body=body, at=wanted.at, entry=entry)
        if asked is not None:
            asked.list_ref = ref
            asked.save(update_fields=["list_ref"])
        path.replace(file_of(ref))  # a crash before the commit leaves a file that no row knows: swept by `expire`
    return row


def _next_ref(at: datetime) -> str:
    year = tokyo_date(at).year
    last = EligibleList.objects.filter(ref__startswith=f"L-{year}-").aggregate(last=Max("ref"))["last"]
    return ref_of(year, int(last.rpartition("-")[2]) + 1 if last else 1)
