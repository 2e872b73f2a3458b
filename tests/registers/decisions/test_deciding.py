"""From an ask to a sealed answer, against the real registers and the published policy of seed B."""

import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Act, Ask, NeedsConsent, Permit, Refuse
from sekisho.evidence import actions as evidence
from sekisho.registers.consents.actions import NewConsent, record
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.decisions import queries
from sekisho.registers.decisions.actions import (
    approve_claim,
    close_claim,
    close_ticket,
    decide,
    expire_bodies,
    open_case,
    open_ticket,
    request_claim,
)
from sekisho.registers.decisions.models import AccessTicket, SealedDecision
from sekisho.registers.decisions.queries.asks import ask_from
from sekisho.registers.decisions.rules import ClaimKind, TicketKind
from sekisho.registers.policies import queries as policies

HOUR = timedelta(hours=1)


def ask(world: Any, **changes: Any) -> Ask:
    base = Ask(
        actor=world.clerk,
        act=Act.USE,
        data_subjects=(world.hana,),
        items=("identity.name", "identity.address"),
        purpose="billing",
        at=world.at,
    )
    return replace(base, **changes)


def codes(asked: Ask) -> set[str]:
    decision = decide(asked).decision
    return set() if isinstance(decision, Permit) else {reason.code for reason in decision.reasons}


def say(world: Any, kind: ConsentKind, scope: str, *, given: bool = True) -> None:
    consent = NewConsent(
        person=world.hana, kind=kind, scope=scope, given=given, notice_era="arlink@1.0", channel="web", at=world.at
    )
    record(consent=consent, at=world.at, acting_user="test")


def test_a_published_use_is_permitted_and_sealed(world: Any) -> None:
    answer = decide(ask(world))
    assert isinstance(answer.decision, Permit), answer.decision
    row = SealedDecision.objects.get()
    assert answer.evidence == f"{row.batch.entry}/0"
    assert (row.answer, row.purpose, row.actor) == ("permit", "billing", world.clerk)
    policy = policies.in_force(world.at)
    assert answer.as_json() == {
        "decision": "permit", "reasons": [], "obligations": [], "policy": "arlink@1.0",
        "policy_sha256": policy.sha256[:12], "evidence": answer.evidence,
    }  # fmt: skip
    assert row.record is not None
    assert row.record["policy_sha256"] == policy.sha256, "the record names the whole hash"


def test_every_failing_rule_is_told(world: Any) -> None:
    found = codes(ask(world, actor=world.untrained, items=("traffic.callee",), purpose="marketing", channel="mail"))
    assert {"gate.actor-trained", "gate.prohibited", "gate.channel-consent"} <= found


def test_who_asks_and_about_whom_must_be_known(world: Any) -> None:
    assert "gate.actor-known" in codes(ask(world, actor="nobody"))
    assert "gate.identity-known" in codes(ask(world, data_subjects=("p-nobody",)))
    assert "gate.identity-known" in codes(ask(world, data_subjects=(world.hana, "p-nobody")))


def test_nobody_is_the_reason_and_not_what_follows_from_it(world: Any) -> None:
    offer = ask(world, purpose="marketing", channel="mail", items=("identity.mail",))
    assert codes(replace(offer, data_subjects=("p-nobody",))) == {"gate.identity-known"}
    unknown_actor = decide(replace(offer, actor="nobody")).decision
    assert isinstance(unknown_actor, Refuse)
    assert [reason.code for reason in unknown_actor.reasons] == ["gate.actor-known", "gate.channel-consent"]


def test_a_shop_sees_its_own_customers_only(world: Any) -> None:
    assert "gate.own-customer" in codes(ask(world, actor=world.shop_clerk))


def test_an_objection_binds_the_next_ask(world: Any) -> None:
    offer = ask(world, purpose="marketing", channel="mail", items=("identity.mail",))
    assert isinstance(decide(offer).decision, NeedsConsent)
    say(world, ConsentKind.CHANNEL, "mail")
    assert isinstance(decide(offer).decision, Permit)
    say(world, ConsentKind.OBJECTION, "marketing")
    assert codes(offer) == {"gate.objection"}
    notice = ask(world, purpose="service_notice", items=("identity.mail",), resource={"advertising": False})
    assert isinstance(decide(notice).decision, Permit), "a notice is not lost to an objection to marketing"
    assert codes(replace(notice, resource={"advertising": True})) == {"gate.advertising-inside"}
    refused = decide(replace(notice, resource={}))
    assert codes(replace(notice, resource={})) == {"gate.unknown-fact"}, "whether it advertises has to be said"
    told = refused.as_json()["reasons"]
    assert isinstance(told, list)
    assert (told[0]["slot"], told[0]["tell"]) == ("advertising_inside", ["resource.advertising"])
    assert "resource.advertising" in told[0]["remedy"]


def test_a_child_needs_a_guardians_word_for_offers(world: Any) -> None:
    offer = ask(world, data_subjects=(world.child,), purpose="marketing", channel="mail", items=("identity.mail",))
    assert "gate.guardian-consent" in codes(offer)


def test_a_number_is_whose_it_was_at_that_time(world: Any) -> None:
    before, after = world.handed_on - HOUR, world.handed_on + HOUR

    def by_number(at: datetime | None) -> Ask:
        said: dict[str, Any] = {
            "actor": world.clerk, "purpose": "billing", "items": ["traffic.charged"],
            "data_subjects": [{"number": world.number} | ({"at": at.isoformat()} if at else {})],
        }  # fmt: skip
        return ask_from(said, now=world.at)

    assert by_number(before).data_subjects == (world.ken,)
    assert by_number(after).data_subjects == (world.hana,)
    assert by_number(None).data_subjects == ("unknown",)
    assert isinstance(decide(by_number(after)).decision, Permit)
    assert "gate.identity-known" in codes(by_number(None))
    stolen = replace(by_number(before), data_subjects=(world.hana,))
    assert "gate.owned-in-interval" in codes(stolen), "calls of the former holder are not hers"


def test_a_row_past_its_period_is_not_used(world: Any) -> None:
    fresh = ask(world, items=("traffic.charged",), resource={"started_at": "2026-10-01T00:00:00+09:00"})
    assert isinstance(decide(fresh).decision, Permit)
    assert codes(replace(fresh, resource={"started_at": "2025-10-01T00:00:00+09:00"})) == {"gate.past-retention"}
    assert isinstance(decide(replace(fresh, resource={})).decision, Refuse), "a date nobody tells is unknown"


def test_communications_open_only_inside_a_tickets_lines_and_hours(world: Any) -> None:
    since = world.at - 3 * HOUR
    inside = {"line": world.number, "since": (since + HOUR).isoformat(), "until": (since + 2 * HOUR).isoformat()}
    inside |= {"started_at": inside["since"]}
    ticket = open_ticket(
        kind=TicketKind.FAULT, lines=[world.number], since=since, until=world.at, expires_at=world.at + HOUR,
        approved_by=world.officer, at=world.at, acting_user=world.clerk,
    )  # fmt: skip
    looking = ask(world, purpose="fault", items=("traffic.caller",), claims=(ticket,), resource=inside)
    decision = decide(looking).decision
    assert isinstance(decision, Permit), decision
    assert [o.properties["at"] for o in decision.obligations if o.type == "expiry"] == ["2026-11-23T04:00:00.000000Z"]
    shut = {"gate.ticket-open"}
    assert codes(replace(looking, claims=())) == shut
    assert codes(replace(looking, purpose="misuse")) == shut, "a fault's ticket is not a misuse's"
    assert codes(replace(looking, resource=inside | {"until": (world.at + HOUR).isoformat()})) == shut
    assert codes(replace(looking, resource={"started_at": inside["started_at"]})) == shut, "no line, no ticket"
    assert shut <= codes(replace(looking, resource=inside | {"line": "08001112222"}))
    assert codes(replace(looking, at=world.at + HOUR)) == shut, "it ends by itself"
    close_ticket(ticket=ticket, at=world.at + HOUR / 2, acting_user=world.officer)
    close_ticket(ticket=ticket, at=world.at + HOUR / 2, acting_user=world.officer)
    assert codes(replace(looking, at=world.at + HOUR / 2)) == shut
    assert AccessTicket.objects.get().lines == [], "the numbers have done their work"


def test_a_ticket_needs_bounds_and_two_people(world: Any) -> None:
    good: dict[str, Any] = {
        "kind": TicketKind.MISUSE, "lines": [world.number], "since": world.at - HOUR, "until": world.at,
        "expires_at": world.at + HOUR, "approved_by": world.officer, "at": world.at, "acting_user": world.clerk,
    }  # fmt: skip
    for change, code in (
        ({"approved_by": world.clerk}, "same-person"),
        ({"approved_by": ""}, "same-person"),
        ({"lines": []}, "ticket-without-lines"),
        ({"until": world.at - HOUR}, "ticket-unbounded"),
        ({"expires_at": world.at + 100 * HOUR}, "ticket-unbounded"),
    ):
        with pytest.raises(SekishoError, match=code):
            open_ticket(**(good | change))


def test_an_exception_opens_only_once_approved_by_another(world: Any) -> None:
    told = {"protects_life_body_or_property": "search for a missing person", "consent_hard_to_obtain": "not reachable"}
    with pytest.raises(SekishoError, match="facts-missing"):
        request_claim(kind=ClaimKind.EXCEPTION, name="E2", facts={}, at=world.at, acting_user=world.clerk)
    with pytest.raises(SekishoError, match="unknown-ground"):
        request_claim(kind=ClaimKind.EXCEPTION, name="E9", at=world.at, acting_user=world.clerk)
    claim = request_claim(
        kind=ClaimKind.EXCEPTION, name="E2", persons=[world.hana], facts=told, at=world.at, acting_user=world.clerk
    )
    rescue = ask(world, purpose="E2", claims=(claim,), items=("identity.phone",))
    assert decide(rescue).as_json()["decision"] == "needs_approval"
    with pytest.raises(SekishoError, match="same-person"):
        approve_claim(claim=claim, expires_at=world.at + HOUR, at=world.at, acting_user=world.clerk)
    with pytest.raises(SekishoError, match="claim-unbounded"):
        approve_claim(claim=claim, expires_at=world.at + 9999 * HOUR, at=world.at, acting_user=world.officer)
    approve_claim(claim=claim, expires_at=world.at + HOUR, at=world.at, acting_user=world.officer)
    assert isinstance(decide(rescue).decision, Permit)
    assert not isinstance(decide(replace(rescue, data_subjects=(world.ken,))).decision, Permit), "another person"
    assert not isinstance(decide(replace(rescue, at=world.at + HOUR)).decision, Permit), "expired"
    assert not isinstance(decide(replace(rescue, items=("traffic.callee",))).decision, Permit), "never the second lock"
    assert not isinstance(decide(replace(rescue, claims=(claim, "claim-nobody"))).decision, Permit), "unknown claim"
    close_claim(claim=claim, at=world.at, acting_user=world.officer)
    assert not isinstance(decide(rescue).decision, Permit)
    with pytest.raises(SekishoError, match="unknown-claim"):
        close_claim(claim="x", at=world.at, acting_user=world.officer)


def test_a_case_opens_its_own_person_to_those_who_work_on_it(world: Any) -> None:
    request = ask(world, purpose="subject_request", claims=("case-1",))
    assert not isinstance(decide(request).decision, Permit)
    open_case(case="case-1", person=world.hana, actors=[world.clerk], at=world.at, acting_user=world.officer)
    assert isinstance(decide(request).decision, Permit)
    assert queries.open_cases(world.hana, world.clerk, world.at) == ("case-1",)
    assert codes(replace(request, actor=world.officer)) == {"gate.case-open"}
    assert codes(replace(request, data_subjects=(world.ken,))) == {"gate.case-open"}
    close_claim(claim="case-1", at=world.at, acting_user=world.officer)
    assert codes(request) == {"gate.case-open"}


def test_arrears_go_out_only_on_their_conditions(world: Any) -> None:
    rows = {"bill.due_on": "2026-09-30", "bill.unpaid_yen": 5000}
    assign = ask(
        world, act=Act.THIRD_PARTY_PROVISION, purpose="arrears_assignment", recipient="r-assignee",
        items=("identity.name", "bill.unpaid_yen"), resource=rows,
    )  # fmt: skip
    decision = decide(assign).decision
    assert isinstance(decision, Permit), decision
    assert "record" in {obligation.type for obligation in decision.obligations}
    assert "gate.condition-not-met" in codes(replace(assign, resource=rows | {"bill.due_on": "2026-12-31"}))
    assert "gate.item-outside-whitelist" in codes(replace(assign, items=("identity.phone",)))
    assert "gate.recipient-known" in codes(replace(assign, recipient="r-nobody"))


def test_what_the_caller_says_never_outranks_a_register(world: Any) -> None:
    rows = {"bill.due_on": "2026-09-30", "bill.unpaid_yen": 5000, "recipient.assignment_contract": True}
    assign = ask(
        world, act=Act.THIRD_PARTY_PROVISION, purpose="arrears_assignment", recipient="r-nobody",
        items=("identity.name",), resource=rows | {"actor.role": "privacy_officer"},
    )  # fmt: skip
    from sekisho.registers.decisions.queries.facts import gather

    said = gather(assign).rows[0].attributes
    assert said["actor.role"] == "clerk"
    assert "recipient.assignment_contract" not in said


def test_a_decision_is_not_asked_for_inside_a_transaction(world: Any) -> None:
    with transaction.atomic(), pytest.raises(SekishoError, match="inside-transaction"):
        decide(ask(world))


def test_a_receipt_of_one_decision_verifies_offline(world: Any, tmp_path: Path) -> None:
    import json

    answer = decide(ask(world, resource={"line": world.number, "started_at": "2026-10-01T00:00:00+09:00"}))
    with pytest.raises(SekishoError, match="not-covered-yet"):
        queries.receipt(answer.evidence)
    evidence.sequence(at=world.at, holder="test")
    told = queries.receipt(answer.evidence)
    assert world.number not in json.dumps(told), "what the ask said of the rows is committed to, not kept"
    path = tmp_path / "decision.json"
    verifier = Path(__file__).resolve().parents[3] / "verifier" / "sekisho_verify.py"

    def verify(document: dict[str, Any]) -> int:
        path.write_text(json.dumps(document))
        return subprocess.run([sys.executable, "-I", verifier, path], capture_output=True, check=False).returncode

    assert verify(told) == 0
    record = told["record"]
    assert isinstance(record, dict)
    assert verify(told | {"record": record | {"answer": "refuse"}}) == 1
    assert verify(told | {"position": 1}) == 1
    with pytest.raises(SekishoError, match="unknown-evidence"):
        queries.receipt("nothing/0")


def test_bodies_expire_and_hashes_stay(world: Any) -> None:
    answer = decide(ask(world))
    assert expire_bodies(at=world.at, acting_user="test") == 0
    later = world.at.replace(year=world.at.year + 3) + timedelta(days=1)
    assert expire_bodies(at=later, acting_user="test") == 1
    assert list(queries.sealed()) == []
    assert queries.counts() == {"permit": 1}
    with pytest.raises(SekishoError, match="unknown-evidence"):
        queries.receipt(answer.evidence)
    assert bytes(SealedDecision.objects.get().leaf_hash)


def test_no_numbers_and_names_in_the_record(world: Any) -> None:
    decide(ask(world, resource={"line": world.number, "started_at": "2026-10-01T00:00:00+09:00", "note": "関所"}))
    with connection.cursor() as cursor:
        cursor.execute("SELECT record FROM decisions_sealeddecision")
        text = str(cursor.fetchall())
    assert world.number not in text
    assert "関所" not in text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"actor": None}, "actor"),
        ({"actor": 5}, "actor"),
        ({"act": "take away"}, "act"),
        ({"act": ["use"]}, "act"),
        ({"act": "a" * 33}, "act"),
        ({"purpose": ""}, "purpose"),
        ({"data_subjects": []}, "data_subjects"),
        ({"items": []}, "items"),
        ({"items": "identity"}, "items"),
        ({"items": [1]}, "items"),
        ({"data_subjects": [[]]}, "data_subjects"),
        ({"at": "2026-11-23T00:00:00"}, "at"),
        ({"at": "yesterday"}, "at"),
        ({"resource": []}, "resource"),
        ({"claims": [1]}, "claims"),
        ({"recipient": 1}, "recipient"),
        ({"subjects": ["p"]}, "subjects"),
        ({"Purpose": "billing"}, "Purpose"),
        ({"09001234567": "billing"}, "?"),
        ({"data_subjects": ["p", {"number": "1", "at": "2026-11-23T00:00:00"}]}, "data_subjects[1].at"),
        ({"data_subjects": [{"number": "1", "at": "yesterday"}]}, "data_subjects[0].at"),
        ({"resource": {"started_at": "2026-11-23T00:00:00"}}, "resource.started_at"),
        ({"resource": {"until": "2026-11-23 10:00"}}, "resource.until"),
    ],
)
def test_a_malformed_ask_names_its_field(db: None, change: dict[str, Any], field: str) -> None:
    good = {"actor": "s", "purpose": "billing", "items": ["identity"], "data_subjects": ["p"]}
    with pytest.raises(SekishoError, match=re.escape(f"`{field}`")):
        ask_from(good | change, now=datetime.fromisoformat("2026-11-23T00:00:00+00:00"))
