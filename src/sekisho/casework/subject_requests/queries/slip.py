"""The slip of acceptance (受付票) a person saves at the centre: number, day, kind, what happens next, and no name."""

from datetime import datetime
from importlib import resources

from sekisho.casework.subject_requests.models import SubjectRequest
from sekisho.casework.subject_requests.queries.access import progress_of
from sekisho.casework.subject_requests.queries.forms import PACKAGE, operator_of, request_desk
from sekisho.casework.subject_requests.queries.letters import said, told_day, words_of
from sekisho.casework.subject_requests.queries.standing import clock_for, waits_of
from sekisho.casework.subject_requests.rules.codes import case_code
from sekisho.connectors.barcodes import written
from sekisho.connectors.typesetting import typeset
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.words import label as word_of
from sekisho.registers.policies import queries as policies


def acceptance_slip(reference: str, *, key: bytes, at: datetime, language: str = "ja") -> bytes:
    """The slip as PDF. `key`: of the desk, for the code that finds the case. Raises: requests.unknown-case, …"""
    found, own, on = progress_of(reference, at, language), words_of(language)["slip"], tokyo_date(at)
    row, policy = SubjectRequest.objects.get(reference=reference), policies.in_force(at)
    clock, desk = clock_for(row, on, waits_of(row)), request_desk(policy)
    known, phone = law(on), (desk.phone if desk else None) or ""
    label = said(desk.label, language) if desk else ""
    fee = own["yen"].format(yen=f"{found.stands.fee.yen:,}") if found.stands and found.stands.fee.yen else own["no_fee"]
    rows = [
        [own["number"], reference],
        [own["kind"], known.request(row.kind).name(language)],
        [own["arrived"], told_day(row.received_on, language)],
        *([[own["came_by"], own["came"].get(found.channel, found.channel)]] if found.channel else []),
        [own["reply"], word_of("channels", row.reply, language) if row.reply else own["not_yet"]],
        *([[own["fee"], fee]] if found.stands else []),
        *([[own["target"], told_day(clock.target_on, language)]] if clock.target_on and found.stands else []),
    ]
    suit_law = words_of(language)["answer"]["comma"].join(
        known.cite(key_).text(language) for key_ in known.deadline("suit_possible").cites
    )
    named = {"suit": told_day(clock.suit_from, language), "suit_law": suit_law}
    values = {
        "language": language,
        "title": own["title"],
        "lead": own["lead"],
        "reference": reference,
        "made": own["made"].format(day=told_day(on, language)),
        "rows": rows,
        "next_title": own["next_title"],
        "next": [line.format(**named) for line in own["next"]],
        "operator": operator_of(policy, language),
        "desk": label,
        "desk_lines": [
            *([said(desk.address, language)] if desk and desk.address else []),
            *([words_of(language)["phone"].format(phone=phone)] if phone else []),
        ],
        "note": own["note"],
        "code_svg": written(case_code(reference, key)),
    }
    return typeset(resources.files(PACKAGE).joinpath("letters", "slip.typ"), values, at=at)
