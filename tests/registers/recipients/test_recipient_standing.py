"""Recipients: only contracts in force count, and a check counts only if it came first."""

from datetime import date

from sekisho.registers.recipients.rules import ContractFacts, RecipientFacts, standing


def contract(**changes: object) -> ContractFacts:
    facts: dict[str, object] = {
        "ref": "C-1",
        "kind": "entrustment",
        "since": date(2025, 4, 1),
        "until": date(2027, 3, 31),
        "clauses": frozenset({"audit", "confidentiality"}),
        "selection_checked_on": date(2025, 3, 20),
        "reviewed_on": None,
    }
    return ContractFacts(**(facts | changes))  # type: ignore[arg-type]


def recipient(*contracts: ContractFacts, **changes: object) -> RecipientFacts:
    facts: dict[str, object] = {
        "ref": "R-1",
        "kind": "billing_contractor",
        "country": "JP",
        "safeguards": False,
        "member_since": None,
        "member_until": None,
        "verified_on": None,
        "is_stopped": False,
        "contracts": contracts,
    }
    return RecipientFacts(**(facts | changes))  # type: ignore[arg-type]


def test_clauses_of_an_ended_contract_do_not_count() -> None:
    ended = contract(ref="C-0", until=date(2025, 12, 31), clauses=frozenset({"sub_entrustment"}))
    found = standing(recipient(contract(), ended), date(2026, 11, 23))
    assert found.clauses == {"audit", "confidentiality"}
    assert found.attributes["entrustment_contract"] is True


def test_a_check_made_after_the_contract_began_is_no_check() -> None:
    assert standing(recipient(contract()), date(2026, 11, 23)).selection_checked
    late = contract(selection_checked_on=date(2025, 4, 2))
    assert not standing(recipient(late), date(2026, 11, 23)).selection_checked
    assert not standing(recipient(contract(), late), date(2026, 11, 23)).selection_checked


def test_without_a_contract_nothing_is_checked() -> None:
    found = standing(recipient(), date(2026, 11, 23))
    assert not found.contract
    assert not found.selection_checked


def test_membership_has_a_first_and_a_last_day() -> None:
    member = recipient(member_since=date(2024, 4, 1), member_until=date(2026, 11, 23))
    assert standing(member, date(2026, 11, 23)).member
    assert not standing(member, date(2026, 11, 24)).member
    assert not standing(recipient(), date(2026, 11, 23)).member
