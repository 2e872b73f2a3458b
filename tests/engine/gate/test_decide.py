"""Deciding one ask: what cases in YAML cannot say."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sekisho.engine.errors import texts
from sekisho.engine.gate import (
    SLOTS,
    Act,
    Ask,
    Facts,
    NeedsConsent,
    Permit,
    Refuse,
    RowFacts,
    Table,
    compile_table,
    decide,
    facts_words,
    reasons_json,
)
from sekisho.engine.gate.contracts import required_clauses
from sekisho.engine.gate.reference import slots_page
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.slots import SLOT, WANT, slots_in
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "gate-policy" / "1"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def table() -> Table:
    return compile_table([load({"policy.yaml": (FOLDER / "policy.yaml").read_text(encoding="utf-8")})], law())


def ask(*items: str, purpose: str = "billing", persons: tuple[str, ...] = ("p1",), at: datetime = AT) -> Ask:
    return Ask(actor="staff-1", act=Act.USE, data_subjects=persons, items=items, purpose=purpose, at=at)


def row(item: str, person: str = "p1", value: int = VALUE) -> RowFacts:
    return RowFacts(data_subject=person, subject_kind="customer", item=item, era="small@1", known=KNOWN, value=value)


def facts(*rows: RowFacts) -> Facts:
    return Facts(in_force="small@1", rows=rows)


def codes(decision: object) -> list[str]:
    assert not isinstance(decision, Permit)
    return [reason.code for reason in getattr(decision, "reasons", ())]


def test_deciding_loads_neither_numpy_nor_sqlglot() -> None:
    program = (
        "import sys, sekisho.engine.gate as gate; from sekisho.engine.policy import expression; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'numpy', 'sqlglot', 'pyarrow', 'django', 'ruamel'}))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_permit_without_obligations_is_made_once(table: Table) -> None:
    one, other = (decide(table, ask("bill"), facts(row("bill"))) for _ in range(2))
    assert isinstance(one, Permit)
    assert one is other


def test_a_row_nobody_brought_refuses(table: Table) -> None:
    assert codes(decide(table, ask("bill", "identity"), facts(row("bill")))) == ["gate.facts-missing"]
    assert codes(decide(table, ask("bill", persons=("p1", "p2")), facts(row("bill")))) == ["gate.facts-missing"]
    assert codes(decide(table, ask("bill"), facts())) == ["gate.facts-missing"]
    assert codes(decide(table, ask("bill"), facts(row("identity")))) == ["gate.facts-missing"]


def test_asking_nothing_refuses(table: Table) -> None:
    assert codes(decide(table, ask(), facts())) == ["gate.nothing-asked"]
    assert codes(decide(table, ask("bill", persons=()), facts(row("bill")))) == ["gate.nothing-asked"]


def test_an_instant_without_zone_refuses(table: Table) -> None:
    naive = datetime(2026, 11, 20, 3)  # noqa: DTZ001  that is the point
    assert codes(decide(table, ask("bill", at=naive), facts(row("bill")))) == ["gate.time-unknown"]


def test_a_word_that_is_no_act_refuses(table: Table) -> None:
    asked = Ask(actor="a", act="borrow", data_subjects=("p1",), items=("bill",), purpose="billing", at=AT)
    assert "gate.unknown-act" in codes(decide(table, asked, facts(row("bill"))))


def test_all_persons_must_permit(table: Table) -> None:
    not_agreed = VALUE & ~SLOT["purpose_accepted"].mask
    both = facts(row("bill"), row("bill", "p2", not_agreed))
    assert isinstance(decide(table, ask("bill", persons=("p1", "p2")), both), NeedsConsent)


def test_one_reason_of_many_rows_is_told_once(table: Table) -> None:
    against = VALUE | SLOT["suppressed"].mask
    rows = [row("bill", f"p{number}", against) for number in range(3)]
    decision = decide(table, ask("bill", persons=("p0", "p1", "p2")), facts(*rows))
    assert codes(decision) == ["gate.suppressed"]


def test_a_consent_that_would_not_cure_is_not_suggested(table: Table) -> None:
    agreed_only = VALUE & ~SLOT["purpose_accepted"].mask
    needs = decide(table, ask("bill"), facts(row("bill", value=agreed_only)))
    assert isinstance(needs, NeedsConsent)
    assert "同意を得てください" in needs.reasons[0].remedy
    refused = decide(table, ask("bill"), facts(row("bill", value=agreed_only | SLOT["suppressed"].mask)))
    assert isinstance(refused, Refuse)
    by_slot = {reason.slot: reason for reason in refused.reasons}
    assert "得てください" not in by_slot["purpose_accepted"].remedy
    english = reasons_json(refused, "en")["reasons"]
    assert isinstance(english, list)
    assert "would not help" in next(one["remedy"] for one in english if one["slot"] == "purpose_accepted")


def test_what_a_caller_wrote_is_not_repeated(table: Table) -> None:
    """An unknown name may be a phone number put in the wrong place: it must not reach answers, logs or evidence."""
    written = "09001234567"
    asked = Ask(
        actor="a", act=Act.JOINT_USE, data_subjects=("p1",), items=(written,), purpose=written, recipient=written, at=AT
    )
    known = RowFacts(data_subject="p1", subject_kind=written, item=written, era=written, known=KNOWN, value=VALUE)
    decision = decide(
        table, asked, Facts(in_force="small@1", rows=(known,), grounds=(written,), recipient_kind=written)
    )
    assert isinstance(decision, Refuse)
    assert written not in repr(decision)


def test_a_ground_without_a_claim_opens_nothing(table: Table) -> None:
    claimed = Facts(in_force="small@1", rows=(row("traffic.callee"),), grounds=("E1", "warrant"))
    assert codes(decide(table, ask("traffic.callee", purpose="E1"), claimed)) == ["gate.unknown-claim"]


def test_the_table_of_contract_clauses(table: Table) -> None:
    policy = load({"policy.yaml": (FOLDER / "policy.yaml").read_text(encoding="utf-8")})
    assert required_clauses(policy, "billing", "billing_contractor") == {"protection", "audit"}


def test_the_reference_page_is_the_list(request: pytest.FixtureRequest) -> None:
    page = Path(__file__).resolve().parents[3] / "docs" / "reference" / "slots.md"
    if request.config.getoption("--update-golden"):
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(slots_page(law()), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == slots_page(law()), "run pytest --update-golden tests/engine/gate"


def test_the_json_shape(table: Table) -> None:
    told = reasons_json(decide(table, ask("bill"), facts(row("bill", value=VALUE | SLOT["suppressed"].mask))), "en")
    assert set(told) == {"decision", "reasons", "obligations", "policy"}
    assert told["decision"] == "refuse"
    assert told["policy"] == "small@1"
    reasons = told["reasons"]
    assert isinstance(reasons, list)
    assert {"code", "clause", "article", "message", "remedy"} <= set(reasons[0])


def test_every_code_has_words_in_both_languages() -> None:
    known = texts("sekisho.engine.gate")
    for code in {*rules().codes, *(slot.code for slot in SLOTS)}:
        assert {"ja", "ja_remedy", "en", "en_remedy"} <= set(known[code]), code
    for slot in SLOTS:
        assert {"ja_label", "en_label"} <= set(known[slot.code]), slot.name


def test_every_citation_is_in_the_law_packs() -> None:
    for keys in (*rules().codes.values(), *(slot.cites for slot in SLOTS)):
        for key in keys:
            assert law().cite(key).article


def test_a_fact_nobody_asks_for_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        facts_words({"horoscope": True})


def test_words_carry_what_is_known_and_what_it_is() -> None:
    known, value = facts_words({"deceased": False, "objection": True, "restricted": None})
    assert [slot.name for slot in slots_in(known)] == ["deceased", "objection"]
    assert [slot.name for slot in slots_in(value)] == ["objection"]
    assert not WANT & SLOT["objection"].mask
