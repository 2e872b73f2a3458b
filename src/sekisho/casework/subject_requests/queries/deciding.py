"""What law and promise say to a request, class by class of what is held."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.holdings import Holding, holdings
from sekisho.casework.subject_requests.rules.deciding import Weighed, weighed
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """One class in one place, and what is answered about it."""

    holding: Holding
    weighed: Weighed


def weighings(reference: str, at: datetime, *, ground_accepted: bool = False) -> tuple[Weighing, ...]:
    """Everything held of the person of a case, with the answer to each. Empty while nobody knows whose request it is.

    Raises: requests.unknown-case.
    """
    found, on = case(reference), tokyo_date(at)
    right = policies.in_force(at).rights.get(found.kind)
    if not found.person or right is None:
        return ()
    kind = law(on).request(found.kind)
    held, _ = holdings(found.person, at)
    return tuple(
        Weighing(holding=one, weighed=weighed(one.keep, kind=kind, right=right, ground_accepted=ground_accepted, on=on))
        for one in held
    )


def grounds_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """The grounds the law wants for a kind of request, as they stand on the day."""
    return tuple(one for one in law(tokyo_date(at)).request_grounds.values() if kind in one.kinds)


def refusals_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """On what a kind of request may be refused."""
    return tuple(one for one in law(tokyo_date(at)).refusals.values() if kind in one.kinds)
