"""What law and promise say to a request, class by class of what is held."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.holdings import Holding, holdings
from sekisho.casework.subject_requests.queries.standing import about_of
from sekisho.casework.subject_requests.rules.deciding import Weighed, weighed
from sekisho.casework.subject_requests.rules.subjects import bar_of, is_promised_to_heirs, never_collected
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
    never: frozenset[str] = frozenset()  # fields that nobody should have asked for, and that have a value here
    apart: Weighed  # the answer about whatever else stands here

    def about(self, item: str) -> Weighed:
        """The answer about one field, or about the whole class."""
        return self.weighed if item in self.never or "." not in item else self.apart


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
        never = _never_collected(one, on, kinds)
        answer = partial(
            weighed,
            one.keep,
            kind=kind,
            right=replace(right, clause=policy.heirs.clause) if lifted and policy.heirs else right,
            ground_accepted=ground_accepted,
            on=on,
            bar=bar,
            lifted=lifted,
        )
        told.append(Weighing(holding=one, weighed=answer(never_collected=bool(never)), never=never, apart=answer()))
    return tuple(told)


def _never_collected(one: Holding, on: date, kinds: frozenset[str]) -> frozenset[str]:
    """Fields with a value in the person's own rows that should not have been asked of them. The hired may be asked."""
    system, _, name = one.place.en.partition(".")
    found = datamap.current().systems.get(system)
    table = found.tables.get(name) if found else None
    if table is None:
        return frozenset()
    return never_collected(law(on).never_collect, one.items, table.subject, lifted=HIRED in kinds)


def grounds_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """The grounds the law wants for a kind of request, as they stand on the day."""
    return tuple(one for one in law(tokyo_date(at)).request_grounds.values() if kind in one.kinds)


def refusals_of(kind: str, at: datetime) -> tuple[RequestGround, ...]:
    """On what a kind of request may be refused."""
    return tuple(one for one in law(tokyo_date(at)).refusals.values() if kind in one.kinds)
