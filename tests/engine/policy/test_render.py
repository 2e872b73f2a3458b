"""The published text: every clause once, in order, and what it says follows the rules."""

import re
from collections.abc import Callable
from datetime import date

import pytest

from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.page import html, markdown
from sekisho.engine.policy.phrases import Speech, phrases
from sekisho.engine.policy.reading_aloud import aloud
from sekisho.engine.policy.render import RenderedClause, render


def clauses(policy: Policy, language: str = "ja") -> dict[str, RenderedClause]:
    return {clause.id: clause for section in render(policy, law(), language) for clause in section.clauses}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_small_policy_reads_as_agreed(small: Policy, language: str, golden: Callable[[str, str], None]) -> None:
    golden(f"policy/small/rendered.{language}.md", markdown(small, law(), language))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_clause_stands_once_in_order_with_its_anchor(published: Policy, language: str) -> None:
    page = html(published, law(), language)
    anchors = re.findall(r'<article id="([^"]+)">', page)
    assert anchors == list(published.clauses)
    assert not re.search(r"style=|<script|https?://", page)
    for clause in clauses(published, language).values():
        assert clause.sentence
        assert not re.search(r"[{}]|None|Text\(", " ".join((clause.sentence, *clause.details)))


def test_forbidding_a_use_changes_the_published_text_of_purpose_and_class(small_text: str) -> None:
    before = clauses(load({"policy.yaml": small_text}))
    forbidden = small_text.replace(
        "prohibitions:\n", "prohibitions:\n  - {purpose: billing, items: [bill], clause: S-03}\n"
    )
    after = clauses(load({"policy.yaml": forbidden}))
    assert any("料金の情報" in said for said in before["S-04"].details)
    assert not any("料金の情報" in said for said in after["S-04"].details)
    assert "「料金の請求」「商品" in before["S-02"].details[0]
    assert "料金の請求" not in after["S-02"].details[1]
    assert any("料金の情報は、「料金の請求」のためには使いません" in said for said in after["S-03"].details)


def test_removing_every_use_of_a_purpose_says_that_nothing_is_used(small_text: str) -> None:
    lines = [line for line in small_text.splitlines() if not line.startswith("  - {purpose: billing, of")]
    after = clauses(load({"policy.yaml": "\n".join(lines)}))
    assert after["S-04"].details == ("「料金の請求」のために使う情報は、いまはありません。",)


def test_forbidding_everything_that_leaves_says_so(small_text: str) -> None:
    shut = small_text.replace(
        "prohibitions:\n", 'prohibitions:\n  - {purpose: "*", items: [identity, bill], clause: S-03}\n'
    )
    after = clauses(load({"policy.yaml": shut}))
    assert after["S-06"].details == ("いまは、どの項目も渡していません。",)
    assert any("どの目的にも使いません" in said for said in after["S-03"].details)


def test_a_changed_period_fee_and_condition_change_the_text(small_text: str) -> None:
    changed = small_text.replace("keep: P5Y", "keep: P1Y6M").replace("fee_yen: 660", "fee_yen: 1200")
    changed = changed.replace("bill.unpaid_yen > 0", "bill.unpaid_yen >= 10000")
    after = clauses(load({"policy.yaml": changed}))
    assert any("1年6か月間" in said for said in after["S-07"].details)
    assert after["S-08"].sentence == "開示の手数料は1,200円です。"
    assert any("1,200円" in said for said in after["S-08"].details)
    assert any("未払いの額が10,000円以上であること" in said for said in after["S-06"].details)


def test_conditions_can_be_read_aloud(small: Policy) -> None:
    speech = Speech(policy=small, law=law(), language="ja")
    assert aloud("!(bill.due_on >= today - days(30)) || recipient.foreign", speech) == (
        "「支払期日がその日の30日前以後であること」ではないこと、または提供先が外国にあること"
    )
    assert aloud('identity.name in ["甲", "乙"]', speech) == "氏名が「甲」、「乙」のいずれかであること"


def test_joint_use_without_its_elements_says_that_nothing_is_given(arlink: Policy) -> None:
    said = " ".join(detail for clause in clauses(arlink).values() for detail in clause.details)
    assert "公表していないため、共同利用による提供は行いません" in said
    assert "健康保険の被保険者証は、2025年12月1日を過ぎると本人確認に使えません" in said


def test_citations_follow_the_edition_the_policy_names(carrier: Policy, arlink: Policy) -> None:
    said = {policy.id: " ".join(d for c in clauses(policy).values() for d in c.details) for policy in (carrier, arlink)}
    assert "電気通信事業ガイドライン第10条第1項第1号" in said["carrier"]
    assert "電気通信事業ガイドライン第11条第1項第1号" in said["arlink"]
    assert "第11条第1項第1号" not in said["carrier"]


def test_both_languages_know_the_same_sentences() -> None:
    ja, en = phrases()["ja"], phrases()["en"]
    assert set(ja) == set(en)
    for key, said in ja.items():
        assert set(re.findall(r"{(\w+)}", said)) == set(re.findall(r"{(\w+)}", en[key])), key


def test_rendering_does_not_depend_on_the_day(small: Policy) -> None:
    assert render(small, law(), "ja") == render(small, law(date(2026, 11, 23)), "ja")
