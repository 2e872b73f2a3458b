"""Law and promise side by side: who decides, and what stands against both."""

from datetime import date

import pytest

from sekisho.casework.subject_requests.rules.deciding import Answer, Decides, Weighed, weighed
from sekisho.engine.erasure.periods import Because, End, Keep
from sekisho.engine.erasure.rules import RuleKind
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Right

ON = date(2026, 11, 30)


def reason(rule: RuleKind, end: End = End.DATED, until: date | None = date(2030, 1, 1)) -> Because:
    return Because(
        rule=rule, clause="B-20", article="", since=None, until=until, end=end, says="理由", says_en="reason"
    )  # fmt: skip


def weigh(*because: Because, kind: str = "suspension", broader: bool = True, ground: bool = False) -> Weighed:
    right = Right(
        id=kind, clause="B-34", published=True, channels=(), reply=(), fee_yen=None, fee_when=(), instruments=(),
        broader_than_law=broader,
    )  # fmt: skip
    keep = Keep(item="bill", subject_kind="customer", until=date(2030, 1, 1), end=End.DATED, because=because)
    return weighed(keep, kind=law().request(kind), right=right, ground_accepted=ground, on=ON)


def test_a_promise_that_goes_beyond_the_law_grants_without_a_ground() -> None:
    found = weigh(reason(RuleKind.POLICY))
    assert (found.law, found.promise, found.answer, found.decides) == (
        Answer.REFUSE, Answer.GRANT, Answer.GRANT, Decides.PROMISE,
    )  # fmt: skip


def test_without_the_promise_the_law_decides() -> None:
    assert weigh(broader=False).answer is Answer.REFUSE
    granted = weigh(broader=False, ground=True)
    assert (granted.answer, granted.decides) == (Answer.GRANT, Decides.LAW)


@pytest.mark.parametrize("rule", [RuleKind.FLOOR, RuleKind.CLAIM, RuleKind.HOLD])
@pytest.mark.parametrize("ground", [True, False])
def test_floors_claims_and_holds_stand_against_both(rule: RuleKind, ground: bool) -> None:
    found = weigh(reason(RuleKind.POLICY), reason(rule), ground=ground)
    assert (found.answer, found.decides, found.because[0].rule) == (Answer.REFUSE, Decides.KEEPING, rule)


def test_a_floor_that_is_over_binds_nobody_and_an_unknown_day_binds() -> None:
    assert weigh(reason(RuleKind.FLOOR, until=date(2026, 11, 29))).answer is Answer.GRANT
    assert weigh(reason(RuleKind.FLOOR, End.UNKNOWN, None)).answer is Answer.REFUSE


def test_a_contract_that_runs_keeps_what_it_needs() -> None:
    assert weigh(reason(RuleKind.POLICY, End.OPEN, None)).decides is Decides.KEEPING


def test_keeping_is_no_reason_to_go_on_providing_or_not_to_correct() -> None:
    assert weigh(reason(RuleKind.FLOOR), kind="provision_stop").answer is Answer.GRANT
    assert weigh(reason(RuleKind.FLOOR), kind="correction", ground=True, broader=False).answer is Answer.GRANT
    assert weigh(reason(RuleKind.FLOOR), kind="disclosure", broader=False).answer is Answer.GRANT


def test_every_kind_has_grounds_of_law_with_their_articles() -> None:
    known = law(ON)
    for table in (known.request_grounds, known.refusals):
        for ground in table.values():
            assert ground.cites
            assert all(known.cite(key).article for key in ground.cites)
            assert set(ground.kinds) <= set(known.requests)
    for kind, request in known.requests.items():
        assert bool([one for one in known.request_grounds.values() if kind in one.kinds]) is request.ground_needed
