"""Everybody's facts as columns are those gathered one by one, on real registers; and so are the answers."""

from collections.abc import Generator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from django.conf import settings
from django.db import connection

from sekisho.connectors.documents import read_folder
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate import Act, decide
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.columns import EFFECTS, decide_columns, row_of
from sekisho.engine.gate.stops import stop_scope
from sekisho.engine.policy.model import Use, WayOut
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.decisions.actions import stop_sealing
from sekisho.registers.decisions.models import Claim
from sekisho.registers.decisions.queries import gather
from sekisho.registers.decisions.queries.people_sets import people_set
from sekisho.registers.decisions.queries.people_words import PeopleWords, people_words
from sekisho.registers.decisions.rules import ClaimKind
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.actions import NewPerson
from sekisho.registers.identities.rules import IdentifierInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies import queries as policies
from sekisho.registers.policies.actions import adopt
from sekisho.registers.recipients.actions import NewContract, NewRecipient, register
from sekisho.registers.retention.models import Hold

ROOT = Path(__file__).resolve().parents[3]
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
NUMBER = "09001234567"
KINDS = ("customer", "staff", "applicant", "shareholder", "line_user", "inquirer")
IDENTIFIERS = ("customer_no", "number", "staff_no", "shareholder_no", "mail")
SHOPS = ("", "shop-1", "shop-2")
FOLDERS = ("policies/arlink", "policies/carrier", "tests/golden/gate-policy/1")


@pytest.fixture(params=FOLDERS)
def era(
    request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[str]:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    era = adopt(files=read_folder(ROOT / request.param), at=AT, acting_user="test")
    if request.param.endswith("/1"):
        adopt(files=read_folder(ROOT / "tests/golden/gate-policy/2"), at=AT, acting_user="test")
    yield policies.in_force(AT).era or era
    stop_sealing()
    connection.close()


def test_everybody_at_once_is_everybody_one_by_one(era: str) -> None:
    random = Random(20261123)
    refs = make_people(random, era)
    claims = make_claims(refs)
    met: set[int] = set()
    for ask in asks(random, claims):
        met |= check(ask, [*refs, "p-nobody"])
    assert met >= {"arlink@1.0": {0, 1, 2, 3}, "carrier@1.0": {0, 2, 3}}.get(era, {3})  # else too poor to tell anything


def test_a_change_of_any_kind_binds_the_next_ask(era: str) -> None:
    random = Random(7)
    refs = make_people(random, era, count=30)
    ask = next(asks(random, []))
    check(ask, refs)
    check_few(ask, refs[:2])
    first, second, third, fourth = refs[:4]
    identities.suppress(person=first, reason="erasure", at=AT, acting_user="test")
    consents.record(consent=consent(second, ConsentKind.OBJECTION, "*", era, AT), at=AT, acting_user="test")
    consents.forget(person=third, at=AT, acting_user="test")
    identities.forget(person=third, at=AT, acting_user="test", plan="plan-1")
    check(ask, refs)
    identities.lift_suppression(person=first, at=AT, acting_user="test")
    identities.import_population(people=[person(random, "p-new")], at=AT, acting_user="test")
    consents.record(consent=consent("p-new", ConsentKind.ACCEPTED_PURPOSE, "*", era, AT), at=AT, acting_user="test")
    consents.record(
        consent=consent(fourth, ConsentKind.ACCEPTED_PURPOSE, "*", era, AT, given=False), at=AT, acting_user="test"
    )
    check(ask, [*refs, "p-new"])
    check(replace(ask, at=AT - timedelta(days=200)), [*refs, "p-new"])


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("resource.parties", {"resource": {"parties": ["p-1"]}}),
        ("items", {"items": ()}),
        ("at", {"at": AT.replace(tzinfo=None)}),
    ],
)
def test_what_can_only_be_asked_one_by_one_is_malformed(field: str, changes: dict[str, Any]) -> None:
    ask = BulkAsk(actor="s-clerk", act=Act.USE, items=("identity.name",), purpose="billing", at=AT)
    with pytest.raises(SekishoError) as raised:
        people_words(replace(ask, **changes))
    assert raised.value.code == "decisions.malformed-ask"
    assert field in str(raised.value)


def check(ask: BulkAsk, refs: list[str]) -> set[int]:
    """Words, kinds and eras row by row, then answers; both over everybody and over those named."""
    told = people_words(ask, refs)
    everybody = people_words(ask)
    at = {ref: row for row, ref in enumerate(everybody.refs.to_pylist())}
    said = decide_columns(
        policies.table(),
        ask,
        told.items,
        in_force=told.in_force,
        recipient_kind=told.recipient_kind,
        grounds=told.grounds,
    )
    gathered = gather(ask.about(*refs))
    for row, ref in enumerate(refs):
        facts = replace(gathered, rows=tuple(one for one in gathered.rows if one.data_subject == ref))
        assert (told.in_force, told.recipient_kind, told.grounds) == (
            facts.in_force,
            facts.recipient_kind,
            facts.grounds,
        )
        mine = tuple(row_of(columns, item, row, ref) for item, columns in told.items.items())
        assert mine == facts.rows
        if ref in at:
            assert tuple(row_of(columns, item, at[ref], ref) for item, columns in everybody.items.items()) == facts.rows
        alone = decide(policies.table(), ask.about(ref), facts)
        assert said.decision(row) == alone
        assert said.effect[row] == EFFECTS[type(alone)]
    check_set(ask, everybody)
    return set(np.unique(said.effect).tolist())


def check_few(ask: BulkAsk, refs: list[str]) -> None:
    """A few among very many are looked up by name: the same rows."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sekisho.registers.decisions.queries.people_words.FEW", 0)
        check(ask, [*refs, "p-nobody"])


def check_set(ask: BulkAsk, everybody: PeopleWords) -> None:
    """The people set is who the columns permit, and it lost the others where the columns lost them."""
    said = decide_columns(
        policies.table(), ask, everybody.items, in_force=everybody.in_force,
        recipient_kind=everybody.recipient_kind, grounds=everybody.grounds,
    )  # fmt: skip
    chosen = people_set(ask)
    assert chosen.refs.to_pylist() == everybody.refs.filter(pa.array(said.permitted)).to_pylist()
    assert chosen.counts == tuple(np.bincount(said.effect, minlength=4).tolist())
    assert chosen.waterfall == said.waterfall
    assert {repr(permit) for permit in chosen.permits} == {
        repr(outcome.decision) for outcome in said.outcomes if outcome.count and not outcome.effect
    }


def make_people(random: Random, era: str, count: int = 50) -> list[str]:
    refs = [f"p-{number}" for number in range(count)]
    identities.import_population(people=[person(random, ref) for ref in refs], at=AT, acting_user="test")
    events = [
        consent(
            random.choice(refs),
            random.choice(list(ConsentKind)),
            random.choice(scopes()),
            era,
            AT - timedelta(days=random.randrange(-2, 400)),
            given=random.random() < 0.8,
        )
        for _ in range(count * 12)
    ]
    apart, policy = Random(count), policies.in_force(AT)  # stops of one class; the draws above stay as they were
    stops = [stop_scope(purpose, data_class) for purpose in ("*", *policy.purposes) for data_class in policy.classes]
    events += [
        consent(apart.choice(refs), ConsentKind.RESTRICTED, apart.choice(stops), era, AT, given=apart.random() < 0.9)
        for _ in range(count * 4)
    ]
    everything = [
        consent(ref, kind, "*", era, AT - timedelta(days=300))
        for ref in refs
        for kind in (ConsentKind.ACCEPTED_PURPOSE, ConsentKind.ENTRUSTMENT, ConsentKind.PROVISION)
        if random.random() < 0.8
    ]
    consents.import_events(consents=everything + events, at=AT, acting_user="test")
    for ref in random.sample(refs, 4):
        identities.suppress(person=ref, reason="erasure", at=AT - timedelta(days=3), acting_user="test")
        if random.random() < 0.5:
            identities.lift_suppression(person=ref, at=AT - timedelta(days=1), acting_user="test")
    enrol(
        staff=[
            staff("s-clerk", "clerk", era),
            staff("s-officer", "privacy_officer", era),
            staff("s-shop", "shop", era, shop="shop-2"),
            staff("s-nowhere", "shop", era, shop="shop-9"),
        ],
        at=AT,
        acting_user="test",
    )  # fmt: skip
    register(
        recipients=[
            NewRecipient(
                ref=f"r-{kind}", kind=kind, label="相手先", country=country, verified_on=date(2026, 1, 1),
                member_since=date(2026, 1, 1),
                contracts=(NewContract(ref=f"c-{kind}", kind="assignment", since=date(2026, 1, 1)),),
            )
            for kind, country in zip(policies.in_force(AT).recipients, ("JP", "US") * 20, strict=False)
        ],
        at=AT,
        acting_user="test",
    )  # fmt: skip
    return refs


def person(random: Random, ref: str) -> NewPerson:
    held = []
    for kind in IDENTIFIERS:
        for number in range(random.choice((0, 1, 1, 2))):
            since = AT - timedelta(days=random.randrange(1, 4000))
            until = None if random.random() < 0.6 else since + timedelta(hours=random.randrange(1, 50_000))
            value = f"{kind}-{ref}-{number}"
            if kind == "number" and random.random() < 0.1 and not number and ref[2:].isdecimal():  # from hand to hand
                turn = int(ref[2:])
                since, value = AT - timedelta(days=10 * (turn + 1)), NUMBER
                until = since + timedelta(days=10) if turn else None
            held.append(IdentifierInterval(person=ref, kind=kind, value=value, since=since, until=until))
    return NewPerson(
        ref=ref,
        kinds=tuple(random.sample(KINDS, random.choice((1, 1, 1, 2)))) if random.random() < 0.3 else ("customer",),
        acquired_on=date(2023, 6, 1) + timedelta(days=random.randrange(1200)),
        identifiers=tuple(held),
        born_on=random.choice((None, date(1980, 2, 29), date(2008, 11, 23), date(2008, 11, 24), date(2015, 4, 1))),
        deceased_on=random.choice((None,) * 8 + (date(2026, 11, 23), date(2026, 11, 24))),
        is_corporate=random.random() < 0.1,
        is_protected=random.random() < 0.1,
        shop=random.choice(SHOPS),
    )


def make_claims(refs: list[str]) -> list[str]:
    """Claims of every kind, some for some of the people, and holds over a person and over everybody's bills."""
    number = 0
    for kind, name in [
        (ClaimKind.EXCEPTION, "E1"),
        (ClaimKind.GROUND, "warrant"),
        (ClaimKind.APPROVAL, ""),
        (ClaimKind.CASE, ""),
    ]:
        for persons in ([], refs[:3]):
            number += 1
            Claim.objects.create(
                ref=f"claim-{number}", kind=kind.value, name=name, persons=persons, actors=["s-clerk"],
                document="doc-1" if persons else "", requested_by="s-clerk", requested_at=AT, approved_by="s-officer",
                expires_at=AT + timedelta(days=number - 2),
            )  # fmt: skip
    Hold.objects.create(ref="hold-1", ground="litigation", person_ref=refs[5], placed_on=date(2026, 1, 1), items=[])
    Hold.objects.create(ref="hold-2", ground="RET-1", placed_on=date(2026, 1, 1), items=["bill"])
    return [f"claim-{one + 1}" for one in range(number)] + ["claim-nobody-knows"]


def asks(random: Random, claims: list[str]) -> Generator[BulkAsk]:
    policy = policies.in_force(AT)
    every: list[Use | WayOut] = [*policy.uses, *policy.ways_out.values()]
    for use in random.sample(every, min(len(every), 14)):
        items = tuple(dict.fromkeys(use.items))
        out = use.to if isinstance(use, WayOut) else ()
        yield BulkAsk(
            actor=random.choice(("s-clerk", "s-clerk", "s-officer", "s-shop", "s-nowhere", "s-unknown")),
            act=Act(use.kind.value) if isinstance(use, WayOut) else Act.USE,
            items=tuple(random.sample(items, min(len(items), 2))),
            purpose=use.purpose,
            at=AT,
            recipient=f"r-{out[0]}" if out else None,
            channel=random.choice((None, "mail", "phone")),
            claims=tuple(random.sample(claims, random.choice((0, 0, 1, 2)))) if claims else (),
            resource=random.choice(
                (
                    {},
                    {},
                    {"bill.unpaid_yen": 3300, "bill.due_on": "2026-10-31", "settled": False},
                    {"line": NUMBER, "started_at": "2026-11-01T00:00:00+00:00", "subject_kind": "line_user"},
                    {"line": NUMBER, "hired": True},
                    {"acquired_on": "2024-05-01", "settled": True, "verification": "2026-11-01"},
                )
            ),
        )
    for claimed in (("claim-1",), ("claim-2",), ("claim-1", "claim-2"), ("claim-2", "claim-3")) if claims else ():
        yield BulkAsk(  # an exception is itself the purpose; of some people nobody approved it
            actor="s-clerk", act=Act.USE, items=("identity.name",), purpose="E1", at=AT, claims=claimed
        )


def scopes() -> tuple[str, ...]:
    policy = policies.in_force(AT)
    return ("*", "mail", "phone", *policy.purposes, *policy.ways_out, *policy.recipients, *policy.classes)


def consent(ref: str, kind: ConsentKind, scope: str, era: str, at: datetime, *, given: bool = True) -> NewConsent:
    return NewConsent(person=ref, kind=kind, scope=scope, given=given, notice_era=era, channel="web", at=at)


def staff(ref: str, role: str, era: str, *, shop: str = "") -> NewStaff:
    return NewStaff(
        ref=ref, display_name="佐藤", role=role, employment="employee", joined_on=date(2020, 4, 1), shop=shop,
        trained_on=date(2026, 4, 1), pledged_on=date(2026, 4, 1), acknowledged_era=era,
    )  # fmt: skip
