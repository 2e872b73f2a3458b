"""What was written down of a case, entry by entry, so that one written by mistake can be named; and what is not, but has to be."""

from dataclasses import dataclass
from datetime import date

from sekisho.casework.subject_requests.models import CasePaper, CasePayment
from sekisho.casework.subject_requests.queries.effects import corrections_of
from sekisho.casework.subject_requests.rules import Case
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.registers.identities import queries as identities


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One paper or one piece of a fee, by its number. `what`: a key of the law pack's papers or instruments."""

    number: int
    what: str
    whose: str = ""
    yen: int = 0
    issued_on: date | None = None
    expires_on: date | None = None


def papers_written(reference: str) -> tuple[Entry, ...]:
    """The papers of a case in the order they were recorded."""
    return tuple(
        Entry(number=row.pk, what=row.paper, whose=row.whose, issued_on=row.issued_on, expires_on=row.expires_on)
        for row in CasePaper.objects.filter(request__reference=reference).order_by("id")
    )


def payments_written(reference: str) -> tuple[Entry, ...]:
    """What came for the fee of a case, in the order it was recorded."""
    return tuple(
        Entry(number=row.pk, what=row.instrument, yen=row.yen, issued_on=row.issued_on)
        for row in CasePayment.objects.filter(request__reference=reference).order_by("id")
    )


def lacks_corrections(case: Case) -> bool:
    """Whether what is to be put right has to be written down first. Of somebody in no register there is nothing to put right."""
    corrects = case.kind in answering()["corrected"] and not corrections_of(case.reference)
    return corrects and (not case.person or identities.is_person(case.person))
