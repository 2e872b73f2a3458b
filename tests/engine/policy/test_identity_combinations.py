"""Papers by combinations: what the language says, what the loader refuses, what the page says."""

from collections.abc import Callable

import pytest

from sekisho.engine.errors import Severity
from sekisho.engine.law.pack import law
from sekisho.engine.policy.lint.requests import REQUEST_RULES
from sekisho.engine.policy.load import check, load
from sekisho.engine.policy.model import Combination, WebCheck
from sekisho.engine.policy.render import render

SHORT = "identity_evidence: {one_of: [drivers_licence, health_insurance_card], and_all_of: [residence_record], %s"
AT = "desks:\n"
END = "other_ways: true, agent_papers: [power_of_attorney], clause: S-08}"
ANY = "identity_evidence: {any_of: [%s], " + END
Faults = Callable[[str], dict[str, tuple[int, int]]]


@pytest.fixture
def faults(small_text: str) -> Faults:
    """Codes of the errors of the small policy with other papers, each with line and column."""

    def found(papers: str) -> dict[str, tuple[int, int]]:
        _, faults = check({"policy.yaml": _with(small_text, papers)})
        return {one.code: (one.place.line, one.place.column) for one in faults if one.severity is Severity.ERROR}

    return found


def test_the_short_form_is_the_one_combination(small_text: str) -> None:
    short = load({"policy.yaml": _with(small_text, SHORT % END)}).identity_evidence
    long = ANY % "{one_of: [drivers_licence, health_insurance_card], and_all_of: [residence_record]}"
    assert short is not None
    assert short.any_of == (
        Combination(one_of=("drivers_licence", "health_insurance_card"), and_all_of=("residence_record",)),
    )
    assert load({"policy.yaml": _with(small_text, long)}).identity_evidence == short


@pytest.mark.parametrize(
    ("papers", "code"),
    [
        ("identity_evidence: {one_of: [passport], any_of: [{one_of: [passport]}], " + END, "policy.papers-said-twice"),
        ("identity_evidence: {and_all_of: [residence_record], any_of: [{one_of: [passport]}], " + END, "policy.papers-said-twice"),
        ("identity_evidence: {" + END, "policy.no-papers"),
        (ANY % "", "policy.no-papers"),
        (ANY % "{one_of: [passport, drivers_licence], how_many: 3}", "policy.papers-too-many"),
        (ANY % "{one_of: [passport, passport]}", "policy.paper-twice"),
        (ANY % "{one_of: [passport], and_all_of: [passport]}", "policy.paper-twice"),
    ],
)  # fmt: skip
def test_what_nobody_could_follow_is_refused(faults: Faults, papers: str, code: str) -> None:
    assert code in faults(papers)


def test_a_fault_is_named_at_its_place(faults: Faults, small_text: str) -> None:
    papers = "identity_evidence:\n  any_of:\n    - {one_of: [passport]}\n    - {one_of: [passport, drivers_licence], how_many: 3}\n  other_ways: true\n  clause: S-08"
    line = small_text[: small_text.index(AT)].count("\n") + 4
    found = faults(papers)
    assert list(found) == ["policy.papers-too-many"]
    assert found["policy.papers-too-many"][0] == line
    assert faults(papers.replace("how_many: 3", "how_many: 0"))
    assert faults(papers.replace("drivers_licence", "library_card"))


def test_a_check_of_web_requests_needs_the_web(small_text: str) -> None:
    broken = small_text.replace("channels: [mail], reply", "channels: [mail], web_check: email, reply", 1)
    _, faults = check({"policy.yaml": broken})
    assert [one.code for one in faults if one.severity is Severity.ERROR] == ["policy.web-check-without-web"]
    good = load({"policy.yaml": broken.replace("channels: [mail], web_check", "channels: [web], web_check", 1)})
    assert good.rights["disclosure"].web_check is WebCheck.E_MAIL
    assert load({"policy.yaml": small_text}).rights["disclosure"].web_check is WebCheck.NONE


def test_the_page_says_each_way_in_both_languages(small_text: str) -> None:
    papers = ANY % (
        "{one_of: [drivers_licence, passport]}, {one_of: [residence_card], and_all_of: [residence_record, seal_certificate]},"
        " {one_of: [residence_card, pension_book, driving_history], how_many: 2}"
    )
    policy = load({"policy.yaml": _with(small_text, papers)})
    ja, en = str(render(policy, law(), "ja")), str(render(policy, law(), "en"))
    assert (
        "次のいずれかの写しをお送りください。（1）運転免許証またはパスポートのうち1点。"
        "（2）在留カードと、住民票の写しと印鑑登録証明書。（3）在留カード、年金手帳、運転経歴証明書のうち2点。"
    ) in ja
    assert "(1) one of driving licence or passport." in en
    assert "together with copy of the residence record and certificate of the registered seal." in en


def test_a_burden_is_one_only_where_nobody_can_do_without(small_text: str) -> None:
    def burdens(papers: str) -> list[str]:
        policy = load({"policy.yaml": _with(small_text, papers)})
        return [one.code for rule in REQUEST_RULES for one in rule(policy, law()) if one.code == "lint.paper-burden"]

    both = "{one_of: [passport], and_all_of: [residence_record]}"
    assert burdens(ANY % both) == ["lint.paper-burden"]
    assert burdens(ANY % ("{one_of: [drivers_licence]}, " + both)) == []


def _with(text: str, papers: str) -> str:
    """The small policy, which names no papers, with these."""
    assert AT in text
    return text.replace(AT, papers + "\n" + AT, 1)
