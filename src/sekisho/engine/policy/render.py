"""The published text, rendered from the policy itself: every clause once, in order, with what the model adds to it.

The author writes each clause's sentence; everything countable (which data, for what, how long, at what fee) is generated,
so that changing a rule changes what is published. Source: DESIGN.md sections 4 and 8.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sekisho.engine.law.pack import Law
from sekisho.engine.policy import details_acts, details_facts, details_uses
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.phrases import Speech
from sekisho.engine.policy.placeholders import fill, in_language

Detail = Callable[[str, Speech], Iterator[str]]
DETAILS: tuple[Detail, ...] = (  # in the order a reader wants them under a clause
    details_facts.of_operator,
    details_facts.of_basis,
    details_uses.of_purposes,
    details_uses.of_classes,
    details_uses.of_ways_out,
    details_uses.of_prohibitions,
    details_uses.of_retention,
    details_acts.of_permissions,
    details_facts.of_exceptions,
    details_facts.of_norms,
    details_facts.of_rights,
    details_facts.of_evidence,
    details_facts.of_heirs,
    details_facts.of_desks,
    details_facts.of_services,
    details_facts.of_duties,
    details_facts.of_cookies,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedClause:
    """One clause as published: the sentence, what the model adds, and the same in plain words ("" if not written)."""

    id: str  # also its anchor on the page
    sentence: str
    details: tuple[str, ...]
    plain: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Clauses under one heading."""

    id: str
    heading: str
    clauses: tuple[RenderedClause, ...]


def render(policy: Policy, law: Law, language: str = "ja") -> tuple[Section, ...]:
    """The published text. English where the author gave it, else Japanese; generated sentences in the language asked."""
    speech = Speech(policy=policy, law=law, language=language)
    sections: list[Section] = []
    before = None
    for clause in policy.clauses.values():
        rendered = RenderedClause(
            id=clause.id,
            sentence=fill(in_language(clause.says, language), policy, language),
            details=tuple(dict.fromkeys(said for detail in DETAILS for said in detail(clause.id, speech))),
            plain=fill(in_language(clause.plain, language), policy, language) if clause.plain else "",
        )
        if clause.heading == before and sections:
            last = sections[-1]
            sections[-1] = Section(id=last.id, heading=last.heading, clauses=(*last.clauses, rendered))
        else:
            heading = clause.heading_en if language == "en" and clause.heading_en else clause.heading
            heading = fill(heading, policy, language)
            sections.append(Section(id=f"section-{clause.id}", heading=heading, clauses=(rendered,)))
        before = clause.heading
    return tuple(sections)
