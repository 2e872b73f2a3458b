"""The linter finds in the two carriers' policies what LAW.md section 8 says is wrong with them, and nothing in a sound one."""

import tomllib
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest

from sekisho.engine.errors import Severity
from sekisho.engine.law.pack import law
from sekisho.engine.policy.lint import RULES, lint
from sekisho.engine.policy.lint.citing import cited
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy, Text

LAW = law(date(2026, 11, 23))


def found(policy: Policy, code: str) -> list[str]:
    return [fault.clause for fault in lint(policy, LAW) if fault.code == code]


def codes(policy: Policy) -> set[str]:
    return {fault.code for fault in lint(policy, LAW)}


def test_arlink(arlink: Policy) -> None:
    """LAW.md 8.4-8.14, as far as documents show it."""
    assert codes(arlink) >= {
        "lint.effective-date-unknown",
        "lint.operator-spelling",
        "lint.operator-unpublished",
        "lint.stricter-use-basis",
        "lint.stricter-entrustment",
        "lint.joint-use-incomplete",
        "lint.joint-item-without-use",
        "lint.exceptions-not-promised",
        "lint.broader-right",
        "lint.fee-not-allowed",
        "lint.fee-not-payable",
        "lint.fee-by-fax",
        "lint.fax-without-number",
        "lint.dead-paper",
        "lint.paper-burden",
        "lint.statutory-agents",
        "lint.hours-differ",
        "lint.request-kind-missing",
        "lint.cookie-without-recipient",
        "lint.cookie-contradiction",
        "lint.absolute-wording",
        "lint.security-measures",
        "lint.recipient-country-open",
    }
    dead = [fault.values["paper"] for fault in lint(arlink, LAW) if fault.code == "lint.dead-paper"]
    assert len(dead) == 3
    assert "B-24" in found(arlink, "lint.absolute-wording")
    missing = next(fault for fault in lint(arlink, LAW) if fault.code == "lint.joint-use-incomplete")
    assert "管理責任者の住所" in missing.values["missing"]
    assert missing.source == "個人情報保護法第27条第5項第3号"


def test_carrier(carrier: Policy) -> None:
    """LAW.md 8.1-8.3, 8.14, 9.18."""
    assert codes(carrier) >= {
        "lint.edition-superseded",
        "lint.number-moved",
        "lint.operator-unpublished",
        "lint.joint-use-incomplete",
        "lint.joint-users-open",
        "lint.deemed-consent",
        "lint.no-request-method",
        "lint.no-identity-evidence",
        "lint.security-measures",
        "lint.service-without-page",
        "lint.effective-date-unknown",
        "lint.request-kind-missing",
    }
    moved = {fault.clause: fault.values for fault in lint(carrier, LAW) if fault.code == "lint.number-moved"}
    assert set(moved) == {"A-17", "A-26", "A-27"}  # 5(3) kept its number
    assert moved["A-17"]["new"] == "電気通信事業ガイドライン第11条第1項"
    assert moved["A-17"]["today"] == "正確性の確保"
    assert moved["A-26"]["today"] == moved["A-27"]["today"] == "プライバシーポリシー"
    assert found(carrier, "lint.deemed-consent") == ["A-37"]


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("ガイドライン第15条第1項", [("15", "1")]),
        ("ガイドライン第１５条第１０項に当たる", [("15", "10")]),
        ("ガイドライン第十五条第十項", [("15", "10")]),
        ("ガイドライン15条1項、ガイドラインの15(10)", [("15", "1"), ("15", "10")]),
        ("ガイドライン第10条第1項各号、第15条第1項または第10項に", [("10", "1"), ("15", "1"), ("15", "10")]),
        ("ガイドラインに従い、第15条第1項", []),
    ],
)
def test_places_are_read_as_sentences_write_them(written: str, places: list[tuple[str, str]]) -> None:
    assert list(cited("ガイドライン", written)) == places


def test_a_number_that_moved_is_found_however_it_is_cited(carrier: Policy) -> None:
    """15(1) and 15(10) of the 2017 edition, named in one breath with 10(1)."""
    clause = carrier.clauses["A-26"]
    told = replace(clause, says=Text("ガイドライン第10条第1項、第十五条第1項および第１０項に挙げる場合を除きます。"))
    edited = replace(carrier, clauses={**carrier.clauses, "A-26": told})
    moved = [f.values for f in lint(edited, LAW) if (f.code, f.clause) == ("lint.number-moved", "A-26")]
    assert [values["found"] for values in moved] == [
        "ガイドライン第10条第1項", "ガイドライン第15条第1項", "ガイドライン第15条第10項"
    ]  # fmt: skip
    assert [values["new"] for values in moved] == [
        "電気通信事業ガイドライン第11条第1項", "電気通信事業ガイドライン第17条第1項", "電気通信事業ガイドライン第17条"
    ]  # fmt: skip


def test_papers_are_judged_on_the_day_of_the_law(arlink: Policy) -> None:
    then = [fault.values["paper"] for fault in lint(arlink, law(date(2025, 12, 1))) if fault.code == "lint.dead-paper"]
    assert then == ["外国人登録者証（外国人登録証明書）"]


def test_every_finding_names_its_place_source_and_texts(published: Policy) -> None:
    for fault in lint(published, LAW):
        assert fault.place.line > 0
        assert fault.source
        for language in ("ja", "en"):
            assert "{" not in fault.message(language) + fault.remedy(language)
        assert fault.clause == "" or fault.clause in published.clauses


def test_every_text_of_the_linter_is_used_by_a_rule() -> None:
    room = resources.files("sekisho.engine.policy.lint")
    texts = tomllib.loads(room.joinpath("texts.toml").read_text(encoding="utf-8"))
    source = "".join(file.read_text(encoding="utf-8") for file in room.iterdir() if file.name.endswith(".py"))
    assert [code for code in texts if f'"{code}"' not in source] == []
    assert len({rule.__name__ for rule in RULES}) == len(RULES)
    assert all(rule.__doc__ for rule in RULES)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("effective_on: 2026-04-01", "effective_on: unknown", "lint.effective-date-unknown"),
        ("representative: 久住 亮", "representative: unknown", "lint.operator-unpublished"),
        ("telecom_carrier: true", "telecom_carrier: true\n  also_written: [汐見テレコム]", "lint.operator-spelling"),
        ("fee_yen: 660, fee_when: [mail], instruments: [stamps]", "fee_yen: 660, fee_when: [mail], instruments: [postal_money_order]", "lint.fee-not-payable"),
        ("channels: [mail], reply: [mail, electronic]", "channels: [mail, fax], reply: [mail, electronic]", "lint.fee-by-fax"),
        ("    channels: [mail]\n    clause: S-08", "    channels: [mail, fax]\n    clause: S-08", "lint.fax-without-number"),
        ("foreign: false", "foreign: unknown", "lint.recipient-country-open"),
        ("keep: P6M", "keep: P2Y", "lint.log-too-long"),
        ("keep: P6M", "keep: P1M", "lint.log-short"),
        ("    days: [mon, tue, wed, thu, fri]\n", "", "lint.no-weekdays"),
        ("料金の請求のために使います。", "事故を確実に防止します。", "lint.absolute-wording"),
        ("料金の請求のために使います。", "電気通信事業法の規程に従います。", "lint.wrong-kitei"),
        ('edition: "2022", clause: S-01}\nsubjects', 'edition: "2017", clause: S-01}\nsubjects', "lint.edition-superseded"),
        ("published: true", "published: false", "lint.request-kind-missing"),
        ("rights:\n", "rights:\n  correction: {clause: S-08, published: true, channels: [mail], reply: [mail], fee_yen: 300, fee_when: [mail], instruments: [stamps]}\n", "lint.fee-not-allowed"),
    ],
)  # fmt: skip
def test_one_slip_is_one_finding_more(small_text: str, old: str, new: str, code: str) -> None:
    assert old in small_text
    before, after = (lint(load({"policy.yaml": text}), LAW) for text in (small_text, small_text.replace(old, new)))
    assert sum(fault.code == code for fault in after) == sum(fault.code == code for fault in before) + 1


def test_an_applicants_family_is_an_error_until_hired(small_text: str) -> None:
    text = small_text.replace(
        "  bill_recipient: {", "  job_applicant: {label: 応募者, clause: S-02}\n  bill_recipient: {"
    )
    text = text.replace("    of: [customer, bill_recipient]\n", "    of: [customer, bill_recipient, job_applicant]\n")
    text = text.replace("      name: {ja: 氏名", "      family: {ja: 家族}\n      name: {ja: 氏名")
    text = text.replace(
        "items: [identity], of: [customer, bill_recipient]",
        "items: [identity], of: [customer, bill_recipient, job_applicant]",
    )
    text = text.replace(
        "uses:\n", "uses:\n  - {purpose: billing, of: [job_applicant], items: [identity], clause: S-04}\n"
    )
    errors = [fault for fault in lint(load({"policy.yaml": text}), LAW) if fault.severity is Severity.ERROR]
    assert [fault.code for fault in errors] == ["lint.never-collect"]
    assert errors[0].source == "職業安定法第5条の5"
    hired = text.replace("items: [identity], clause: S-04}", "items: [identity], needs: [hired], clause: S-04}")
    assert not found(load({"policy.yaml": hired}), "lint.never-collect")
