"""The language-neutral cases of tests/golden/answers, run as its README says; and what holds whatever is asked."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sekisho.casework.subject_requests.rules.deciding import Answer, Decides, Weighed, weighed
from sekisho.engine.erasure.periods import Because, End, Keep
from sekisho.engine.erasure.rules import RuleKind
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Right

FOLDER = Path(__file__).resolve().parents[1] / "golden" / "answers"
ON = date(2026, 11, 30)
LATER, BEFORE = date(2030, 1, 1), date(2026, 11, 29)
KEEPS: Mapping[str, tuple[tuple[RuleKind, End, date | None], ...]] = {
    "nothing": (),
    "period_runs": ((RuleKind.POLICY, End.DATED, LATER),),
    "contract_runs": ((RuleKind.POLICY, End.OPEN, None),),
    "floor": ((RuleKind.POLICY, End.DATED, LATER), (RuleKind.FLOOR, End.DATED, LATER)),
    "floor_over": ((RuleKind.FLOOR, End.DATED, BEFORE),),
    "floor_unknown": ((RuleKind.FLOOR, End.UNKNOWN, None),),
    "claim": ((RuleKind.CLAIM, End.OPEN, None),),
    "hold": ((RuleKind.HOLD, End.DATED, LATER),),
}


@cache
def cases() -> tuple[Mapping[str, Any], ...]:
    yaml = YAML(typ="safe")
    return tuple(
        case for path in sorted(FOLDER.glob("*.yaml")) for case in yaml.load(path.read_text(encoding="utf-8"))["cases"]
    )


def answered(
    *,
    kind: str,
    ground: bool,
    broader: bool,
    keep: str,
    bar: str = "",
    lifted: bool = False,
    never_collected: bool = False,
) -> Weighed:
    right = Right(
        id=kind, clause="B-34", published=True, channels=(), reply=(), fee_yen=None, fee_when=(), instruments=(),
        broader_than_law=broader,
    )  # fmt: skip
    because = tuple(
        Because(rule=rule, clause="B-20", article="", since=None, until=until, end=end, says="理由", says_en="reason")
        for rule, end, until in KEEPS[keep]
    )
    kept = Keep(item="bill", subject_kind="customer", until=LATER, end=End.DATED, because=because)
    return weighed(
        kept, kind=law(ON).request(kind), right=right, ground_accepted=ground, on=ON, bar=bar, lifted=lifted,
        never_collected=never_collected,
    )  # fmt: skip


@pytest.mark.parametrize("case", cases(), ids=[case["id"] for case in cases()])
def test_case(case: Mapping[str, Any]) -> None:
    found = answered(**case["ask"])
    told = {
        "answer": found.answer.value,
        "decides": found.decides.value,
        "law": found.law.value,
        "promise": found.promise.value if found.promise else None,
    }
    assert told | ({"bar": found.bar} if found.bar else {}) == case["want"]


def test_every_kind_ground_promise_and_keeping_has_its_case() -> None:
    asked = {
        (one["ask"]["kind"], one["ask"]["ground"], one["ask"]["broader"], one["ask"]["keep"])
        for one in cases()
        if not {"bar", "lifted", "never_collected"} & one["ask"].keys()
    }
    assert len(asked) == len(law(ON).requests) * 4 * len(KEEPS)
    assert len({one["id"] for one in cases()}) == len(cases())


def test_what_a_case_cites_exists() -> None:
    for case in cases():
        for key in case["cites"]:
            assert key.startswith("B-") or law(ON).cite(key).article


ASKS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(sorted(law(ON).requests)),
        "ground": st.booleans(),
        "broader": st.booleans(),
        "keep": st.sampled_from(sorted(KEEPS)),
        "bar": st.sampled_from(["", "not_living", "secrecy_after_death"]),
        "never_collected": st.booleans(),
        "lifted": st.booleans(),
    }
)


@given(ASKS)
def test_a_refusal_always_says_on_what_it_rests(ask: dict[str, Any]) -> None:
    found = answered(**ask)
    if found.answer is Answer.GRANT:
        assert Answer.GRANT in (found.law, found.promise)
        assert not found.bar
        assert found.law is Answer.REFUSE or not ask["bar"], "what the law bars, only a promise grants"
        return
    refusals = {one.id for one in law(ON).refusals.values() if ask["kind"] in one.kinds}
    assert found.because or found.bar in refusals or (found.law is Answer.REFUSE and refusals and not found.bar)
    assert bool(found.because) is (found.decides is Decides.KEEPING)


@given(ASKS)
def test_a_broader_promise_or_an_accepted_ground_never_makes_an_answer_worse(ask: dict[str, Any]) -> None:
    better = {Answer.REFUSE: 0, Answer.GRANT: 1}
    found = answered(**ask)
    for more in ({"ground": True}, {"broader": True}, {"never_collected": True}, {"lifted": True}, {"keep": "nothing"}):
        assert better[answered(**{**ask, **more}).answer] >= better[found.answer]


@given(ASKS)
def test_keeping_stands_only_against_erasure(ask: dict[str, Any]) -> None:
    if ask["kind"] != "suspension":
        assert answered(**ask).answer is answered(**{**ask, "keep": "nothing"}).answer


@given(ASKS)
def test_what_needs_no_ground_is_granted_to_the_living(ask: dict[str, Any]) -> None:
    if not law(ON).request(ask["kind"]).ground_needed:
        assert answered(**{**ask, "bar": ""}).answer is Answer.GRANT
