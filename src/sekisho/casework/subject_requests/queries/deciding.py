"""What law and promise say to a request, class by class of what is held."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.holdings import Holding, holdings
from sekisho.casework.subject_requests.queries.standing import about_of
from sekisho.casework.subject_requests.rules.deciding import Weighed, weighed
from sekisho.casework.subject_requests.rules.subjects import bar_of, is_never_collected, is_promised_to_heirs
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies

HIRED = "staff"  # kind of person that lifts the bans on what applicants are asked


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
    kind, policy = law(on).request(found.kind), policies.in_force(at)
    held, _ = holdings(found.person, at)
    is_dead, kinds = about_of(found.person, at).is_dead, identities.kinds_of(found.person)
    told = []
    for one in held:
        bar = bar_of(policy, one.item, is_deceased=is_dead)
        lifted = is_promised_to_heirs(policy, one.item, bar)
        answer = weighed(
            one.keep,
            kind=kind,
            right=replace(right, clause=policy.heirs.clause) if lifted and policy.heirs else right,
            ground_accepted=ground_accepted,
            on=on,
            bar=bar,
            lifted=lifted,
            never_collected=_is_never_collected(one, on, kinds),
        )
        told.append(Weighing(holding=one, weighed=answer))
    return tuple(told)


def _is_never_collected(one: Holding, on: date, kinds: frozenset[str]) -> bool:
    """Whether a field of the holding's table should not have been asked of whoever's row it is. The hired may be asked."""
    system, _, name = one.place.en.partition(".")
    found = datamap.current().systems.get(system)
    table = found.tables.get(name) if found else None
    if table is None:
        return False
    class_ = one.item.partition(".")[0]
    items = [item for column in table.columns.values() for item in column.items if item.partition(".")[0] == class_]
    return is_never_collected(law(on).never_collect, items, table.subject, lifted=HIRED in kinds)


def grounds_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """The grounds the law wants for a kind of request, as they stand on the day."""
    return tuple(one for one in law(tokyo_date(at)).request_grounds.values() if kind in one.kinds)


def refusals_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """On what a kind of request may be refused."""
    return tuple(one for one in law(tokyo_date(at)).refusals.values() if kind in one.kinds)
