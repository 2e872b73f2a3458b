"""Findings about the wording of the sentences, by the patterns in `wording.toml`."""

import re
from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.finding import finding, wording
from sekisho.engine.policy.model import Policy


def nothing_absolute_is_promised(policy: Policy, law: Law) -> Iterator[Fault]:
    """A promise nobody can keep is a target at best. Source: APPI 23, necessary and appropriate measures; LAW.md 8.13."""
    yield from _clauses_like("absolute", "lint.absolute-wording", policy, law)


def silence_is_not_consent(policy: Policy, law: Law) -> Iterator[Fault]:
    """Continued use is not consent to new purposes or provision. Source: APPI 18(1), 27(1); LAW.md 8.3."""
    yield from _clauses_like("deemed_consent", "lint.deemed-consent", policy, law)


def cookies_do_not_contradict(policy: Policy, law: Law) -> Iterator[Fault]:
    """Cookies said to identify nobody, and one that does. Source: APPI 2(1), 31; LAW.md 8.12."""
    if any(cookie.identifies_person for cookie in policy.cookies):
        yield from _clauses_like("cookies_identify_nobody", "lint.cookie-contradiction", policy, law)


def the_right_word_for_provisions_of_law(policy: Policy, law: Law) -> Iterator[Fault]:
    """規程 (internal rules) written where 規定 (a provision of law) is meant. Source: LAW.md 9.18."""
    yield from _clauses_like("wrong_kitei", "lint.wrong-kitei", policy, law)


def one_word_for_the_customer(policy: Policy, law: Law) -> Iterator[Fault]:
    """Two spellings of the same word in one text. Source: LAW.md 9.18."""
    for pair in wording()["spellings"]["pairs"]:
        found = {spelling: _first(policy, spelling) for spelling in pair}
        if all(found.values()):
            note = Severity.NOTE
            second = max(found.values(), key=list(policy.clauses).index)
            path = f"promises.{second}.says"
            words = " / ".join(pair)
            source = "表記の統一"
            yield finding(
                policy, law, "lint.mixed-spelling", path, source=source, clause=second, severity=note, words=words
            )


def security_measures_are_described(policy: Policy, law: Law) -> Iterator[Fault]:
    """That measures are taken is not enough: which must be knowable. Source: APPI 32(1)4, order 10; LAW.md 8.14."""
    row = wording()["security_measures"]
    told = sum(1 for word in row["kinds"] if _first(policy, word))
    if told < row["enough"]:
        yield finding(policy, law, "lint.security-measures", "promises", source="appi_order.public_notice")


def _clauses_like(name: str, code: str, policy: Policy, law: Law) -> Iterator[Fault]:
    row = wording()[name]
    for clause in policy.clauses.values():
        match = re.search(row["pattern"], clause.says.ja)
        if match:
            path = f"promises.{clause.id}.says"
            yield finding(policy, law, code, path, source=row["source"], clause=clause.id, found=match[0])


def _first(policy: Policy, word: str) -> str:
    return next((clause.id for clause in policy.clauses.values() if word in clause.says.ja), "")


WORDING_RULES = (
    nothing_absolute_is_promised,
    silence_is_not_consent,
    cookies_do_not_contradict,
    the_right_word_for_provisions_of_law,
    one_word_for_the_customer,
    security_measures_are_described,
)
