"""What stands in a letter of a case: its words by kind, what is missing in the person's words, the desk, the code."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import CaseReminder
from sekisho.casework.subject_requests.queries.cases import case, erasures
from sekisho.casework.subject_requests.queries.letter_page import (
    Recipient,
    Writing,
    said,
    set_letter,
    told_day,
    words_of,
)
from sekisho.casework.subject_requests.queries.money import refunds_of
from sekisho.casework.subject_requests.queries.standing import Standing, standing
from sekisho.casework.subject_requests.rules.codes import case_code
from sekisho.casework.subject_requests.rules.fees import ways_to_pay
from sekisho.casework.subject_requests.rules.papers import Need, Whose
from sekisho.connectors.barcodes import written
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import Law, law
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies
from sekisho.web.context import centre_address

__all__ = [
    "Recipient",
    "Writing",
    "letter",
    "named_of",
    "said",
    "set_letter",
    "told_day",
    "told_faults",
    "told_instead",
    "told_need",
    "told_ways",
    "words_of",
]

KINDS = ("acceptance", "access", "deficiency", "reminder", "further_check", "refund", "withdrawn", "unpaid", "erasure_certificate")  # fmt: skip
AFTER_THE_END = frozenset(
    {"access", "refund", "withdrawn", "unpaid", "erasure_certificate"}
)  # of a case that is closed
NO_CODE = frozenset(
    {"access", "further_check", "refund", "withdrawn", "unpaid", "erasure_certificate"}
)  # nothing is to come back
WITH_SECRET = frozenset({"acceptance", "access"})  # letters that print the secret for the centre
CELLS = (2, 3)
OWNERS = {Whose.AGENT: "agent_own", Whose.AGENCY: "agency", Whose.HEIR: "heir", Whose.ESTATE: "estate"}


def letter(
    reference: str, kind: str, to: Recipient, *, key: bytes, at: datetime, language: str = "ja", secret: str = ""
) -> bytes:
    """A letter of a case as PDF. Raises: requests.unknown-case, requests.not-erased, what typesetting raises."""
    words, found, on = words_of(language), case(reference), tokyo_date(at)
    stands = standing(reference, at)
    due = _due(reference, on)
    named = named_of(reference, on, language) | {
        "target": told_day(stands.clock.target_on, language) if stands.clock.target_on else "",
        "fee": stands.fee.yen,
        "lacking": stands.payment.lacking,
        "due": told_day(due, language),
        "suit": told_day(stands.clock.suit_from, language),
        "suit_law": words["answer"]["comma"].join(
            law(on).cite(key).text(language) for key in law(on).deadline("suit_possible").cites
        ),
        "check_until": told_day(on + timedelta(days=rules.limits()["letters"]["check_days"]), language),
    }
    right = policies.in_force(at).rights[found.kind]
    items, tables = list[dict[str, str]](), list[dict[str, object]]()
    if kind == "deficiency":
        items = list(_missing(stands, law(on), words, right.instruments, language))
    elif kind == "reminder":
        ways = told_ways(stands, law(on), right.instruments, language)
        tables = [{"title": "", "head": [words[kind]["way"]], "rows": [[way] for way in ways], "widths": (1,)}]
    elif kind == "erasure_certificate":
        tables = [_erased(reference, words[kind], words["answer"]["comma"], language)]
    elif kind == "refund":
        tables = [_refunded(reference, words[kind], law(on), language)]
    return set_letter(
        to,
        Writing(
            own=words[kind],
            named=named,
            items=items,
            tables=tables,
            parts=[_secret(words["secret"], reference, secret)] if secret else [],
            note="" if kind in NO_CODE else words["code_note_secret" if secret else "code_note"],
            code_svg="" if kind in NO_CODE else written(case_code(reference, key)),
        ),
        at=at,
        language=language,
    )


def named_of(reference: str, on: date, language: str) -> dict[str, object]:
    """What every letter's sentences may name."""
    found, known = case(reference), law(on)
    kind = known.request(found.kind)
    return {
        "kind": kind.name(language),
        "reference": reference,
        "arrived": told_day(found.received_on, language),
        "articles": words_of(language)["answer"]["comma"].join(known.cite(key).text(language) for key in kind.cites),
    }


def told_faults(stands: Standing, known: Law, language: str = "ja") -> tuple[str, ...]:
    """Why papers and pieces that came do not count, in words."""
    words = words_of(language)["faults"]
    papers = [
        words[fault.code].format(
            paper=known.papers[stands.papers[fault.place].paper].name(language)
            if stands.papers[fault.place].paper in known.papers
            else "",
            day=told_day(fault.day, language) if fault.day else "",
        )
        for fault in stands.evidence.faults
    ]
    pieces = [
        words[fault.code].format(
            name=_instrument(known, stands.pieces[fault.place].instrument, language),
            day=told_day(fault.until, language) if fault.until else "",
        )
        for fault in stands.payment.faults
    ]
    return (*papers, *pieces)


def told_need(need: Need, known: Law, language: str = "ja") -> str:
    """A need in words: which paper, of whom."""
    words = words_of(language)["deficiency"]
    names = words["comma"].join(known.paper(key).name(language) for key in need.any_of)
    if need.how_many > 1:
        told = str(words["so_many_of"].format(papers=names, number=need.how_many))
    else:
        told = str(words["one_of"].format(papers=names) if len(need.any_of) > 1 else words["paper"].format(paper=names))
    owner = words[OWNERS[need.whose]] if need.whose in OWNERS else ""
    return str(words["owner"].format(owner=owner, told=told)) if owner else told


def told_instead(stands: Standing, known: Law, language: str = "ja") -> tuple[str, ...]:
    """What would do in place of the papers that are missing, in words: each a combination the policy takes as well."""
    words = words_of(language)["deficiency"]
    return tuple(
        str(words["and_papers"].join(told_need(need, known, language) for need in way))
        for way in stands.evidence.instead
    )


def told_ways(stands: Standing, known: Law, instruments: tuple[str, ...], language: str = "ja") -> tuple[str, ...]:
    """The ways to send what is lacking of a fee, in words."""
    words = words_of(language)["deficiency"]
    told = []
    for way in ways_to_pay(stands.payment.lacking, [known.instrument(key) for key in instruments]):
        counted: dict[tuple[str, int], int] = {}
        for piece in way.pieces:
            counted[piece] = counted.get(piece, 0) + 1
        told.append(
            words["plus"].join(
                words["piece"].format(
                    name=known.instrument(name).name(language), yen=yen, times=f"×{times}" if times > 1 else ""
                )
                for (name, yen), times in counted.items()
            )
        )
    return tuple(told)


def _secret(own: Mapping[str, Any], reference: str, secret: str) -> dict[str, object]:
    """Number and secret for the centre, as the person types them, and where that is."""
    address = centre_address()
    lines = [*own["lines"], *([own["at"].format(address=address)] if address else [])]
    return {"title": own["title"], "lines": lines, "rows": [[own["number"], reference], [own["secret"], secret]]}


def _missing(
    stands: Standing, known: Law, words: dict[str, Any], instruments: tuple[str, ...], language: str
) -> Iterator[dict[str, str]]:
    own = words["deficiency"]
    faults = list(told_faults(stands, known, language))
    for need in stands.evidence.needs:
        aging = need.any_of if need.whose is not Whose.ESTATE else ()  # a death does not grow old
        months = {known.paper(key).months_from_issue for key in aging} - {None}
        how = own["within"].format(months=max(m for m in months if m)) if months else ""
        yield {"what": told_need(need, known, language), "how": how}
    for way in told_instead(stands, known, language):
        yield {"what": own["instead"].format(papers=way), "how": ""}
    if stands.payment.lacking:
        ways = told_ways(stands, known, instruments, language)
        yield {"what": own["fee"].format(yen=stands.payment.lacking), "how": own["or"].join(ways[:2])}
    for why in faults:
        yield {"what": own["again"].format(why=why), "how": ""}


def _erased(reference: str, own: Mapping[str, Any], comma: str, language: str) -> dict[str, object]:
    """What the certificate of erasure says, as a table."""
    found = case(reference)
    done = next((one for one in erasures(found.person) if found.certificate and one.entry == found.certificate), None)
    if done is None:
        raise SekishoError("requests.not-erased", room=rules.ROOM, reference=reference)
    rows = [
        [own["certificate_no"], done.entry],
        [own["done_on"], told_day(tokyo_date(done.done_at), language) if done.done_at else ""],
        [own["places"], comma.join(_place(one, own, language) for one in done.places)],
        [own["kept"], own["kept_some"] if done.is_partly else own["kept_none"]],
    ]
    return {"title": "", "head": [], "rows": rows, "widths": CELLS}


def _place(system: str, own: Mapping[str, Any], language: str) -> str:
    """A system as people call it; no name: our own register of people."""
    if not system:
        return str(own["register"])
    known = datamap.current().systems.get(system)
    return known.label if known is not None and language == "ja" else system


def _refunded(reference: str, own: Mapping[str, Any], known: Law, language: str) -> dict[str, object]:
    """The money that went back, as a table."""
    rows = [
        [
            own["yen"].format(yen=f"{one.yen:,}"),
            own["why"][one.why.value],
            _instrument(known, one.instrument, language),
            own["paid"].format(day=told_day(one.paid_on, language), proof=one.proof),
        ]
        for one in refunds_of(reference)
    ]
    if not rows:
        raise SekishoError("requests.nothing-refunded", room=rules.ROOM, reference=reference)
    return {"title": "", "head": own["head"], "rows": rows, "widths": (2, 4, 3, 3)}


def _due(reference: str, on: date) -> date:
    """By when the fee is to come: the reminder's day, or the term counted from today."""
    row = CaseReminder.objects.filter(request__reference=reference).first()
    return row.due_on if row else on + timedelta(days=rules.limits()["fees"]["close_after_days"])


def _instrument(known: Law, key: str, language: str) -> str:
    return known.instruments[key].name(language) if key in known.instruments else key
