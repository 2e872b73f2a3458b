"""Which papers prove who asks: what the policy accepts, cut down to what the law lets live on the day.

A dead paper is refused with the day it died; a number that must not be asked for has to be blacked out before anybody
reads on. An agent brings the person's papers, their own, and those of the agency; an heir their own, and what shows the
death and the heirship. A parent acts until the child comes of age: after that only a guardian or a mandate does.
Source: APPI art. 37, its order's articles on procedure and agents; Civil Code arts. 4, 896; LAW.md 5, 9.14 and 9.20.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sekisho.engine.law.model import Paper
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Combination, Heirs, IdentityEvidence
from sekisho.engine.policy.periods import add


class Whose(StrEnum):
    """Whose paper it is."""

    PERSON = "person"
    AGENT = "agent"
    AGENCY = "agency"  # shows that the agent may act
    HEIR = "heir"  # who asks as an heir
    ESTATE = "estate"  # shows the death, or who the heir is


class Agency(StrEnum):
    """By what right somebody else asks."""

    NONE = "none"
    STATUTORY = "statutory"  # of a minor or of an adult under guardianship
    MANDATED = "mandated"  # for this request
    HEIR = "heir"  # of somebody who died


OF_AGE = "paper.of-age"  # a parent's paper about somebody who is of age
DEATH, HEIRSHIP = "death", "heir"  # what a paper of an estate shows: Paper.estate


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the register knows of the person a request is about. `is_minor`: None where no birth date is known."""

    is_minor: bool | None = None
    is_dead: bool = False


UNTOLD = About()
ASKING: Mapping[Agency, tuple[Whose, ...]] = {  # whose own papers are asked for
    Agency.NONE: (Whose.PERSON,),
    Agency.STATUTORY: (Whose.PERSON, Whose.AGENT),
    Agency.MANDATED: (Whose.PERSON, Whose.AGENT),
    Agency.HEIR: (Whose.HEIR,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A paper that came, as the clerk read it. `masked`: what is blacked out; `matches`: name, address, birth date agree."""

    paper: str
    whose: Whose = Whose.PERSON
    issued_on: date | None = None
    expires_on: date | None = None
    masked: frozenset[str] = frozenset()
    shows: frozenset[str] = frozenset()  # of the law pack's masks: what can be seen on it
    matches: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperFault:
    """Why a paper does not count. `day`: when it died, expired, or was issued."""

    place: int
    code: str
    day: date | None = None
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing still wanted: so many more of these papers, of this person."""

    whose: Whose
    any_of: tuple[str, ...]
    how_many: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherWay:
    """Another way the desk found suitable: why, and who besides the clerk agreed."""

    reason: str
    found_by: str
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the papers show. It is proved when nothing is needed and nothing waits for a mask.

    Where the policy takes several combinations of the person's papers, `needs` names what completes the nearest one;
    `instead` what would complete each of the others.
    """

    needs: tuple[Need, ...]
    faults: tuple[PaperFault, ...]
    to_mask: tuple[tuple[int, str], ...]  # place of the paper, part to black out
    instead: tuple[tuple[Need, ...], ...] = ()

    @property
    def is_proved(self) -> bool:
        """Whether whoever asks has shown who they are."""
        return not self.needs and not self.to_mask


def accepted(
    evidence: IdentityEvidence, law: Law, on: date
) -> tuple[tuple[str, ...], tuple[tuple[str, date | None], ...]]:
    """Papers to choose from that live on a day, and those that do not with the last day they lived."""
    living, dead = list[str](), list[tuple[str, date | None]]()
    for key in evidence.choices:
        paper = law.paper(key)
        if paper.accepted_on(on):
            living.append(key)
        else:
            dead.append((key, paper.until))
    return tuple(living), tuple(dead)


def combinations(evidence: IdentityEvidence, law: Law, on: date) -> tuple[Combination, ...]:
    """The combinations that somebody can bring on a day, cut down to the papers that live on it.

    Where none can be brought any more they all stay as published: nobody is identified by a list of dead papers.
    """
    found = []
    for one in evidence.any_of:
        living = tuple(key for key in one.one_of if law.paper(key).accepted_on(on))
        if len(living) >= one.how_many:
            found.append(replace(one, one_of=living))
    return tuple(found) or evidence.any_of


def examined(
    presented: Sequence[Presented],
    *,
    evidence: IdentityEvidence,
    law: Law,
    on: date,
    agency: Agency = Agency.NONE,
    other_way: OtherWay | None = None,
    about: About = UNTOLD,
    heirs: Heirs | None = None,
) -> Evidence:
    """What the papers that came show on a day. Another way, agreed by two, stands for the own papers of whoever asks.

    `heirs`: what the policy wants of heirs; where it says nothing, every paper that shows an heir does.
    """
    faults: list[PaperFault] = []
    good: list[tuple[int, Presented]] = []
    to_mask: list[tuple[int, str]] = []
    for place, one in enumerate(presented):
        paper = law.papers.get(one.paper)
        if paper is None or paper.role == "never":
            faults.append(PaperFault(place=place, code="paper.never" if paper else "paper.unknown"))
            to_mask += [(place, part) for part in (paper.masks if paper else ())]
            continue
        to_mask += [(place, part) for part in paper.masks if part in one.shows - one.masked]
        found = _fault(place, one, paper, on) or _of_age(place, one, paper, agency, about)
        if found is None:
            good.append((place, one))
        else:
            faults.append(found)
    has = {(one.whose, one.paper) for _, one in good}
    needs, instead = list[Need](), list[tuple[Need, ...]]()
    for whose in ASKING[agency]:
        if whose is not Whose.AGENT and other_way is not None:
            continue
        ways = [tuple(_lacking(one, whose, has)) for one in combinations(evidence, law, on)]
        nearest = min(ways, key=lambda way: sum(need.how_many for need in way))
        needs += nearest
        instead += [way for way in ways if nearest and way is not nearest]
    needs += [need for need in _agency_needs(evidence, law, on, agency, about) if not _met(need, has)]
    if agency is Agency.HEIR:
        needs += [need for need in estate_needs(law, on, about, heirs) if not _met(need, has)]
    return Evidence(needs=tuple(needs), faults=tuple(faults), to_mask=tuple(to_mask), instead=tuple(instead))


def estate_needs(law: Law, on: date, about: About, heirs: Heirs | None) -> tuple[Need, ...]:
    """What shows who the heir is, and the death where neither the register nor each of those papers does."""
    living = {key: paper for key, paper in law.papers.items() if paper.accepted_on(on)}
    all_showing = tuple(key for key, paper in living.items() if HEIRSHIP in paper.estate)
    showing = tuple(key for key in all_showing if heirs is None or key in heirs.papers) or all_showing
    told = about.is_dead or all(DEATH in living[key].estate for key in showing)
    death = () if told else tuple(key for key, paper in living.items() if DEATH in paper.estate)
    return tuple(Need(whose=Whose.ESTATE, any_of=keys) for keys in (showing, death) if keys)


def heir_papers(law: Law, on: date, heirs: Heirs | None) -> tuple[str, ...]:
    """The papers of which one shows who the heir is."""
    return next(iter(estate_needs(law, on, About(is_dead=True), heirs))).any_of


def death_shown(papers: Sequence[Presented], evidence: Evidence, law: Law) -> str:
    """The key of the first good paper that shows the person's death; empty where none does."""
    bad = {fault.place for fault in evidence.faults}
    return next(
        (
            one.paper
            for place, one in enumerate(papers)
            if place not in bad and one.whose is Whose.ESTATE and DEATH in law.papers[one.paper].estate
        ),
        "",
    )


def _of_age(place: int, one: Presented, paper: Paper, agency: Agency, about: About) -> PaperFault | None:
    """A parent's paper about somebody who is of age. A birth date nobody knows is a question for the desk, not a fault."""
    shows_parents = agency is Agency.STATUTORY and one.whose is Whose.AGENCY and paper.until_age
    return PaperFault(place=place, code=OF_AGE) if shows_parents and about.is_minor is False else None


def _fault(place: int, one: Presented, paper: Paper, on: date) -> PaperFault | None:
    if not paper.holds_on(on):
        return PaperFault(place=place, code="paper.dead", day=paper.until or paper.since)
    if not paper.copy_proves:
        return PaperFault(place=place, code="paper.copy-proves-nothing")
    if one.expires_on is not None and one.expires_on < on:
        return PaperFault(place=place, code="paper.expired", day=one.expires_on)
    if one.issued_on is not None and one.issued_on > on:
        return PaperFault(place=place, code="paper.issued-in-future", day=one.issued_on)
    if paper.issued_until is not None and one.issued_on is not None and one.issued_on > paper.issued_until:
        return PaperFault(place=place, code="paper.not-issued-then", day=paper.issued_until)
    if paper.months_from_issue is not None and one.whose is not Whose.ESTATE:  # a death does not grow old
        if one.issued_on is None:
            return PaperFault(place=place, code="paper.issue-day-unknown")
        if add(one.issued_on, f"P{paper.months_from_issue}M") < on:
            return PaperFault(place=place, code="paper.too-old", day=one.issued_on)
    return None if one.matches else PaperFault(place=place, code="paper.does-not-match")


def _lacking(one: Combination, whose: Whose, has: set[tuple[Whose, str]]) -> Iterable[Need]:
    """What a combination still lacks. An agent shows one who they are; the papers that go with it are the asker's own."""
    held = {paper for owner, paper in has if owner is whose}
    wanted = one.how_many - len(held & set(one.one_of))
    if wanted > 0:
        yield Need(whose=whose, any_of=tuple(key for key in one.one_of if key not in held), how_many=wanted)
    for paper in one.and_all_of if whose is not Whose.AGENT else ():
        if paper not in held:
            yield Need(whose=whose, any_of=(paper,))


def _agency_needs(evidence: IdentityEvidence, law: Law, on: date, agency: Agency, about: About) -> Iterable[Need]:
    if agency is Agency.MANDATED:
        for paper in evidence.agent_papers:
            yield Need(whose=Whose.AGENCY, any_of=(paper,))
    elif agency is Agency.STATUTORY:
        statutory = tuple(
            key
            for key, paper in law.papers.items()
            if paper.statutory and paper.accepted_on(on) and not (paper.until_age and about.is_minor is False)
        )
        yield Need(whose=Whose.AGENCY, any_of=statutory)


def _met(need: Need, has: set[tuple[Whose, str]]) -> bool:
    return any((need.whose, paper) in has for paper in need.any_of)
