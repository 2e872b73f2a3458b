"""How one case stands: what its papers show, what its fee came to, what it waits for, and its clocks."""

from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import CaseWait, SubjectRequest
from sekisho.casework.subject_requests.rules.clock import Clock, Pause, Target, clock_of
from sekisho.casework.subject_requests.rules.fees import Fee, Payment, Tendered, checked_payment, fee_of
from sekisho.casework.subject_requests.rules.papers import (
    About,
    Agency,
    Evidence,
    OtherWay,
    Presented,
    Whose,
    examined,
)
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Combination, IdentityEvidence, Policy
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies

JUDGED = IdentityEvidence(any_of=(Combination(one_of=(), how_many=0),), other_ways=True, agent_papers=(), clause="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a case stands on a day. `reply` may be empty: then the fee is that of the dearest way."""

    evidence: Evidence
    papers: tuple[Presented, ...]
    fee: Fee
    payment: Payment
    pieces: tuple[Tendered, ...]
    reply: str
    agency: Agency
    about: About
    other_way: OtherWay | None
    proposed_way: str  # another way that one person proposed and nobody has agreed to yet
    waits: tuple[Pause, ...]
    clock: Clock

    @property
    def missing(self) -> tuple[str, ...]:
        """What still has to come, as codes: papers by kind, then the fee."""
        papers = [f"{need.whose.value}:{'|'.join(need.any_of)}" for need in self.evidence.needs]
        return (*papers, *([] if self.payment.is_enough else [f"fee:{self.payment.lacking}"]))

    @property
    def is_complete(self) -> bool:
        """Whether the answer may be prepared."""
        return self.evidence.is_proved and self.payment.is_enough


def standing(reference: str, at: datetime) -> Standing:
    """How an open case stands. Raises: requests.unknown-case."""
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None:
        raise SekishoError("requests.unknown-case", room=rules.ROOM, reference=reference)
    policy, today = policies.in_force(at), tokyo_date(at)
    papers = tuple(
        Presented(
            paper=one.paper,
            whose=Whose(one.whose),
            issued_on=one.issued_on,
            expires_on=one.expires_on,
            masked=frozenset(one.masked),
            shows=frozenset(one.shows),
            matches=one.matches,
        )
        for one in row.papers.order_by("id")
    )
    pieces = tuple(
        Tendered(instrument=one.instrument, yen=one.yen, issued_on=one.issued_on) for one in row.payments.order_by("id")
    )
    way = (
        OtherWay(reason=row.other_way, found_by=row.other_way_by, approved_by=row.other_way_approved_by)
        if row.other_way_approved_by
        else None
    )
    fee, about = _fee(policy, row.kind, row.reply, today), about_of(row.person_ref, at)
    waits = waits_of(row)
    return Standing(
        evidence=_evidence(policy, papers, Agency(row.agency), way, today, about),
        papers=papers,
        fee=fee,
        payment=_payment(policy, row, fee, pieces, today),
        pieces=pieces,
        reply=row.reply,
        agency=Agency(row.agency),
        about=about,
        other_way=way,
        proposed_way=row.other_way if way is None else "",
        waits=waits,
        clock=clock_for(row, today, waits),
    )


def about_of(person: str, at: datetime) -> About:
    """What the register knows of the person a request is about; nothing while nobody knows whose request it is."""
    if not person:
        return About()
    died = identities.standing_of(person, at).deceased_on
    return About(is_minor=identities.is_minor(person, at), is_dead=died is not None and died <= tokyo_date(at))


def waits_of(row: SubjectRequest) -> tuple[Pause, ...]:
    """The waits of a case in order."""
    waits = CaseWait.objects.filter(request=row).order_by("since", "id")
    return tuple(Pause(since=wait.since, until=wait.until) for wait in waits)


def clock_for(row: SubjectRequest, today: date, waits: tuple[Pause, ...]) -> Clock:
    """The clocks of a case on a day."""
    target = rules.limits()["target"]
    return clock_of(
        arrived_on=row.received_on,
        on=today,
        target=Target(days=target["days"], business=target["business"]),
        suit=law().deadline("suit_possible"),
        pauses=waits,
        extended_to=row.extended_to,
    )


def _evidence(
    policy: Policy, papers: tuple[Presented, ...], agency: Agency, way: OtherWay | None, on: date, about: About
) -> Evidence:
    """What the papers show; a policy that names none leaves the desk to judge, which counts as another way.

    Who asks as an heir shows that under every policy: it is no question of who they are.
    """
    asked, heirs = policy.identity_evidence, policy.heirs
    if asked is None:
        found = examined(papers, evidence=JUDGED, law=law(on), on=on, agency=agency, about=about, heirs=heirs)
        needs = tuple(need for need in found.needs if need.whose is Whose.ESTATE)
        return Evidence(needs=needs, faults=found.faults, to_mask=found.to_mask)
    return examined(papers, evidence=asked, law=law(on), on=on, agency=agency, other_way=way, about=about, heirs=heirs)


def _fee(policy: Policy, kind: str, reply: str, on: date) -> Fee:
    right, known = policy.rights.get(kind), law(on).request(kind)
    if right is None:
        return Fee(yen=0, why="fee.none-published", clause="")
    if reply:
        return fee_of(known, right, reply)
    options = [fee_of(known, right, one) for one in right.reply] or [fee_of(known, right, "")]
    return max(options, key=lambda fee: fee.yen)


def _payment(policy: Policy, row: SubjectRequest, fee: Fee, pieces: tuple[Tendered, ...], on: date) -> Payment:
    right = policy.rights.get(row.kind)
    came_by = row.payments.order_by("-id").values_list("came_by", flat=True).first() or "mail"
    return checked_payment(
        fee,
        pieces,
        accepted=right.instruments if right else (),
        instruments=dict(law(on).instruments),
        came_by=came_by,
        on=on,
    )
