"""What stands on an application form: everything of it from the policy in force and the law of the day."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.rules.codes import case_code, form_code
from sekisho.casework.subject_requests.rules.fees import fee_of, next_makeable, ways_to_pay
from sekisho.casework.subject_requests.rules.papers import combinations, heir_papers
from sekisho.connectors.barcodes import written
from sekisho.connectors.typesetting import typeset
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import Law, law
from sekisho.engine.policy.model import Combination, Desk, Policy, Right, Text
from sekisho.web.context import carrier_name

PACKAGE = "sekisho.casework.subject_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the page that says how to send the form."""

    title: str
    lines: tuple[str, ...]
    marks: bool = True


def blank_form(policy: Policy, kind: str, *, at: datetime, language: str = "ja") -> bytes:
    """The form of one kind of request as PDF, with a code that tells the kind. Raises what typesetting raises."""
    on = tokyo_date(at)
    label = law(on).request(kind).name(language)
    return _set(form_values(policy, kind, on=on, label=label, language=language), form_code(kind), at)


def case_form(policy: Policy, kind: str, *, reference: str, key: bytes, at: datetime, language: str = "ja") -> bytes:
    """The form for a case that stands, with a code that finds it."""
    values = form_values(policy, kind, on=tokyo_date(at), label=reference, language=language)
    return _set(values, case_code(reference, key), at)


def _set(values: dict[str, Any], code: str, at: datetime) -> bytes:
    template = resources.files(PACKAGE).joinpath("letters", "request_form.typ")
    return typeset(template, values | {"code_svg": written(code)}, at=at)


def form_values(policy: Policy, kind: str, *, on: date, label: str, language: str = "ja") -> dict[str, Any]:
    """The values of the form's template for one kind of request, but for the picture of its code.

    Raises: law.unknown-key.
    """
    words, at_law = _words(language), law(on)
    right = policy.rights[kind]
    desk = request_desk(policy)
    operator = operator_of(policy, language)
    return {
        "language": language,
        "texts": words["fields"],
        "title": words["title"],
        "operator": operator,
        "to": words["to"].format(operator=operator, desk=_said(desk.label, language) if desk else ""),
        "lead": words["lead"],
        "code_label": label,
        "footer": words["footer"].format(
            title=_said(policy.title, language), version=policy.version, clause=right.clause
        ),
        "kinds": [{"label": at_law.request(one).name(language), "chosen": one == kind} for one in policy.rights],
        "replies": [
            {"label": words["reply"][reply], "fee": _fee(at_law, right, reply, words)} for reply in _replies(right)
        ],
        "ground_note": words["ground"] if at_law.request(kind).ground_needed and not right.broader_than_law else "",
        "use_note": words["use"],
        "guide": [
            {"title": part.title, "lines": list(part.lines), "marks": part.marks}
            for part in _guide(policy, right, at_law, on, words, language)
        ],
    }


def operator_of(policy: Policy, language: str) -> str:
    """Who writes: the operator as the policy names it; where that is only "we", the name this installation serves."""
    name = _said(policy.operator.name, language)
    return (carrier_name() if name in rules.limits()["letters"]["no_names"] else "") or name


def request_desk(policy: Policy) -> Desk | None:
    """The desk requests go to: the one that names the requests' channels, else the first."""
    desks = list(policy.desks.values())
    wanted = {channel for right in policy.rights.values() for channel in right.channels}
    return next((desk for desk in desks if wanted and wanted <= set(desk.channels)), desks[0] if desks else None)


def _guide(policy: Policy, right: Right, at_law: Law, on: date, words: dict[str, Any], language: str) -> Iterator[Part]:
    yield Part(title=words["where_title"], lines=tuple(_where(policy, right, words, language)), marks=False)
    evidence = policy.identity_evidence
    if evidence is not None:
        ways = combinations(evidence, at_law, on)
        lines = list(_papers(ways, at_law, words, language))
        masks = dict.fromkeys(
            part for one in ways for key in (*one.one_of, *one.and_all_of) for part in at_law.paper(key).masks
        )
        lines.append(
            words["mask"].format(parts=words["comma"].join(at_law.masks[part].name(language) for part in masks))
        )
        if evidence.other_ways:
            lines.append(words["other_ways"])
        yield Part(title=words["papers_title"], lines=tuple(lines))
        mandate = words["comma"].join(at_law.paper(key).name(language) for key in evidence.agent_papers)
        statutory = words["or"].join(
            paper.name(language) for paper in at_law.papers.values() if paper.statutory and paper.accepted_on(on)
        )
        yield Part(
            title=words["agent_title"],
            lines=(
                words["agent_both"],
                words["agent_mandated"].format(papers=mandate),
                words["agent_statutory"].format(papers=statutory),
                words["agent_heir"].format(papers=_heir_papers(policy, at_law, on, words["or"], language)),
            ),
        )
    paying = tuple(_paying(right, at_law, words, language))
    if paying:
        yield Part(title=words["fee_title"], lines=paying)
    yield Part(title=words["answer_title"], lines=tuple(words["answer"]))


def _heir_papers(policy: Policy, at_law: Law, on: date, comma: str, language: str) -> str:
    return comma.join(at_law.paper(key).name(language) for key in heir_papers(at_law, on, policy.heirs))


def _papers(ways: tuple[Combination, ...], at_law: Law, words: dict[str, Any], language: str) -> Iterator[str]:
    """The papers to bring: of one combination, or of each of several with its number."""
    for number, way in enumerate(ways, 1):
        named = words["or"].join(at_law.paper(key).name(language) for key in way.one_of)
        one = (
            words["one_of"].format(papers=named)
            if way.how_many == 1
            else words["so_many_of"].format(papers=named, number=way.how_many)
        )
        added = [
            words["and"].format(paper=paper.name(language), months=paper.months_from_issue or "―")
            if paper.months_from_issue
            else words["and_any_age"].format(paper=paper.name(language))
            for paper in (at_law.paper(key) for key in way.and_all_of)
        ]
        if len(ways) == 1:
            yield from (one, *added)
        else:
            first = words["either"].format(number=number) if number == 1 else words["or_else"].format(number=number)
            yield first + words["with"].join((one, *added))


def _where(policy: Policy, right: Right, words: dict[str, Any], language: str) -> Iterator[str]:
    desk = request_desk(policy)
    if desk is None:
        return
    if desk.address is not None and "mail" in right.channels:
        yield words["by_mail"].format(address=_said(desk.address, language), desk=_said(desk.label, language))
    if "fax" in right.channels:
        yield words["by_fax"].format(fax=desk.fax) if desk.fax else words["by_fax_unknown"]
    if "web" in right.channels:
        yield words["by_web"]
    if not right.channels:
        yield words["any_way"]
    if desk.phone:
        hours = f"{desk.opens}–{desk.closes}" if desk.opens and desk.closes else ""
        days = words["days"]
        span = days["to"].format(first=days[desk.days[0]], last=days[desk.days[-1]]) if desk.days else ""
        yield words["by_phone"].format(phone=desk.phone, days=span, hours=hours)


def _paying(right: Right, at_law: Law, words: dict[str, Any], language: str) -> Iterator[str]:
    fees = {fee_of(at_law.request(right.id), right, reply).yen for reply in right.reply} - {0}
    if not fees:
        return
    yen = max(fees)
    yield words["fee"].format(yen=yen, replies=words["comma"].join(words["reply"][one] for one in right.fee_when))
    instruments = [at_law.instrument(key) for key in right.instruments]
    for way in ways_to_pay(yen, instruments):
        counted: dict[tuple[str, int], int] = {}
        for name, each in way.pieces:
            counted[name, each] = counted.get((name, each), 0) + 1
        pieces = [
            words["piece"].format(
                name=at_law.instrument(name).name(language), yen=each, times=f"×{times}" if times > 1 else ""
            )
            for (name, each), times in counted.items()
        ]
        yield words["way"].format(pieces=words["plus"].join(pieces))
    for one in instruments:
        if not one.can_make(yen):
            yield words["cannot"].format(name=one.name(language), yen=yen, next=next_makeable(yen, [one]) or "―")
    if "fax" in right.channels:
        yield words["fax_cannot_pay"]


def _fee(at_law: Law, right: Right, reply: str, words: dict[str, Any]) -> str:
    fee = fee_of(at_law.request(right.id), right, reply)
    return str(words["costs"].format(yen=fee.yen)) if fee.yen else str(words["free"])


def _replies(right: Right) -> tuple[str, ...]:
    """The ways to answer: the policy's, or paper and electronic where it names none (APPI 33)."""
    return right.reply or ("mail", "electronic")


def _said(text: Text, language: str) -> str:
    return text.en or text.ja if language == "en" else text.ja


@cache
def _words(language: str) -> dict[str, Any]:
    text = resources.files(PACKAGE).joinpath("letters", f"form.{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
