"""The law as values: norms with editions, citations, and the facts a policy may lean on.

Every value remembers its certainty (sure, likely, check) and, where dated, the first and last day it holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Certainty(StrEnum):
    """How well a fact is known: SURE was read in the text, LIKELY rests on others, CHECK must be verified first."""

    SURE = "sure"
    LIKELY = "likely"
    CHECK = "check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """Something of the law with a name and the days it holds; None = open."""

    id: str
    ja: str
    en: str
    cites: tuple[str, ...] = ()  # keys for Law.cite
    certainty: Certainty = Certainty.SURE
    since: date | None = None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on this Tokyo date."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def name(self, language: str = "ja") -> str:
        """Its name in a language."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One numbering of a norm and the days it is the numbering in force."""

    id: str
    label_ja: str
    label_en: str
    since: date
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a norm: never a number alone, always with its edition."""

    key: str  # "appi.purpose_limit"
    norm: str
    norm_ja: str
    norm_en: str
    edition: str
    topic: str
    article: str  # "18", "27の12", "3-6-3" for guidelines by section
    paragraph: str
    item: str
    certainty: Certainty

    def text(self, language: str = "ja") -> str:
        """`個人情報保護法第18条第3項第1号` or `APPI art. 18(3)(i)`."""
        if language == "ja":
            if "-" in self.article or "." in self.article:
                return f"{self.norm_ja} {self.article}"
            article = self.article.split("の", 1)
            words = f"第{article[0]}条" + (f"の{article[1]}" if len(article) > 1 else "")
            paragraph = f"第{self.paragraph}項" if self.paragraph else ""
            return f"{self.norm_ja}{words}{paragraph}" + (f"第{self.item}号" if self.item else "")
        paragraph = f"({self.paragraph})" if self.paragraph else ""
        return f"{self.norm_en} art. {self.article.replace('の', '-')}{paragraph}" + (
            f" item {self.item}" if self.item else ""
        )

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalException(Dated):
    """E1-E6 and RET-1..4: `requires` are the facts a claim must record, all of them."""

    item: str  # number of the item in the cited paragraph
    requires: tuple[str, ...]
    holds: str = ""  # the ground for keeping that what it reaches falls under: RET-1
    opens: bool = False  # of a ground for keeping: what stays on it may still be used for its purposes


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground(Dated):
    """What opens 通信の秘密. With `natures`, only for purposes of those natures."""

    requires: tuple[str, ...]
    natures: frozenset[str] = frozenset()
    ticket_natures: frozenset[str] = frozenset()  # of these, open only under a ticket naming lines and hours
    own_side_natures: frozenset[str] = frozenset()  # only the data subject's own side of a communication
    masked_natures: frozenset[str] = frozenset()  # only masked
    variants: tuple[str, ...] = ()
    holds: str = ""  # the ground for keeping that what it reaches falls under: RET-1


@dataclass(frozen=True, slots=True, kw_only=True)
class Nature(Dated):
    """What a purpose is in the law's eyes."""

    secrecy: tuple[str, ...] = ()  # grounds that may open 通信の秘密 for it, besides specific consent
    notice: bool = False  # reaches everybody affected, whatever they object to
    solicitation: bool = False  # needs the channel's consent and yields to an objection
    aggregate: bool = False
    unpublished: bool = False  # allowed without being published as a purpose
    unpublished_fields: tuple[str, ...] = ()  # and then with these fields only


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper(Dated):
    """A document that may prove identity, residence, agency or a death. `masks` are blacked out on every copy."""

    role: str  # identity | residence | agent | estate | never
    masks: tuple[str, ...] = ()
    months_from_issue: int | None = None  # a company rule by custom, not law
    issued_until: date | None = None
    proves_address_if_issued_before: date | None = None
    copy_proves: bool = True
    statutory: bool = False  # for statutory agents
    until_age: str = ""  # an effect of age (`majority`): of somebody who has reached it, it shows no agency
    estate: tuple[str, ...] = ()  # what it shows of somebody who died: death, heir

    def accepted_on(self, day: date) -> bool:
        """Whether a copy of such a paper can prove anything on this day."""
        return self.role != "never" and self.copy_proves and self.holds_on(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Dated):
    """A floor or a desirable period: ISO 8601 `period` counted from the event `trigger`."""

    period: str
    trigger: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldKind(Dated):
    """Why erasure may be stopped: on which ground, how long at first and with every extension, over which data."""

    ground: str  # RET-1 …
    period: str = ""  # ISO 8601 from the day it is placed; empty = until released, reviewed meanwhile
    longest: str = ""  # with every extension, from the day it was placed
    kinds: tuple[str, ...] = ()  # kinds of data it may stop the erasure of; empty = any
    confidential: bool = False  # secrecy may be asked: then only the authorities desk knows
    needs_person: bool = False  # names somebody, never a whole table


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline(Dated):
    """A time within which the law wants something done."""

    period: str
    first_day_counts: bool
    extends: bool  # a last day that is closed moves to the next open one
    practice: bool = False  # the norm says "promptly"; the number is the authority's reading
    longest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKind(Dated):
    """A kind of request a data subject may make."""

    fee: bool  # the law lets the operator charge
    ground_needed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestGround(Dated):
    """Why a person may ask, or why a request may be refused: for these kinds of request."""

    kinds: tuple[str, ...]
    of_deceased: bool = False  # follows from a death by itself: nobody chooses it


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument(Dated):
    """A way to send money: by steps of yen, or in fixed denominations."""

    enclosed: bool  # travels with a letter, so it cannot come by fax
    step_yen: int = 0
    denominations_yen: tuple[int, ...] = ()
    valid_for: str = ""
    issue_fee_yen: int = 0

    def can_make(self, yen: int) -> bool:
        """Whether the exact sum can be put together from this instrument alone."""
        if self.denominations_yen:
            reachable = {0}
            for sum_yen in range(1, yen + 1):
                if any(sum_yen - piece in reachable for piece in self.denominations_yen):
                    reachable.add(sum_yen)
            return yen in reachable
        return self.step_yen > 0 and yen % self.step_yen == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class NeverCollect:
    """Fields that must not be asked of a kind of person, unless the slot `unless` holds."""

    fields: tuple[str, ...]
    of: tuple[str, ...]
    unless: str
    ja: str
    en: str
    cites: tuple[str, ...]
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """A law, order, rule or guideline, with its editions and the places known in each."""

    id: str
    ja: str
    short_ja: str
    en: str
    short_en: str
    editions: Mapping[str, Edition]
    topics: Mapping[str, str]  # entry -> what it is about
    places: Mapping[tuple[str, str], str]  # (entry, edition) -> "article(paragraph)item certainty"
    number: str = field(default="")
