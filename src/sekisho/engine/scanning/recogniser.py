"""What a recogniser is: a form to look for, a rule that says yes, no or can't tell, and words that usually stand near.

A rule answers True (a check digit or a numbering plan confirms it), False (it is something else), None (can't tell).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

# Word boundaries fail beside kanji and kana, so digits and letters are fenced off by hand. That a digit follows is asked
# first: of a line's letters, few have to be asked anything else.
_LONE = r"(?<![0-9A-Za-z+])(?<![0-9][-.])"
ALONE = f"(?=[0-9]){_LONE}"
AFTER_TEL = rf"(?=[0-9(])(?:{_LONE}|(?<=TEL)|(?<=Tel)|(?<=tel)|(?<=FAX)|(?<=fax))"  # TEL03-…, TEL(03)…
ENDS = r"(?![0-9A-Za-z])(?!-[0-9])"
# The same for RE2, which has no look-around: the signs themselves.
BESIDE, BESIDE_TEL, PAST = (
    r"(?:(?:^|[^0-9])[-.]|^|[^0-9A-Za-z+.-])",
    "(?:^|[^0-9A-Za-z+]|[LlXx])",
    "(?:[^0-9A-Za-z-]|-[^0-9]|-?$)",
)
GAP = "[ -]?"
# Words before a number that say whose it is: a check digit or a numbering plan fits one in ten of such numbers by chance.
SERIALS = (
    "伝票",
    "荷物番号",
    "注文",
    "納品",
    "追跡",
    "規格",
    "型番",
    "品番",
    "ケース番号",
    "作業id",
    "ジョブ",
    "タイムスタンプ",
    "janコード",
)
# What must stand in a line before its numbers are looked at, in RE2's syntax: seven digits not far apart, or five in a row.
SEVEN, FIVE = r"[0-9](?:[ .\-()]{0,2}[0-9]){6}", "[0-9]{5}"


class Grade(IntEnum):
    """How much harm the kind of data can do: where two kinds fit one number, the higher one rules."""

    NOT_PERSONAL = 0
    PERSONAL = 1
    SENSITIVE = 2  # opens accounts, identifies for life, or is of special care
    SECRET = 3  # communications
    BLOCKED = 4  # the law forbids keeping it outside its purposes


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    ja: str
    en: str

    def said(self, language: str) -> str:
        """The text in `ja` or `en`."""
        return self.en if language == "en" else self.ja


class Candidate(NamedTuple):  # made by the thousand: far cheaper than a frozen dataclass
    """A place in the folded text. `near` is the word beside it, where the recogniser itself saw one."""

    start: int
    end: int
    valid: bool | None
    near: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recogniser:
    """One kind of personal information. `form` and `rule` are sentences for the explanation."""

    type: str
    label: Words
    form: Words
    grade: Grade
    find: Callable[[str], Iterator[Candidate]]  # every place of this form that the rule does not deny
    rule: Words | None = None  # what a True means; None where nothing can confirm it
    near: tuple[str, ...] = ()  # words that stand near it, lower case
    against: tuple[
        str, ...
    ] = ()  # words shortly before it, lower case, that say it is another thing, unless a near one is there
    headers: tuple[str, ...] = ()  # names of columns that hold it, lower case, words joined by `_`
    fills: re.Pattern[str] | None = None  # in a whole column this form is enough, even where the rule denies the value
    alone: float = 0.3  # score of the form with nothing else to speak for it; more only where that was measured
    is_common: bool = False  # many other things look the same: nothing is said without a word near it
    trigger: str = ""  # RE2: a line of text without it holds nothing that would be told; "" = every line is looked at
    lists: tuple[str, ...] = ()  # files of words beside it, part of its version
    relies_on: tuple[str, ...] = ()  # distributions whose data decides with it, part of its version


@dataclass(frozen=True, slots=True)
class ByPattern:
    """Finds every match that `validate` does not deny. The group `value`, if there is one, is what was found."""

    pattern: re.Pattern[str]
    validate: Callable[[str], bool | None]
    group: str | int

    def __call__(self, text: str) -> Iterator[Candidate]:
        """Every candidate of the folded text."""
        group, validate = self.group, self.validate
        for match in self.pattern.finditer(text):
            valid = validate(match[group])
            if valid is not False:
                yield Candidate(*match.span(group), valid)


def by_pattern(pattern: re.Pattern[str], validate: Callable[[str], bool | None] = lambda _: None) -> ByPattern:
    """How a recogniser finds that has a pattern, and perhaps a rule for what it matched."""
    return ByPattern(pattern, validate, "value" if "value" in pattern.groupindex else 0)
