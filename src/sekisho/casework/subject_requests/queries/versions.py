"""In which state a case was when somebody looked at it: a mark per part, so that two clerks never write over each other.

The same marks, with what law and promise say and what was gathered, are what an answer rests on.
"""

import json
from datetime import datetime
from hashlib import sha256

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import CaseAnswer, CaseReminder, RecipientWord, SubjectRequest
from sekisho.casework.subject_requests.queries.answering import open_lines
from sekisho.casework.subject_requests.queries.effects import corrections_of
from sekisho.casework.subject_requests.queries.gathering import gathered, gathering_of
from sekisho.casework.subject_requests.queries.telling import provision_records
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries import holds_of

MARK = 8  # signs of a part's mark
RESTS_ON = ("person", "terms", "papers", "fee", "arrivals", "corrections")  # what an answer stands and falls with


def version_of(reference: str) -> str:
    """The state of a case as a form carries it. Raises: requests.unknown-case."""
    return "-".join(f"{part}.{mark}" for part, mark in _marks(reference).items())


def changed_since(reference: str, seen: str) -> tuple[str, ...]:
    """Which parts of a case are not as they were seen: keys of the page's words. Raises: requests.unknown-case."""
    was = dict(one.split(".", 1) for one in seen.split("-") if "." in one)
    return tuple(part for part, mark in _marks(reference).items() if was.get(part) != mark)


def basis_of(reference: str, at: datetime) -> str:
    """Everything an answer rests on, as one hash: another hash, another answer. Raises: requests.unknown-case, …"""
    marks, found = _marks(reference), _row(reference)
    rests: dict[str, object] = {part: marks[part] for part in RESTS_ON}
    policy = policies.in_force(at)
    rests["policy"] = [policy.id, policy.version]
    rests["lines"] = [
        [
            one.key,
            one.weighed.law.value,
            one.weighed.promise.value if one.weighed.promise else None,
            one.weighed.answer.value,
            one.weighed.decides.value,
            one.weighed.clause,
            one.weighed.bar,
            [[reason.rule.value, reason.clause, reason.article, reason.hold] for reason in one.weighed.because],
        ]
        for one in open_lines(reference, at)
    ]
    if found.kind in answering()["gathered"]:
        ref = gathering_of(reference)
        rests["gathering"] = [ref, gathered(ref).fingerprint] if ref else None
    if found.kind in answering()["records"]:
        rests["records"] = [str(one) for one in provision_records(reference, at)]
    return sha256(_written(rests)).hexdigest()


def marks_of(reference: str, at: datetime) -> str:
    """What an answer rests on as far as our own database tells it, as one hash: no system is read.

    Another hash is another answer; the same hash says nothing of what systems hold since. Raises: requests.unknown-case.
    """
    marks, row, policy = _marks(reference), _row(reference), policies.in_force(at)
    holds = holds_of(row.person_ref, tokyo_date(at), with_confidential=False)
    parts = (*RESTS_ON, "gathering") if row.kind in answering()["gathered"] else RESTS_ON
    rests: dict[str, object] = {part: marks[part] for part in parts}
    rests |= {
        "policy": [policy.id, policy.version],
        "datamap": datamap.current().sha256,
        "holds": sorted(str(one) for one in holds),
        "names": [str(one) for one in identities.names_of(row.person_ref)],
        "identifiers": [str(one) for one in identities.intervals_of(row.person_ref)],
    }
    return sha256(_written(rests)).hexdigest()


def _marks(reference: str) -> dict[str, str]:
    row = _row(reference)
    ref = gathering_of(reference)
    parts: dict[str, object] = {
        "person": [row.person_ref, row.identity_checked_at, row.status],
        "terms": [
            row.kind, row.reply, row.agency, row.other_way, row.other_way_by, row.other_way_approved_by,
            row.extended_to, row.extended_why,
        ],
        "papers": list(
            row.papers.order_by("id").values_list(
                "id", "paper", "whose", "issued_on", "expires_on", "shows", "masked", "matches"
            )
        ),
        "fee": list(row.payments.order_by("id").values_list("id", "instrument", "yen", "issued_on")),
        "waits": list(row.waits.order_by("id").values_list("id", "until")),
        "arrivals": sorted(row.arrivals.values_list("ref", flat=True)),
        "letters": list(row.letters.order_by("id").values_list("ref", "sent_on")),
        "corrections": [[one.ref, one.sha256] for one in corrections_of(reference)],
        "gathering": [
            ref,
            list(row.gatherings.filter(ref=ref).order_by("redactions__id").values_list("redactions__id", "redactions__state")),
        ],
        "money": [
            list(row.refunds.order_by("id").values_list("id", "yen", "why")),
            list(CaseReminder.objects.filter(request=row).values_list("id", "due_on")),
        ],
        "told": list(RecipientWord.objects.filter(effect__answer__request=row).order_by("id").values_list("id", "confirmed_on")),
        "answer": list(CaseAnswer.objects.filter(request=row).order_by("id").values_list("ref", "state")),
    }  # fmt: skip
    return {part: sha256(_written(value)).hexdigest()[:MARK] for part, value in parts.items()}


def _row(reference: str) -> SubjectRequest:
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None:
        raise SekishoError("requests.unknown-case", room=rules.ROOM, reference=reference)
    return row


def _written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str).encode()
