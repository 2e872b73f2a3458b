"""What policies no loader would let through, and laws that change, must not open."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate import (
    SLOT,
    SLOTS,
    Act,
    Ask,
    Cell,
    Facts,
    Permit,
    Refuse,
    RowFacts,
    Table,
    compile_table,
    decide,
)
from sekisho.engine.gate.ask import Decision
from sekisho.engine.gate.slots import CONDITION_BIT, Cure, facts_words
from sekisho.engine.gate.table import start_of
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import JointUseNotice, Policy, Use, WayOut

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "gate-policy"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
ON = date(2026, 11, 20)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load({"policy.yaml": (FOLDER / "1" / "policy.yaml").read_text(encoding="utf-8")})


def cell_of(policy: Policy, purpose: str, item: str, *, act: Act = Act.USE, recipient: str | None = None) -> Cell:
    return compile_table([policy], law()).cell(
        in_force=policy.era,
        era=policy.era,
        purpose=purpose,
        item=item,
        subject_kind="customer",
        on=ON,
        act=act,
        recipient=recipient,
    )


def ask_for(table: Table, policy: Policy, ask: Ask, **row: object) -> Decision:
    facts = RowFacts(
        **{  # type: ignore[arg-type]
            "data_subject": "p1",
            "subject_kind": "customer",
            "item": ask.items[0],
            "era": policy.era,
            "known": KNOWN,
            "value": VALUE,
            **row,
        }
    )
    grounds = tuple(claim for claim in ask.claims if claim in {"E1", "warrant"})
    return decide(table, ask, Facts(in_force=policy.era, rows=(facts,), grounds=grounds, recipient_kind=ask.recipient))


def with_use(policy: Policy, **use: object) -> Policy:
    return replace(policy, uses=(*policy.uses, Use(**{"of": ("customer",), "clause": "S-05", **use})))  # type: ignore[arg-type]


def test_secrecy_leaves_to_no_third_party_on_a_ground_of_use(policy: Policy) -> None:
    arrears = policy.ways_out["arrears"]
    wider: dict[str, WayOut] = {
        **policy.ways_out,
        "arrears": replace(arrears, items=(*arrears.items, "traffic"), when=""),
    }
    opened = with_use(
        replace(policy, ways_out=wider), purpose="arrears", items=("traffic",), secrecy_ground="justified_business"
    )
    cell = cell_of(opened, "arrears", "traffic", act=Act.THIRD_PARTY_PROVISION, recipient="assignee")
    assert not cell.failures
    assert cell.need & SLOT["secrecy_consent"].mask


def test_a_ground_serves_only_natures_the_ground_itself_names(policy: Policy) -> None:
    opened = with_use(policy, purpose="marketing", items=("traffic",), secrecy_ground="justified_business")
    assert cell_of(opened, "marketing", "traffic.callee").need & SLOT["secrecy_consent"].mask
    generous = {**law().natures, "marketing": replace(law().natures["marketing"], secrecy=("justified_business",))}
    table = compile_table([opened], replace(law(), natures=generous))
    cell = table.cell(
        in_force="small@1", era="small@1", purpose="marketing", item="traffic.callee", subject_kind="customer", on=ON
    )
    assert cell.need & SLOT["secrecy_consent"].mask


def test_two_uses_naming_different_grounds_leave_the_second_lock_shut(policy: Policy) -> None:
    doubtful = with_use(policy, purpose="billing", items=("traffic.charged",), secrecy_ground="specific_consent")
    assert cell_of(doubtful, "billing", "traffic.charged").need & SLOT["secrecy_consent"].mask
    assert not cell_of(policy, "billing", "traffic.charged").need & SLOT["secrecy_consent"].mask


def test_of_two_minimum_groups_the_larger_counts(policy: Policy) -> None:
    for sizes in ((30, 5), (5, 30)):
        larger = policy
        for size in sizes:
            larger = with_use(larger, purpose="analysis", items=("bill",), minimum_group=size)
        sizes_told = [one.properties["size"] for one in cell_of(larger, "analysis", "bill").permit.obligations]
        assert sizes_told == [30]


def test_of_two_lists_of_roles_only_those_in_both_may(policy: Policy) -> None:
    narrower = with_use(policy, purpose="audit", items=("identity",), roles=("auditor", "clerk"))
    assert cell_of(narrower, "audit", "identity.name").roles == frozenset({"auditor"})
    nobody = with_use(policy, purpose="audit", items=("identity",), roles=("clerk",))
    assert cell_of(nobody, "audit", "identity.name").roles == frozenset()


def test_a_need_of_the_policy_softens_no_refusal(policy: Policy) -> None:
    """With a police inquiry, asking the person is not suggested, even where the policy itself asks for that consent."""
    needy = with_use(
        policy,
        purpose="analysis",
        items=("traffic.started_at",),
        secrecy_ground="specific_consent",
        needs=("secrecy_consent",),
    )
    cell = compile_table([needy], law()).cell(
        in_force="small@1", era="small@1", purpose="analysis", item="traffic.started_at", subject_kind="customer", on=ON,
        grounds=("E1",),
    )  # fmt: skip
    ranked = cell.tell(SLOT["secrecy_consent"].bit, False)
    assert ranked.cure is Cure.NONE
    assert ranked.reason.code == "gate.secrecy-ground-missing"


def test_a_caller_cannot_answer_the_gates_own_questions(policy: Policy) -> None:
    """Bits of conditions and of roles in the words are worked out here, whatever the words say."""
    table = compile_table([policy], law())
    arrears = Ask(
        actor="a", act=Act.THIRD_PARTY_PROVISION, data_subjects=("p1",), items=("identity.name",), purpose="arrears",
        recipient="assignee", at=start_of(ON),
    )  # fmt: skip
    bit = 1 << CONDITION_BIT
    paid = {"bill.due_on": date(2026, 10, 31), "bill.unpaid_yen": 0, "recipient.assignment_contract": True}
    assert isinstance(ask_for(table, policy, arrears, attributes={**paid, "bill.unpaid_yen": 1}), Permit)
    refused = ask_for(table, policy, arrears, attributes=paid, known=KNOWN | bit, value=VALUE | bit)
    assert isinstance(refused, Refuse)
    audit = Ask(actor="a", act=Act.USE, data_subjects=("p1",), items=("identity",), purpose="audit", at=start_of(ON))
    assert isinstance(ask_for(table, policy, audit, attributes={"actor.role": "auditor"}), Permit)
    assert isinstance(ask_for(table, policy, audit, attributes={"actor.role": ""}), Refuse)
    assert isinstance(ask_for(table, policy, audit, attributes={}), Refuse)


def test_a_need_the_gate_does_not_know_refuses(policy: Policy) -> None:
    asking = with_use(policy, purpose="billing", items=("bill",), needs=("good_weather",))
    assert [one.reason.code for one in cell_of(asking, "billing", "bill").failures] == ["gate.unknown-slot"]


def test_a_nature_the_law_does_not_know_refuses(policy: Policy) -> None:
    odd = replace(policy, purposes={**policy.purposes, "billing": replace(policy.purposes["billing"], nature="odd")})
    assert "gate.unknown-nature" in [one.reason.code for one in cell_of(odd, "billing", "bill").failures]


def test_more_conditions_than_bits_are_refused_at_once(policy: Policy) -> None:
    crowded = policy
    for number in range(15):
        crowded = with_use(crowded, purpose="billing", items=("bill",), when=f"bill.unpaid_yen > {number}")
    with pytest.raises(SekishoError) as refused:
        cell_of(crowded, "billing", "bill")
    assert refused.value.code == "gate.too-many-conditions"


def test_words_stay_inside_a_signed_64_bit_column(policy: Policy) -> None:
    crowded = policy
    for number in range(14):
        crowded = with_use(crowded, purpose="billing", items=("bill",), when=f"bill.unpaid_yen > {number}")
    assert cell_of(crowded, "billing", "bill").need < 2**63


def test_a_predecessors_policy_keeps_binding(policy: Policy) -> None:
    """Data taken over stays bound to the purposes of the carrier it came from. Source: APPI, use after succession."""
    taken = load({"policy.yaml": (FOLDER / "2" / "policy.yaml").read_text(encoding="utf-8")})
    other = replace(taken, id="successor", effective_on=date(2024, 4, 1))
    table = compile_table([policy, other], law())
    cell = table.cell(
        in_force="successor@2", era="small@1", purpose="campaign", item="identity.mail", subject_kind="customer", on=ON
    )
    assert cell.need & SLOT["consent_for_this_purpose"].mask


def test_the_law_of_the_day_is_cited(policy: Policy) -> None:
    """A joint-use element in force only since 2022 is not missed before; the telecom guideline is cited by its edition."""
    older = replace(policy, effective_on=date(2020, 4, 1))
    old_way = replace(policy.ways_out["group"], notice=replace(_notice(policy), responsible_address=None))
    older = replace(older, ways_out={**policy.ways_out, "group": old_way})
    table = compile_table([older], law())
    codes = {
        day: [
            one.reason.code
            for one in table.cell(
                in_force="small@1", era="small@1", purpose="group", item="identity.name", subject_kind="customer", on=day,
                act=Act.JOINT_USE, recipient="sister",
            ).failures
        ]
        for day in (date(2022, 3, 31), date(2022, 4, 1))
    }  # fmt: skip
    assert codes == {date(2022, 3, 31): [], date(2022, 4, 1): ["gate.joint-use-notice-incomplete"]}


def _notice(policy: Policy) -> JointUseNotice:
    notice = policy.ways_out["group"].notice
    assert notice is not None
    return notice


def test_the_policys_own_number_is_told_only_where_it_differs() -> None:
    """The carrier's text cites the guideline by its 2017 numbers: 10(1) moved, 5(3) did not."""
    folder = FOLDER.parents[2] / "policies" / "carrier"
    carrier = load({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")})
    on = date(2026, 11, 20)
    view = compile_table([carrier], law()).cell(
        in_force=carrier.era, era=carrier.era, purpose="E1", item="identity.name", subject_kind="customer", on=on,
        act=Act.USE, grounds=("E1",),
    )  # fmt: skip
    assert "方針の表記" not in view.tell(SLOT["claim_approved"].bit, False).reason.article
    bill = compile_table([carrier], law()).cell(
        in_force=carrier.era, era=carrier.era, purpose="billing", item="bill", subject_kind="customer", on=on
    )
    assert "（方針の表記: " in bill.tell(SLOT["past_retention"].bit, False).reason.article
