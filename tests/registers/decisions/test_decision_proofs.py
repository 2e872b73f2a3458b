"""Each proof is unproven with nothing to look at, kept by what really was decided, and broken by one forged record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sekisho.engine.errors import Place
from sekisho.engine.gate.ask import Act, Ask, Permit
from sekisho.engine.policy.model import Clause, Text
from sekisho.evidence.proof import Verdict
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.actions import NewConsent, record
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions import proofs
from sekisho.registers.decisions.actions import approve_claim, decide, open_ticket, request_claim
from sekisho.registers.decisions.actions.sealing import seal, ticket_of
from sekisho.registers.decisions.models import DecisionBatch, SealedDecision
from sekisho.registers.decisions.rules import ClaimKind, TicketKind

HOUR = timedelta(hours=1)


def clause(clause_id: str, *, never: bool = False) -> Clause:
    place = Place(path="policy.yaml", line=1, column=1)
    return Clause(id=clause_id, heading="", says=Text(ja=""), proof=None, never=never, place=place)


def look(name: str, world: Any, clause_id: str = "B-00", *, never: bool = False) -> tuple[Verdict, int]:
    proof = getattr(proofs, name)(at=world.at + HOUR, clause=clause(clause_id, never=never))
    assert proof.verdict is not Verdict.BROKEN or (proof.why and "/" in proof.evidence)
    return proof.verdict, proof.looked_at


def forge(world: Any, **changes: Any) -> None:
    """A sealed permit that the gate never gave."""
    base = {
        "actor": world.clerk, "act": "use", "answer": "permit", "claims": [], "data_subjects": [world.hana], "epoch": 99,
        "grounds": [], "items": ["identity.name"], "obligations": [], "policy": "arlink@1.0", "purpose": "billing",
        "reasons": [], "recipient": None, "recipient_kind": None, "channel": None,
        "rows": [{"person": world.hana, "kind": "customer", "item": "identity.name", "era": "arlink@1.0"}],
    }  # fmt: skip
    seal([ticket_of(record=base | changes, private={}, at=world.at)])


def ask(world: Any, **changes: Any) -> Ask:
    base = Ask(
        actor=world.clerk, act=Act.USE, data_subjects=(world.hana,), items=("identity.name",), purpose="billing", at=world.at
    )  # fmt: skip
    return replace(base, **changes)


def permitted(asked: Ask) -> None:
    decision = decide(asked).decision
    assert isinstance(decision, Permit), decision


def consent(world: Any, kind: ConsentKind, scope: str) -> None:
    said = NewConsent(
        person=world.hana, kind=kind, scope=scope, given=True, notice_era="arlink@1.0", channel="web", at=world.at
    )
    record(consent=said, at=world.at, acting_user="test")


def test_nothing_to_look_at_is_unproven_unless_the_clause_says_never(world: Any) -> None:
    for name in proofs.__all__:
        assert look(name, world) == (Verdict.UNPROVEN, 0), name
        assert look(name, world, never=True) == (Verdict.KEPT, 0), name


def test_what_the_gate_permitted_keeps_the_promises(world: Any) -> None:
    permitted(ask(world))
    permitted(ask(world, purpose="identity_check", items=("identity_record",)))
    consent(world, ConsentKind.CHANNEL, "mail")
    permitted(ask(world, purpose="marketing", channel="mail", items=("identity.mail",)))
    rows = {"bill.due_on": "2026-09-30", "bill.unpaid_yen": 5000}
    out = {"act": Act.THIRD_PARTY_PROVISION, "purpose": "arrears_assignment", "recipient": "r-assignee"}
    permitted(ask(world, **out, items=("identity.name", "bill.unpaid_yen"), resource=rows))
    ticket = open_ticket(
        kind=TicketKind.FAULT, lines=[world.number], since=world.at - 3 * HOUR, until=world.at, approved_by=world.officer,
        expires_at=world.at + HOUR, at=world.at, acting_user=world.clerk,
    )  # fmt: skip
    hour = (world.at - HOUR).isoformat()
    line = {"line": world.number, "since": hour, "until": hour, "started_at": hour}
    permitted(ask(world, purpose="fault", items=("traffic.caller",), claims=(ticket,), resource=line))
    told = {"protects_life_body_or_property": "yes", "consent_hard_to_obtain": "yes"}
    claim = request_claim(kind=ClaimKind.EXCEPTION, name="E2", facts=told, at=world.at, acting_user=world.clerk)
    approve_claim(claim=claim, expires_at=world.at + HOUR, at=world.at, acting_user=world.officer)
    permitted(ask(world, purpose="E2", claims=(claim,), items=("identity.phone",)))
    decide(ask(world, act=Act.JOINT_USE, purpose="group_offering", recipient="restart"))
    seen = {
        "each_cites_version_and_rule": ("", 7),
        "permits_within_published_purposes": ("", 6),
        "purpose_within_items": ("B-60", 1),
        "identity_papers_only_for_identity_check": ("B-40", 1),
        "marketing_respects_refusals": ("B-56", 1),
        "permits_had_consent": ("B-14", 4),
        "transfers_had_prior_consent": ("B-22", 1),
        "secrecy_grounds_held": ("B-57", 1),
        "exceptions_approved": ("B-16", 1),
        "provisions_only_declared": ("B-66", 1),
        "way_out_within_whitelist": ("B-67", 1),
        "joint_use_only_with_notice": ("B-69", 1),
        "actors_in_order": ("", 6),
    }
    for name, (clause_id, looked_at) in seen.items():
        assert look(name, world, clause_id) == (Verdict.KEPT, looked_at), name
    consent(world, ConsentKind.OBJECTION, "marketing")
    assert look("marketing_respects_refusals", world)[0] is Verdict.KEPT, "an objection heard later breaks nothing"


FORGED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "each_cites_version_and_rule": (
        "A-02",
        [{"policy": "arlink@9"}, {"answer": "refuse"}, {"answer": "refuse", "reasons": [{"code": ""}]}],
    ),
    "permits_within_published_purposes": ("B-47", [{"purpose": "spying"}, {"policy": "arlink@9"}, {"purpose": "E2"}]),
    "purpose_within_items": ("B-60", [{"items": ["identity_image"]}, {"items": ["identity.name", "hr"]}]),
    "identity_papers_only_for_identity_check": (
        "B-40",
        [{"purpose": "marketing", "items": ["identity_record.document_no"]}, {"items": ["identity_image"]}],
    ),
    "marketing_respects_refusals": ("B-56", [{"purpose": "marketing"}]),
    "refusals_bind_at_once": ("B-56", [{"purpose": "marketing"}]),
    "permits_had_consent": (
        "B-14",
        [{"rows": [{"person": "p-new", "kind": "customer", "item": "identity.name", "era": "arlink@1.0"}]}],
    ),
    "transfers_had_prior_consent": (
        "B-22",
        [{"act": "third_party_provision", "purpose": "international_carrier", "recipient": "r-x"},
         {"act": "entrustment", "data_subjects": ["p-new"]}],
    ),
    "entrustment_within_scope": ("B-28", [{"act": "entrustment", "recipient": "r-nobody"}]),
    "secrecy_grounds_held": (
        "B-57",
        [{"purpose": "fault", "items": ["traffic.caller"]}, {"purpose": "fault", "items": ["traffic"], "claims": ["x"]}],
    ),
    "exceptions_approved": ("B-16", [{"grounds": ["E2"], "claims": ["claim-none"]}]),
    "provisions_only_declared": ("B-66", [{"act": "third_party_provision", "recipient": "r-assignee"}]),
    "way_out_within_whitelist": (
        "B-67",
        [{"act": "third_party_provision", "purpose": "arrears_assignment", "recipient_kind": "debt_assignee",
          "items": ["identity.phone"]},
         {"act": "third_party_provision", "purpose": "arrears_assignment", "recipient_kind": "restart"}],
    ),
    "joint_use_only_with_notice": (
        "B-69", [{"act": "joint_use", "purpose": "group_offering", "recipient": "restart"}]
    ),
    "actors_in_order": ("A-20", [{"actor": "nobody"}, {"actor": "s-untrained"}]),
}  # fmt: skip


def test_one_forged_permit_breaks_the_promise(world: Any) -> None:
    consent(world, ConsentKind.OBJECTION, "marketing")
    assert set(FORGED) == set(proofs.__all__)
    for name, (clause_id, forgeries) in FORGED.items():
        for forgery in forgeries:
            forge(world, **forgery)
            assert look(name, world, clause_id)[0] is Verdict.BROKEN, (name, forgery)
            SealedDecision.objects.all().delete()
            DecisionBatch.objects.all().delete()


def test_a_decision_that_began_after_a_refusal_knows_it(world: Any) -> None:
    """Wall clock: the refusal is written now, the decisions begin a minute later."""
    consent(world, ConsentKind.OBJECTION, "marketing")
    epoch, later = consents.epoch(), datetime.now(UTC) + timedelta(minutes=1)
    knowing, deaf = ask(world, at=later), {"epoch": epoch - 1, "purpose": "billing"}
    permitted(knowing)
    proof = proofs.refusals_bind_at_once(at=later, clause=clause("B-56"))
    assert proof.verdict is Verdict.UNPROVEN, "nobody was offered anything yet"
    assert "ミリ秒" in proof.figure
    seal([ticket_of(record={**sealed_record(knowing), **deaf}, private={}, at=world.at)])
    assert look("refusals_bind_at_once", world, "B-56")[0] is Verdict.UNPROVEN, "it began before"
    seal([ticket_of(record={**sealed_record(knowing), **deaf}, private={}, at=later)])
    assert look("refusals_bind_at_once", world, "B-56")[0] is Verdict.BROKEN


def sealed_record(asked: Ask) -> dict[str, Any]:
    return {
        "actor": asked.actor, "act": "use", "answer": "permit", "policy": "arlink@1.0", "data_subjects": ["p-ken"],
        "items": ["identity.name"], "rows": [], "reasons": [],
    }  # fmt: skip


def test_an_exception_its_asker_approved_himself_counts_for_nothing(world: Any) -> None:
    told = {"protects_life_body_or_property": "yes", "consent_hard_to_obtain": "yes"}
    claim = request_claim(kind=ClaimKind.EXCEPTION, name="E2", facts=told, at=world.at, acting_user=world.clerk)
    forge(world, grounds=["E2"], claims=[claim], purpose="E2")
    assert look("exceptions_approved", world, "B-16")[0] is Verdict.BROKEN
    assert look("permits_within_published_purposes", world)[0] is Verdict.BROKEN
    approve_claim(claim=claim, expires_at=world.at + HOUR, at=world.at, acting_user=world.officer)
    assert look("exceptions_approved", world, "B-16")[0] is Verdict.KEPT


@pytest.mark.parametrize("policy", ["arlink", "carrier"])
def test_every_proof_the_policies_name_exists(policy: str) -> None:
    from pathlib import Path

    from ruamel.yaml import YAML

    path = Path(__file__).resolve().parents[3] / "policies" / policy / "policy.yaml"
    promises = YAML(typ="safe").load(path.read_text(encoding="utf-8"))["promises"]
    named = {str(row.get("proof")) for row in promises.values() if row.get("proof")}
    mine = {name.removeprefix("decisions.") for name in named if name.startswith("decisions.")}
    assert mine <= set(proofs.__all__), mine - set(proofs.__all__)
