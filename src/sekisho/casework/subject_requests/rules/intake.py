"""What arrives at the desk: a batch of pages is cut where a form begins, and every arrival ends somewhere.

Source: PROMISES B-76 to B-79; APPI art. 37 and its order on procedure: what has arrived is counted from that day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sekisho.casework.subject_requests.rules.codes import Read


class Channel(StrEnum):
    """How something came."""

    MAIL = "mail"
    FAX = "fax"
    WEB = "web"
    E_MAIL = "e_mail"
    SHOP = "shop"
    PHONE = "phone"


class ArrivalState(StrEnum):
    """Where an arrival ended. WAITING is the only one that a day may not end with."""

    WAITING = "waiting"  # a person has to look
    CASED = "cased"  # it opened a case
    LINKED = "linked"  # it belongs to a case that stood
    GUIDED = "guided"  # a form went out, or advice was given: the arrival is kept, no clock runs
    COMPLAINT = "complaint"  # it opened a complaint, which has a number and a clock of its own
    NOT_OURS = "not_ours"
    UNREADABLE = "unreadable"


ENDS = frozenset(ArrivalState) - {ArrivalState.WAITING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Some pages of a batch that belong together, by place, and what the code on the first says."""

    pages: tuple[int, ...]
    read: Read | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The desk's book of one day: everything that arrived has ended somewhere, or the book does not balance."""

    arrived: int
    by_state: dict[ArrivalState, int]

    @property
    def waiting(self) -> int:
        """What nobody has decided on."""
        return self.by_state.get(ArrivalState.WAITING, 0)

    @property
    def is_balanced(self) -> bool:
        """Whether everything that arrived ended somewhere."""
        return not self.waiting and sum(self.by_state.values()) == self.arrived


def may_reconsider(state: ArrivalState, *, is_open: bool) -> bool:
    """Whether what was decided of an arrival can be taken back. `is_open`: no case has it, or its case is open."""
    return is_open and state not in (ArrivalState.WAITING, ArrivalState.CASED, ArrivalState.COMPLAINT)


def documents(codes: Sequence[Read | None]) -> tuple[Document, ...]:
    """A batch cut into documents: one begins at every page with a code of ours that differs from the one before it.

    `codes`: what the code on each page says; pages without one belong to the page before. Pages before the first code
    are a document of their own, which a person looks at.
    """
    found: list[Document] = []
    for place, read in enumerate(codes):
        same = bool(found) and read is not None and read.case != "" and found[-1].read == read
        if found and (read is None or same):
            found[-1] = Document(pages=(*found[-1].pages, place), read=found[-1].read)
        else:
            found.append(Document(pages=(place,), read=read))
    return tuple(found)


def balance(states: Sequence[ArrivalState]) -> Balance:
    """The book of what arrived."""
    counted: dict[ArrivalState, int] = {}
    for state in states:
        counted[state] = counted.get(state, 0) + 1
    return Balance(arrived=len(states), by_state=counted)
