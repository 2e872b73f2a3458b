"""What the story asks the gate: every published purpose once, and what a carrier must be refused."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sekisho.casework.subject_requests import actions as requests
from sekisho.demo.built import Built
from sekisho.engine.gate.ask import Act, Ask
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy, Use, WayOut, WayOutKind
from sekisho.registers.decisions import actions as decisions
from sekisho.registers.decisions.actions import TicketKind
from sekisho.registers.identities import queries as identities

ACTORS = {  # nature of the purpose -> who asks; the rest is the clerk's
    "billing": "seikyu",
    "arrears_assignment": "seikyu",
    "international_carrier": "soumu",
    "marketing": "hansoku",
    "campaign": "hansoku",
    "survey": "hansoku",
    "analysis": "bunseki",
    "research": "bunseki",
    "statistics": "bunseki",
    "group_offering": "bunseki",
    "fault": "shougai",
    "misuse": "shougai",
    "employment": "jinji",
    "shareholder": "soumu",
    "business_partner": "soumu",
    "audit": "kansa",
    "contract_registration": "tenpo-ikebukuro",
}
CLERK = "madoguchi"
OFFICER = "kanri"
ACTS = {
    WayOutKind.THIRD_PARTY_PROVISION: Act.THIRD_PARTY_PROVISION,
    WayOutKind.JOINT_USE: Act.JOINT_USE,
    WayOutKind.ENTRUSTMENT: Act.ENTRUSTMENT,
    WayOutKind.SUCCESSION: Act.SUCCESSION,
}


RECENT = timedelta(days=20)
KNOWN_BY_REGISTERS = {"contract_end", "leaving", "transfer"}  # events the caller doesn't tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One ask with the sentence that tells it."""

    says: str
    ask: Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Whom the asks are about, and what has been opened for them."""

    built: Built
    policy: Policy
    at: datetime
    ticket: str
    case: str  # the customer's open request
    people: dict[str, str] = field(default_factory=dict)  # kind of data subject -> one person of it


def scene(built: Built, policy: Policy, at: datetime) -> Scene:
    """Find people of each kind, open a ticket for a fault and a request of the customer."""
    people = {kind: ref for kind in policy.subjects if (ref := next(identities.people_of_kind(kind), ""))}
    people |= {"customer": built.examples["customer"], "line_user": built.examples.get("line_user", "")}
    ticket = decisions.open_ticket(
        kind=TicketKind.FAULT,
        lines=[built.story.number],
        since=at - timedelta(days=100),
        until=at - timedelta(days=70),
        expires_at=at + timedelta(days=3),
        approved_by=OFFICER,
        at=at,
        acting_user="shougai",
    )
    received_on = tokyo_date(at) - timedelta(days=3)
    request = requests.open_case(
        person=people["customer"], kind="disclosure", received_on=received_on, at=at, acting_user=CLERK
    )
    case = request.reference
    decisions.open_case(case=case, person=people["customer"], actors=[CLERK], at=at, acting_user=CLERK)
    return Scene(built=built, policy=policy, at=at, ticket=ticket, case=case, people=people)


def asks(of: Scene) -> Iterator[Told]:
    """All asks of the story: first each use and each way out as published, then what must be refused."""
    for use in of.policy.uses:
        yield from _use(of, use)
    for way in of.policy.ways_out.values():
        yield from _way_out(of, way)
    yield from _refusals(of)


def _use(of: Scene, use: Use) -> Iterator[Told]:
    purpose = of.policy.purposes[use.purpose]
    kind = next((kind for kind in use.of if of.people.get(kind)), "")
    if not kind:
        return
    person = of.people[kind]
    claims: tuple[str, ...] = ()
    resource = _events(of)
    if purpose.nature == "subject_request" and kind == "customer":
        claims = (of.case,)
    if purpose.nature == "fault" and use.secrecy_ground:
        story = of.built.story
        person, claims = story.ref, (of.ticket,)
        resource |= {
            "line": story.number,
            "since": (of.at - timedelta(days=99)).isoformat(),
            "until": (of.at - timedelta(days=98)).isoformat(),
        }
    yield Told(
        says=f"{of.policy.subjects[kind].label.ja}の情報を「{purpose.label.ja}」に使う",
        ask=Ask(
            actor=ACTORS.get(purpose.nature, CLERK),
            act=Act.USE,
            data_subjects=(person,),
            items=use.items,
            purpose=use.purpose,
            channel="mail" if purpose.nature in {"marketing", "survey", "campaign"} else None,
            claims=claims,
            resource=resource,
            at=of.at,
        ),
    )


def _way_out(of: Scene, way: WayOut) -> Iterator[Told]:
    overdue = of.at.date() - timedelta(days=60)
    for recipient in of.built.recipients:
        if recipient.kind not in way.to and recipient.ref not in way.to:
            continue
        yield Told(
            says=f"{recipient.label}へ「{way.label.ja}」として渡す",
            ask=Ask(
                actor=ACTORS.get(of.policy.purposes[way.purpose].nature, CLERK),
                act=ACTS[way.kind],
                data_subjects=(of.people["customer"],),
                items=way.items,
                purpose=way.purpose,
                recipient=recipient.ref,
                resource=_events(of) | {"bill.due_on": overdue.isoformat(), "bill.unpaid_yen": 12_400},
                at=of.at,
            ),
        )


def _events(of: Scene) -> dict[str, object]:
    """What a system tells of its rows: when what its retention counts from happened. All of it recently."""
    told = {rule.after for rule in of.policy.retention} - KNOWN_BY_REGISTERS
    return dict.fromkeys(sorted(told), (of.at - RECENT).date().isoformat())


def _refusals(of: Scene) -> Iterator[Told]:
    """Each names one thing a carrier must not do. Whatever the policy makes of it is told as it is."""
    customer = of.people["customer"]

    def ask(says: str, actor: str, items: tuple[str, ...], purpose: str, who: str = customer, **more: str) -> Told:
        return Told(
            says=says,
            ask=Ask(
                actor=actor,
                act=Act.USE,
                data_subjects=(who,),
                items=items,
                purpose=purpose,
                at=of.at,
                channel=more.get("channel"),
                resource=_events(of),
            ),
        )

    yield ask("通信の履歴を分析に使う", "bunseki", ("traffic",), "analysis")
    yield ask("通信の履歴を営業のご案内に使う", "hansoku", ("traffic",), "marketing", channel="mail")
    yield ask("調査票なしに通信の履歴で障害を調べる", "shougai", ("traffic",), "fault")
    yield ask("案件なしに本人の台帳を開く", CLERK, ("identity",), "subject_request", of.built.examples["friend"])
    yield ask(
        "亡くなった方へ営業のご案内を送る",
        "hansoku",
        ("identity.mail",),
        "marketing",
        of.built.examples.get("deceased", customer),
    )
    yield ask("公表していない目的に使う", "bunseki", ("identity",), "credit_scoring")
    yield ask("台帳にない担当者が使う", "nobody", ("identity",), "billing")
    yield ask("ほかの店の契約者を代理店が見る", "tenpo-umeda", ("identity",), "contract_registration")
    for member in of.built.staff:
        if member.left_on is None and member.employment != "system" and member.trained_on is None:
            yield ask("研修の済んでいない担当者が使う", member.ref, ("identity",), "support")
            break
    for member in of.built.staff:
        if member.left_on is None and member.employment != "system" and member.pledged_on is None:
            yield ask("誓約のない担当者が使う", member.ref, ("identity",), "support")
            break
