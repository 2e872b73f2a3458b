"""What a person sees of their case at the centre: steps, what is missing in words, clocks, who looked."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sekisho.casework.subject_requests.models import (
    Arrival,
    CaseAccess,
    CaseAccessUse,
    CaseAnswer,
    Gathering,
    PageOpening,
    SubjectRequest,
)
from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.letters import told_faults, told_instead, told_need, told_ways
from sekisho.casework.subject_requests.queries.standing import Standing, standing
from sekisho.casework.subject_requests.rules import Case
from sekisho.casework.subject_requests.rules.access import OWN_ACTS, Use
from sekisho.casework.subject_requests.rules.answering import AnswerState
from sekisho.casework.subject_requests.rules.fees import fee_of
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies

DEFAULT_REPLIES = ("mail", "electronic")  # where the policy names none (APPI 33)


class Stage(StrEnum):
    """How far a case has come, as the person is told."""

    RECEIVED = "received"
    IDENTITY = "identity"
    GATHERING = "gathering"
    ANSWERING = "answering"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseProgress:
    """A case as the person follows it. Nothing here tells who they are: whoever holds the secret may read it aloud."""

    case: Case
    stage: Stage
    channel: str  # how the first arrival came; empty where none is kept
    missing: tuple[str, ...]  # in words, each one thing to send
    instead: tuple[str, ...]  # in words: what would do as well
    faults: tuple[str, ...]  # why what came does not count
    stands: Standing | None  # None once the case is closed
    can_save_fee: bool  # an answer in electronic form would cost nothing
    pickup: str  # reference of an answer that can be taken now; empty where there is none
    pickup_until: datetime | None
    papers: tuple[str, ...]  # what is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody looked: the person with their secret, or the desk at the person's data."""

    at: datetime
    what: Use | None  # None: the desk opened the person's page
    until: datetime | None = None


def access_issued_at(reference: str) -> datetime | None:
    """When the secret that works now was given out; None where there is none."""
    return CaseAccess.objects.filter(request__reference=reference).values_list("issued_at", flat=True).first()


def looks_at(reference: str) -> tuple[Look, ...]:
    """Who looked at a case, the newest first."""
    uses = [
        Look(at=row.at, what=Use(row.what))
        for row in CaseAccessUse.objects.filter(access__request__reference=reference).order_by("-id")
    ]
    opened = [
        Look(at=row.opened_at, what=None, until=row.expires_at)
        for row in PageOpening.objects.filter(request__reference=reference)
    ]
    return tuple(sorted((*uses, *opened), key=lambda look: look.at, reverse=True))


def progress_of(reference: str, at: datetime, language: str = "ja") -> CaseProgress:
    """How a case stands for the person who asked. Raises: requests.unknown-case."""
    found, known = case(reference), law(tokyo_date(at))
    row = SubjectRequest.objects.get(reference=reference)
    stands = standing(reference, at) if found.is_open else None
    right = policies.in_force(at).rights.get(found.kind)
    missing, instead, faults = list[str](), list[str](), tuple[str, ...]()
    if stands is not None and found.identity_checked_at is None:
        missing = [told_need(need, known, language) for need in stands.evidence.needs]
        instead = list(told_instead(stands, known, language))
    if stands is not None:
        faults = told_faults(stands, known, language)
        if stands.payment.lacking and right is not None:
            missing += list(told_ways(stands, known, right.instruments, language)[:1])
    arrival = Arrival.objects.filter(request=row).order_by("arrived_at", "id").first()
    sent = CaseAnswer.objects.filter(request=row, state=AnswerState.SENT.value, reply="electronic").first()
    taken = sent is not None and sent.destroyed_at is None and (sent.expires_at is None or at < sent.expires_at)
    return CaseProgress(
        case=found,
        stage=_stage(row),
        channel=arrival.channel if arrival else "",
        missing=tuple(missing),
        instead=tuple(instead),
        faults=faults,
        stands=stands,
        can_save_fee=bool(
            stands and stands.payment.lacking and right and {"electronic"} & set(right.reply) - set(right.fee_when)
        ),
        pickup=sent.ref if sent is not None and taken else "",
        pickup_until=sent.expires_at if sent is not None and taken else None,
        papers=tuple(
            dict.fromkeys(known.papers[key].name(language) for key in row.papers.values_list("paper", flat=True) if key in known.papers)
        ),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A way of answering that the person may choose, and what it costs them."""

    reply: str
    yen: int
    is_chosen: bool


def offers_of(reference: str, at: datetime) -> tuple[Offer, ...]:
    """The ways of answering the policy publishes for a case, in its order. Raises: requests.unknown-case."""
    row, known = SubjectRequest.objects.get(reference=case(reference).reference), law(tokyo_date(at))
    right = policies.in_force(at).rights.get(row.kind)
    return tuple(
        Offer(
            reply=one,
            yen=fee_of(known.request(row.kind), right, one).yen if right is not None else 0,
            is_chosen=row.reply == one,
        )
        for one in (right.reply if right is not None else ()) or DEFAULT_REPLIES
    )


def is_ready(reference: str) -> bool:
    """Whether an answer was approved already: how it leaves is settled, unless the desk takes it back."""
    return CaseAnswer.objects.filter(request__reference=reference, state=AnswerState.APPROVED.value).exists()


def own_acts(reference: str) -> tuple[Look, ...]:
    """What the person changed by themselves at the centre, the oldest first."""
    rows = CaseAccessUse.objects.filter(access__request__reference=reference, what__in=[one.value for one in OWN_ACTS])
    return tuple(Look(at=row.at, what=Use(row.what)) for row in rows.order_by("id"))


def answer_sent_on(reference: str) -> date | None:
    """The day an answer left; None while none has."""
    rows = CaseAnswer.objects.filter(request__reference=reference, state=AnswerState.SENT.value)
    return rows.values_list("sent_on", flat=True).first()


def _stage(row: SubjectRequest) -> Stage:
    if row.closed_at is not None:
        return Stage.ANSWERED
    if row.identity_checked_at is None:
        return Stage.IDENTITY if row.arrivals.exists() or row.papers.exists() else Stage.RECEIVED
    if CaseAnswer.objects.filter(request=row).exclude(state=AnswerState.WITHDRAWN.value).exists():
        return Stage.ANSWERING
    return Stage.ANSWERING if Gathering.objects.filter(request=row).exists() else Stage.GATHERING
