"""Loading: every fault at once, each at its place."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sekisho.engine.errors import DocumentRefused, Fault, Severity
from sekisho.engine.policy.load import check, load
from sekisho.engine.policy.model import DataKind, Policy

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "policy"


def codes(text: str) -> list[str]:
    return [fault.code for fault in check({"policy.yaml": text})[1]]


def faults_of(text: str) -> list[Fault]:
    return list(check({"policy.yaml": text})[1])


def test_a_good_document_loads_with_its_values(small: Policy) -> None:
    assert small.era == "small@1.0"
    assert list(small.clauses) == [f"S-{number:02d}" for number in range(1, 9)]
    assert small.classes["traffic"].fields["charged"].kind is DataKind.COMMUNICATIONS_SECRECY
    assert small.classes["bill"].fields["unpaid_yen"].kind is DataKind.ARREARS
    assert small.classes["bill"].fields["due_on"].type == "date"
    assert small.clauses["S-03"].heading == "取り扱う情報"  # headings hold until the next one
    assert small.purposes["billing"].place is not None
    assert small.place("rights.disclosure.fee_yen").column > small.place("rights.disclosure").column


def test_every_fault_of_a_broken_document_is_named_at_once(golden: Callable[[str, str], None]) -> None:
    text = (GOLDEN / "broken" / "policy.yaml").read_text(encoding="utf-8")
    policy, faults = check({"policy.yaml": text})
    assert policy is None
    lines = []
    for fault in faults:
        lines.append(f"{fault.place} {fault.severity} {fault.code} {fault.place.field}")
        lines.append(f"    {fault.message('ja')} / {fault.remedy('ja')}")
        lines.append(f"    {fault.message('en')} / {fault.remedy('en')}")
    golden("policy/broken/errors.txt", "\n".join(lines) + "\n")


def test_two_faults_in_one_file_are_both_refused_by_place(small_text: str) -> None:
    broken = small_text.replace("purpose: billing, of: [customer, bill", "purpose: biling, of: [customer, bill")
    broken = broken.replace("after: due_on", "after: due_day")
    with pytest.raises(DocumentRefused) as refused:
        load({"policy.yaml": broken})
    found = {fault.code: fault for fault in refused.value.faults}
    assert set(found) == {"policy.unknown-purpose", "policy.unknown-word"}
    purpose, event = found["policy.unknown-purpose"], found["policy.unknown-word"]
    line = broken.splitlines()[purpose.place.line - 1]
    assert line[purpose.place.column - 1 :].startswith("biling")
    assert broken.splitlines()[event.place.line - 1][event.place.column - 1 :].startswith("due_day")
    assert "`billing`" in purpose.remedy()


def test_a_lost_clause_is_a_fault_with_its_id(small_text: str) -> None:
    without = "\n".join(line for line in small_text.splitlines() if not line.startswith("  S-07:"))
    found = [fault for fault in faults_of(without) if fault.code == "policy.lost-clause"]
    assert [fault.clause for fault in found] == ["S-07"]


def test_a_class_used_without_retention_is_refused(small_text: str) -> None:
    without = "\n".join(line for line in small_text.splitlines() if "items: [bill], of: [customer], after" not in line)
    found = [fault for fault in faults_of(without) if fault.severity is Severity.ERROR]
    assert [fault.code for fault in found] == ["policy.no-retention"]
    assert found[0].values["held"] == "bill"


def test_retention_must_cover_every_kind_of_person_a_use_reaches(small_text: str) -> None:
    narrower = small_text.replace(
        "items: [identity], of: [customer, bill_recipient], after", "items: [identity], of: [customer], after"
    )
    found = [fault for fault in faults_of(narrower) if fault.code == "policy.no-retention"]
    assert [fault.values["of"] for fault in found] == ["bill_recipient"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("secrecy_ground: justified_business, ", "", "policy.no-secrecy-ground"),
        (
            "purpose: marketing, of: [customer], items: [identity.name",
            "purpose: marketing, secrecy_ground: justified_business, of: [customer], items: [traffic",
            "policy.ground-not-for-nature",
        ),
        ("items: [identity.name, bill.unpaid_yen]", "items: [traffic]", "policy.secrecy-leaves"),
        ("items: [identity.name, bill.unpaid_yen]", "items: []", "policy.empty"),
        ("keep: P6M", "keep: six months", "policy.bad-duration"),
        ("effective_on: 2026-04-01", "effective_on: 2026-04-31", "policy.bad-date"),
        ('version: "1.0"', "version: 1.0", "policy.not-text"),
        ("telecom_carrier: true", "telecom_carrier: maybe", "policy.not-boolean"),
        ("fee_yen: 660", "fee_yen: -1", "policy.not-integer"),
        ("needs: [channel_consent]", "needs: [chanel_consent]", "policy.unknown-word"),
        ("nature: marketing", "nature: merketing", "policy.unknown-law"),
        ("when: bill.due_on < today", "when: bill.due_day < today", "expression.unknown-name"),
        ("when: bill.due_on < today", "when: traffic.started_at < today", "expression.unknown-name"),
        ("{identity.birth_date: year}", "{identity.birth_date: yaer}", "policy.unknown-word"),
        ("{identity.birth_date: year}", "{identity.mail: mask4}", "policy.transform-of-nothing"),
        ("{operator.name}は", "{operator.nmae}は", "policy.unknown-placeholder"),
        ("{operator.name}は", "{operator}は", "policy.unknown-placeholder"),
        ("proof: policies.operator_named", "proof: operator", "policy.bad-proof"),
        (
            'edition: "2022", clause: S-01}\n  - {id: tele',
            'edition: "2020", clause: S-01}\n  - {id: tele',
            "policy.unknown-edition",
        ),
        ("sekisho: 1", "sekisho: 2", "policy.not-one-of"),
        ("to: [debt_assignee]", "to: [assignee]", "policy.unknown-recipient"),
        ("of: [customer]\n    clause: S-03", "of: [customers]\n    clause: S-03", "policy.unknown-subject-kind"),
        ("clause: S-06, foreign: false", "clause: S-33, foreign: false", "policy.unknown-clause"),
        ("kind: third_party_provision", "kind: provision", "policy.not-one-of"),
        ('opens: "09:00"', "opens: 9am", "policy.bad-time"),
        ("operator:", "oparator:", "policy.unknown-key"),
        ("desks:\n", "desks:\n  Desk-1: {}\n", "policy.bad-identifier"),
        ("  S-02: {heading", "  S-02: {heading: a, heading", "policy.duplicate-key"),
    ],
)
def test_one_slip_gives_its_code(small_text: str, old: str, new: str, code: str) -> None:
    assert old in small_text
    assert code in codes(small_text.replace(old, new))


def test_a_floor_the_period_undercuts_is_refused(small_text: str) -> None:
    shorter = small_text.replace("keep: P6M, clause", 'keep: P6M, floor: "law:mobile-phone-act-4-2", clause')
    assert "policy.keep-below-floor" in codes(shorter)
    longer = shorter.replace("keep: P6M", "keep: P3Y")
    assert "policy.keep-below-floor" not in codes(longer)


def test_yaml_that_cannot_be_read_says_where() -> None:
    fault = faults_of("sekisho: 1\npolicy: {id: small\n")[0]
    assert (fault.code, fault.place.line > 1) == ("policy.not-yaml", True)
    assert codes("") == ["policy.empty-file"]
    assert codes("- 1\n- 2\n")[0] == "policy.wrong-type"
    assert codes("[" * 5000)[0] == "policy.not-yaml"
    assert "policy.no-policy-file" in [fault.code for fault in check({"other.yaml": "a: 1"})[1]]


def test_a_prohibited_use_is_a_warning_not_an_error(small_text: str) -> None:
    changed = small_text.replace("items: [traffic], clause: S-03}", "items: [traffic, identity.mail], clause: S-03}")
    policy, faults = check({"policy.yaml": changed})
    assert policy is not None
    assert [(fault.code, fault.severity) for fault in faults] == [("policy.use-prohibited", Severity.WARNING)]


def test_sentences_may_live_in_texts(small_text: str) -> None:
    line = next(line for line in small_text.splitlines() if line.startswith("  S-07:"))
    apart = small_text.replace(line, "  S-07: {heading: 保存}")
    assert "policy.no-sentence" in codes(apart)
    files = {"policy.yaml": apart, "texts/keeping.yaml": "S-07: {ja: 期間を定めます。, en: We set periods.}\n"}
    assert load(files).clauses["S-07"].says.ja == "期間を定めます。"
    twice = {"policy.yaml": small_text, "texts/keeping.yaml": "S-07: 期間を定めます。\nS-99: 無い条です。\n"}
    assert {fault.code for fault in check(twice)[1]} >= {"policy.said-twice", "policy.unknown-clause"}


def test_the_hash_is_the_same_wherever_the_folder_stands(small_text: str) -> None:
    here = load({"policy.yaml": small_text})
    there = load({"some/where/policy.yaml": small_text.replace("\n", "\r\n")})
    assert here.sha256 == there.sha256
    other = load({"policy.yaml": small_text.replace("P6M", "P5M")})
    assert other.sha256 != here.sha256
    with_map = load({"policy.yaml": small_text, "datamap.yaml": "x: 1\n"})
    assert with_map.sha256 != here.sha256


def test_no_prefix_of_a_policy_crashes_the_loader(small_text: str) -> None:
    for end in range(0, len(small_text), 293):
        policy, faults = check({"policy.yaml": small_text[:end]})
        assert policy is not None or any(fault.severity is Severity.ERROR for fault in faults)
        for fault in faults:
            assert fault.message()
            assert fault.remedy("en")


def test_both_carriers_policies_load_whole(published: Policy) -> None:
    assert len(published.clauses) == published.clause_count
    assert published.clause_count in {37, 104}
