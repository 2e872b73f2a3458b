"""The story: uses decided, what is due swept, one person erased, evidence verified, promises looked at.

Each chapter is a function that does the real thing through the registers' actions and returns what happened.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connections

from sekisho.casework.subject_requests import actions as requests
from sekisho.casework.subject_requests.actions import Outcome, Presented
from sekisho.demo.asks import CLERK, OFFICER, Told, asks, scene
from sekisho.demo.built import Built
from sekisho.engine.gate.ask import Permit
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence import actions as evidence
from sekisho.evidence import queries as ledger
from sekisho.registers.decisions import actions as decisions
from sekisho.registers.decisions.actions import Answer
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as kept

TELLER = "system:demo"
SECOND = "hosa"
CALLERS = 16
CERTIFICATE = "erasure-certificate.json"
Step = Callable[[int, int, str], None]  # done, of how many, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What the gate said: how many of each answer, and why each refusal."""

    answers: Mapping[str, int]
    refused: tuple[tuple[str, str], ...]  # what was asked, why not


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What the sweep did."""

    examined: int
    erased: int
    status: str
    by_place: tuple[tuple[str, int], ...]  # "system.table", rows erased
    unswept: int  # places nobody could judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """How the erasure of one person ended."""

    plan: str
    status: str
    steps: int
    retained: tuple[str, ...]  # item and ground
    why: tuple[str, ...]  # of a 一部未了
    certificate: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What verifying the ledger found."""

    entries: int
    problems: tuple[str, ...]


def decide_all(built: Built, *, at: datetime, step: Step) -> Decided:
    """Ask everything, many callers at once, as a carrier's systems do."""
    told = list(asks(scene(built, policies.in_force(at), at)))
    answers: list[Answer] = []
    with ThreadPoolExecutor(CALLERS) as pool:
        for answer in pool.map(_decide, told):
            answers.append(answer)
            step(len(answers), len(told), "")
    return Decided(
        answers=dict(Counter(str(answer.as_json()["decision"]) for answer in answers)),
        refused=tuple(
            (one.says, answer.decision.reasons[0].message)
            for one, answer in zip(told, answers, strict=True)
            if not isinstance(answer.decision, Permit)
        ),
    )


def sweep(*, at: datetime, step: Step) -> Swept:
    """Erase what is due today in all systems."""
    ref = retention.sweep(on=tokyo_date(at), at=at, acting_user=TELLER, progress=step)
    run = kept.sweep(ref)
    by_place: Counter[str] = Counter()
    for one in run.steps:
        by_place[f"{one.system}.{one.table}"] += (one.before or 0) - (one.after or 0)
    return Swept(
        examined=run.examined,
        erased=run.erased,
        status=str(run.status),
        by_place=tuple((place, rows) for place, rows in by_place.items() if rows and not place.endswith(".")),
        unswept=len(run.unswept),
    )


def _papers(today: date) -> tuple[Presented, ...]:
    """What the story's person sent: a licence and a residence record."""
    return (
        Presented(paper="drivers_licence", expires_on=today + timedelta(days=700)),
        Presented(paper="residence_record", issued_on=today - timedelta(days=20)),
    )


def erase(built: Built, *, at: datetime, step: Step) -> Erased:
    """The story's person asks to be erased: request, plan, two approvals, run, verify, certify, answer."""
    today = tokyo_date(at)
    request = requests.open_case(
        person=built.story.ref, kind="suspension", received_on=today - timedelta(days=6), at=at, acting_user=CLERK
    )
    for paper in _papers(today):
        requests.record_paper(reference=request.reference, paper=paper, at=at, acting_user=CLERK)
    requests.record_identity_check(reference=request.reference, at=at, acting_user=CLERK)
    plan = retention.propose_plan(person=built.story.ref, reason="subject_request", at=at, acting_user=TELLER)
    sha256 = kept.plan(plan).sha256
    for by in (OFFICER, SECOND):
        retention.approve_plan(plan=plan, sha256=sha256, by=by, at=at)
    status = retention.run_plan(plan=plan, at=at, acting_user=TELLER, progress=step)
    if status == "done":
        status = retention.verify_plan(plan=plan, at=at, acting_user=TELLER)
    certificate = None
    if status == "verified":
        retention.certify_plan(plan=plan, at=at, acting_user=TELLER)
        number_evidence(at=at)
        certificate = built.home / CERTIFICATE
        record = kept.plan(plan)
        document = ledger.certificate(record.entry, kept.certificate(plan))
        certificate.write_text(json.dumps(document, ensure_ascii=False, indent=2), encoding="utf-8")
        requests.close_case(
            reference=request.reference,
            outcome=Outcome.GRANTED,
            answered_on=today,
            at=at,
            acting_user=CLERK,
            certificate=record.entry,
        )
    done = kept.plan(plan)
    return Erased(
        plan=plan,
        status=str(done.status),
        steps=len(done.steps),
        retained=tuple(f"{one.item}（{one.article or one.clause}）" for one in done.retained),
        why=done.why,
        certificate=certificate,
    )


def number_evidence(*, at: datetime) -> None:
    """Number and sign everything waiting in the ledger, hand the head to the witness, give up the lease."""
    while evidence.sequence(at=at, holder=TELLER).more:
        pass
    evidence.hand_to_witness()
    evidence.release(holder=TELLER)


def verify(*, at: datetime) -> Verified:
    """Verify the whole ledger."""
    number_evidence(at=at)
    found = ledger.verify(at=at)
    return Verified(entries=found.entries, problems=tuple(problem.code for problem in found.problems))


def _decide(told: Told) -> Answer:
    try:
        return decisions.decide(told.ask)
    finally:
        connections.close_all()  # each thread of the pool has connections of its own
