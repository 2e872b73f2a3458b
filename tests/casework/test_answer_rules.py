"""What may be answered: promises hold, laws hold, refusals name their ground; and what no spreadsheet may run."""

from dataclasses import replace

import pytest

from sekisho.casework.subject_requests.queries.packages import neutral, unzipped, zipped
from sekisho.casework.subject_requests.rules import Outcome
from sekisho.casework.subject_requests.rules.answering_lines import (
    GO_ON,
    LIMIT,
    STOP,
    AnswerLine,
    Decision,
    Grounds,
    answering,
    decided,
    letter_of,
    outcome_of,
    require_lawful_parts,
)
from sekisho.casework.subject_requests.rules.deciding import Answer, Decides, Weighed
from sekisho.engine.erasure.periods import Because, End
from sekisho.engine.erasure.rules import RuleKind
from sekisho.engine.errors import SekishoError
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Text

GRANT, REFUSE = Answer.GRANT, Answer.REFUSE
LAWFUL = Weighed(
    item="identity", law=GRANT, promise=None, answer=GRANT, decides=Decides.LAW, clause="B-74", because=()
)  # fmt: skip
GROUNDED = replace(LAWFUL, law=REFUSE, answer=REFUSE)  # the law wants a ground
PROMISED = replace(LAWFUL, law=REFUSE, promise=GRANT, decides=Decides.PROMISE, clause="B-34")
KEPT = replace(LAWFUL, answer=REFUSE, decides=Decides.KEEPING)
STOPPING = Grounds(asking=("no_longer_needed",), refusing=("no_ground", "costly", "not_living"))
SHOWING = Grounds(asking=(), refusing=("harm", "hindrance"))


def word(answer: Answer, ground: str = "", effect: str = "") -> Decision:
    return Decision(item="identity", place="", answer=answer, ground=ground, effect=effect)


def code(*given: object) -> str:
    with pytest.raises(SekishoError) as raised:
        decided(*given)  # type: ignore[arg-type]
    return raised.value.code


def test_without_a_word_the_weighing_answers() -> None:
    assert decided(LAWFUL, None, SHOWING) == (GRANT, Decides.LAW, "", "")
    assert decided(PROMISED, None, STOPPING) == (GRANT, Decides.PROMISE, "", "")
    assert decided(GROUNDED, None, STOPPING) == (REFUSE, Decides.LAW, "no_ground", "")
    assert decided(KEPT, None, STOPPING) == (REFUSE, Decides.KEEPING, "", LIMIT)


def kept_by(*rules: RuleKind) -> Weighed:
    because = tuple(
        Because(
            rule=rule, clause="B-20", article="", since=None, until=None, end=End.OPEN, says="理由", says_en="reason"
        )
        for rule in rules
    )
    return replace(KEPT, because=because)


@pytest.mark.parametrize(
    ("rules", "effect"),
    [
        ((RuleKind.FLOOR,), STOP), ((RuleKind.HOLD,), STOP), ((RuleKind.FLOOR, RuleKind.HOLD), STOP),
        ((RuleKind.CLAIM,), LIMIT), ((RuleKind.POLICY,), LIMIT), ((RuleKind.FLOOR, RuleKind.CLAIM), LIMIT),
    ],
)  # fmt: skip
def test_what_only_law_keeps_is_used_for_nothing_and_what_a_contract_keeps_for_nothing_else(
    rules: tuple[RuleKind, ...], effect: str
) -> None:
    assert decided(kept_by(*rules), None, STOPPING) == (REFUSE, Decides.KEEPING, "", effect)
    assert decided(kept_by(*rules), word(REFUSE, effect=GO_ON), STOPPING)[3] == ""
    assert code(kept_by(*rules), word(GRANT), STOPPING) == "requests.must-be-kept"


def test_purposes_are_named_only_where_use_is_stopped() -> None:
    named = Decision(item="identity", place="", answer=GRANT, effect=STOP, purposes=("analysis",))
    assert decided(PROMISED, named, STOPPING) == (GRANT, Decides.PROMISE, "", STOP)
    assert code(PROMISED, replace(named, effect=""), STOPPING) == "requests.purposes-without-stop"
    assert code(KEPT, replace(named, answer=REFUSE), STOPPING) == "requests.purposes-without-stop"


def test_what_nobody_asked_about_is_no_part_of_the_answer_and_keeps_it_from_erasing() -> None:
    unasked = Decision(item="identity", place="", answer=Answer.UNASKED)
    assert decided(PROMISED, unasked, STOPPING)[0] is Answer.UNASKED
    asked, other = line(GRANT, effect=STOP), line(Answer.UNASKED)
    assert outcome_of((asked, other), is_complete=True) is Outcome.GRANTED
    require_lawful_parts("suspension", (asked, other))
    require_lawful_parts("suspension", ())
    require_lawful_parts("disclosure", (line(GRANT), other))
    require_lawful_parts("suspension", (line(GRANT), replace(line(REFUSE), decides=Decides.KEEPING)))
    for kind, lines, expected in (
        ("disclosure", (other, other), "requests.nothing-asked"),
        ("suspension", (line(GRANT), other), "requests.erases-everything"),
        ("suspension", (line(GRANT), line(REFUSE)), "requests.erases-everything"),
    ):
        with pytest.raises(SekishoError) as raised:
            require_lawful_parts(kind, lines)
        assert raised.value.code == expected


def test_what_is_kept_and_stopped_is_a_part_granted() -> None:
    assert outcome_of((line(REFUSE, effect=LIMIT),), is_complete=True) is Outcome.PARTIAL
    assert outcome_of((line(REFUSE),), is_complete=True) is Outcome.REFUSED


def line(answer: Answer, effect: str = "") -> AnswerLine:
    return AnswerLine(
        item="identity", place="crm.customers", label=Text("氏名"), where=Text(""), answer=answer, decides=Decides.LAW,
        clause="B-34", effect=effect,
    )  # fmt: skip


def test_a_refusal_names_a_ground_of_law_for_this_kind() -> None:
    assert decided(LAWFUL, word(REFUSE, "harm"), SHOWING) == (REFUSE, Decides.LAW, "harm", "")
    assert code(LAWFUL, word(REFUSE), SHOWING) == "requests.refusal-needs-ground"
    assert code(LAWFUL, word(REFUSE, "costly"), SHOWING) == "requests.unknown-ground"


def test_what_the_policy_promises_is_not_taken_back_by_what_the_law_would_not_have_asked() -> None:
    for ground in answering()["promise"]["outweighs"]:
        assert code(PROMISED, word(REFUSE, ground), STOPPING) == "requests.promised"
    assert decided(PROMISED, word(REFUSE, "true"), Grounds(asking=(), refusing=("true",)))[0] is REFUSE


def test_where_the_law_wants_a_ground_granting_takes_one() -> None:
    assert code(GROUNDED, word(GRANT), STOPPING) == "requests.grant-needs-ground"
    assert code(GROUNDED, word(GRANT, "harm"), STOPPING) == "requests.unknown-ground"
    accepted = decided(GROUNDED, word(GRANT, "no_longer_needed", "stop"), STOPPING)
    assert accepted == (GRANT, Decides.LAW, "no_longer_needed", "stop")


def test_what_must_be_kept_and_what_nothing_is_said_about_are_not_granted() -> None:
    assert code(KEPT, word(GRANT), STOPPING) == "requests.must-be-kept"
    barred = replace(LAWFUL, law=REFUSE, answer=REFUSE, bar="not_living")
    assert code(barred, word(GRANT), SHOWING) == "requests.barred"
    assert decided(barred, word(REFUSE, "harm"), SHOWING)[2] == "not_living"


def lines(*answers: Answer) -> list[AnswerLine]:
    return [
        AnswerLine(
            item=str(number), place="", label=Text("x"), where=Text(""), answer=one, decides=Decides.LAW, clause="B-1"
        )
        for number, one in enumerate(answers)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "complete", "outcome"),
    [
        ((GRANT, GRANT), True, Outcome.GRANTED),
        ((GRANT, REFUSE), True, Outcome.PARTIAL),
        ((REFUSE, REFUSE), True, Outcome.REFUSED),
        ((), True, Outcome.NOTHING_HELD),
        ((GRANT, GRANT), False, Outcome.PARTIAL),
        ((REFUSE,), False, Outcome.PARTIAL),
        ((), False, Outcome.PARTIAL),
    ],
)
def test_the_outcome_is_what_the_lines_come_to(answers: tuple[Answer, ...], complete: bool, outcome: Outcome) -> None:
    assert outcome_of(lines(*answers), is_complete=complete) is outcome


def test_every_kind_of_request_and_every_outcome_has_a_letter() -> None:
    for kind in law().requests:
        for outcome in (Outcome.GRANTED, Outcome.PARTIAL, Outcome.REFUSED, Outcome.NOTHING_HELD):
            assert letter_of(kind, outcome)
    known = law()
    assert answering()["no_ground"] in known.refusals
    assert set(answering()["promise"]["outweighs"]) <= set(known.refusals)
    for table in ("gathered", "records", "corrected"):
        assert set(answering()[table]) <= set(known.requests)


@pytest.mark.parametrize(
    "text", ["=1+1", "+81", "-x", "@SUM(A1)", " =1", "＝HYPERLINK()", "＋1", "－1", "＠a", "\t=1", "\r=1"]
)
def test_no_spreadsheet_takes_a_text_for_a_formula(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "a=1", "𠮷田", "090-0000-0000", "2026-11-23"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert neutral(text) == text


def test_files_packed_twice_in_any_order_are_the_same_bytes() -> None:
    files = {"2_データ.json": b"{}", "1_ご回答.pdf": b"%PDF"}
    assert zipped(files) == zipped(dict(reversed(files.items())))
    assert unzipped(zipped(files)) == files
