"""What stands in a letter of a case: its words by kind, what is missing in the person's words, the desk, the code."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.forms import request_desk
from sekisho.casework.subject_requests.queries.standing import Standing, standing
from sekisho.casework.subject_requests.rules.codes import case_code
from sekisho.casework.subject_requests.rules.fees import ways_to_pay
from sekisho.casework.subject_requests.rules.papers import Need, Whose
from sekisho.connectors.barcodes import written
from sekisho.connectors.typesetting import typeset
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import Law, law
from sekisho.registers.policies import queries as policies

PACKAGE = "sekisho.casework.subject_requests"
KINDS = ("acceptance", "deficiency")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom a letter goes, as it stands in the window of the envelope."""

    name: str
    postal_code: str
    address: str


def letter(reference: str, kind: str, to: Recipient, *, key: bytes, at: datetime) -> bytes:
    """A letter of an open case as PDF. Raises: requests.unknown-case, what typesetting raises."""
    words, found, on = _words(), case(reference), tokyo_date(at)
    policy, known = policies.in_force(at), law(on)
    stands = standing(reference, at)
    desk = request_desk(policy)
    named = {
        "kind": known.request(found.kind).name(),
        "reference": reference,
        "arrived": _day(found.received_on),
        "target": _day(stands.clock.target_on) if stands.clock.target_on else "",
    }
    own = words[kind]
    label = desk.label.ja if desk else ""
    phone = (desk.phone if desk else None) or ""
    parts = [{"title": own["then_title"], "lines": own["then"]}] if "then" in own else []
    parts.append({"title": words["complain_title"], "lines": [words["complain"].format(desk=label, phone=phone)]})
    values = {
        "language": "ja",
        "to": {"name": to.name, "postal_code": to.postal_code, "address": to.address},
        "honorific": words["honorific"],
        "on": _day(on),
        "reference": reference,
        "operator": policy.operator.name.ja,
        "desk": label,
        "desk_lines": [*([desk.address.ja] if desk and desk.address else []), words["phone"].format(phone=phone)],
        "subject": own["subject"].format(**named),
        "opening": [line.format(**named) for line in own["opening"]],
        "items": list(_missing(stands, known, words, policy.rights[found.kind].instruments))
        if kind == "deficiency"
        else [],
        "parts": parts,
        "note": words["code_note"],
        "code_svg": written(case_code(reference, key)),
    }
    return typeset(resources.files(PACKAGE).joinpath("letters", "letter.typ"), values, at=at)


def told_faults(stands: Standing, known: Law) -> tuple[str, ...]:
    """Why papers and pieces that came do not count, in words."""
    words = _words()["faults"]
    papers = [
        words[fault.code].format(
            paper=known.papers[stands.papers[fault.place].paper].ja
            if stands.papers[fault.place].paper in known.papers
            else "",
            day=_day(fault.day) if fault.day else "",
        )
        for fault in stands.evidence.faults
    ]
    pieces = [
        words[fault.code].format(
            name=_instrument(known, stands.pieces[fault.place].instrument), day=_day(fault.until) if fault.until else ""
        )
        for fault in stands.payment.faults
    ]
    return (*papers, *pieces)


def told_need(need: Need, known: Law) -> str:
    """A need in words: which paper, of whom."""
    words = _words()["deficiency"]
    names = words["comma"].join(known.paper(key).ja for key in need.any_of)
    told = words["one_of"].format(papers=names) if len(need.any_of) > 1 else words["paper"].format(paper=names)
    owner = {Whose.AGENT: words["agent_own"], Whose.AGENCY: words["agency"]}.get(need.whose)
    return f"{owner}：{told}" if owner else told


def told_ways(stands: Standing, known: Law, instruments: tuple[str, ...]) -> tuple[str, ...]:
    """The ways to send what is lacking of a fee, in words."""
    words = _words()["deficiency"]
    told = []
    for way in ways_to_pay(stands.payment.lacking, [known.instrument(key) for key in instruments]):
        counted: dict[tuple[str, int], int] = {}
        for piece in way.pieces:
            counted[piece] = counted.get(piece, 0) + 1
        told.append(
            words["plus"].join(
                words["piece"].format(name=known.instrument(name).ja, yen=yen, times=f"×{times}" if times > 1 else "")
                for (name, yen), times in counted.items()
            )
        )
    return tuple(told)


def _missing(
    stands: Standing, known: Law, words: dict[str, Any], instruments: tuple[str, ...]
) -> Iterator[dict[str, str]]:
    own = words["deficiency"]
    faults = list(told_faults(stands, known))
    for need in stands.evidence.needs:
        months = {known.paper(key).months_from_issue for key in need.any_of} - {None}
        how = own["within"].format(months=max(m for m in months if m)) if months else ""
        yield {"what": told_need(need, known), "how": how}
    if stands.payment.lacking:
        ways = told_ways(stands, known, instruments)
        yield {"what": own["fee"].format(yen=stands.payment.lacking), "how": own["or"].join(ways[:2])}
    for why in faults:
        yield {"what": own["again"].format(why=why), "how": ""}


def _instrument(known: Law, key: str) -> str:
    return known.instruments[key].ja if key in known.instruments else key


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@cache
def _words() -> dict[str, Any]:
    text = resources.files(PACKAGE).joinpath("letters", "letters.ja.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
