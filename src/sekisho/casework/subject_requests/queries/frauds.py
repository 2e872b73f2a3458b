"""What was noticed about a case, with what came of each question. Computed anew at every look: nothing is stored but results."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.models import (
    Arrival,
    CasePaper,
    CaseSender,
    CheckResult,
    PageMark,
    PageMask,
    ProtectedPerson,
    SubjectRequest,
)
from sekisho.casework.subject_requests.queries.reading import held_pages
from sekisho.casework.subject_requests.queries.standing import standing
from sekisho.casework.subject_requests.rules.fraud import AddressIs, Check, Result, Seen, State, check, frauds
from sekisho.casework.subject_requests.rules.papers import OF_AGE, Agency, Whose
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.identities import queries as identities


def checks_of(reference: str, at: datetime) -> tuple[Check, ...]:
    """Every question about a case, open ones first. Raises: requests.unknown-case."""
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None:
        raise SekishoError("requests.unknown-case", room=rules.ROOM, reference=reference)
    results = {
        (one.code, one.about): Result(one.result) for one in CheckResult.objects.filter(request=row).order_by("id")
    }
    found = [check(seen, results.get((seen.code, seen.key))) for seen in _seen(row, at)]
    return tuple(sorted(found, key=lambda one: one.state is not State.OPEN))


def sender_of(reference: str) -> CaseSender | None:
    """Who sends a request and where the answer is wanted, as the clerk noted it."""
    return CaseSender.objects.filter(request__reference=reference).first()


def is_protected(person: str, at: datetime) -> bool:
    """Whether somebody's whereabouts are protected, here or in the register of persons."""
    here = ProtectedPerson.objects.filter(person_ref=person, until=None).exists()
    return here or identities.standing_of(person, at).protected


def protected_near(person: str, at: datetime) -> tuple[str, ...]:
    """Protected people of the same line or family, other than the person."""
    near = {who for who in (identities.guardian_of(person, at), *identities.successors_of(person)) if who}
    for own in identities.intervals_of(person):
        if own.kind in frauds()["changes"]["identifiers"]:
            for kind in ("number", identities.CONTRACTED):
                holders = (
                    identities.holders_of(kind, own.value) if own.kind in ("number", identities.CONTRACTED) else ()
                )
                near |= {one.person for one in holders if _meet(own, one)}
    for one in ProtectedPerson.objects.filter(until=None).values_list("person_ref", flat=True):
        if identities.guardian_of(one, at) == person:
            near.add(one)
    return tuple(sorted(who for who in near - {person} if is_protected(who, at)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberTold:
    """What somebody who calls from a number may be told of it: only that it changed hands, and since when."""

    changed_on: date | None


def number_told(number: str, at: datetime) -> NumberTold:
    """When a number last changed hands up to an instant. No name, no count of holders, nothing of whoever had it.

    `number`: as it was said, with or without signs between. Raises: requests.no-such-number.
    """
    number = "".join(sign for sign in unicodedata.normalize("NFKC", number) if sign.isdigit())
    if not re.fullmatch(frauds()["number"]["shape"], number):
        raise SekishoError("requests.no-such-number", room=rules.ROOM)
    holders = [one for one in identities.holders_of("number", number) if one.since is None or one.since <= at]
    passed = [one.since for before, one in pairwise(holders) if one.since is not None and before.person != one.person]
    return NumberTold(changed_on=tokyo_date(passed[-1]) if passed else None)


def _seen(row: SubjectRequest, at: datetime) -> Iterator[Seen]:
    sender = CaseSender.objects.filter(request=row).first()
    if row.person_ref:
        yield from _linked(row, at)
        yield from _protected(row, at)
        yield from _changed(row, sender, at)
    if sender is not None and sender.agent:
        yield from _agent(row, sender, at)
    yield from _papers(row, at)
    yield from _reused(row)
    yield from _read(row)
    yield from _unmasked(row, at)


def _linked(row: SubjectRequest, at: datetime) -> Iterator[Seen]:
    limits = frauds()["limits"]
    others = SubjectRequest.objects.filter(person_ref=row.person_ref, id__lt=row.pk)
    same = others.filter(kind=row.kind, received_on__gte=_ago(at, limits["same_days"])).exclude(outcome="withdrawn")
    if found := tuple(same.order_by("id").values_list("reference", flat=True)):
        yield Seen(code="duplicate", about=found)
    many = others.filter(received_on__gte=_ago(at, limits["volume_days"]))
    if many.count() + 1 >= limits["volume"]:
        yield Seen(code="volume", about=(row.reference,))


def _protected(row: SubjectRequest, at: datetime) -> Iterator[Seen]:
    if is_protected(row.person_ref, at):
        yield Seen(code="protected", about=(row.agency,))
    if near := protected_near(row.person_ref, at):
        yield Seen(code="protected-near", about=near)


def _changed(row: SubjectRequest, sender: CaseSender | None, at: datetime) -> Iterator[Seen]:
    """One question for all that changed, the address for the answer among it: there is never a second."""
    since, about = _ago(at, frauds()["limits"]["recent_days"]), list[str]()
    known_since = identities.standing_of(row.person_ref, at).acquired_on
    is_new = known_since is not None and known_since >= since  # all of a new contract is new: nothing changed
    if not is_new:
        moved = [one.kind for one in identities.intervals_of(row.person_ref) if _lately(one.since, since, at)]
        about += [kind for kind in moved if kind in frauds()["changes"]["identifiers"]]
        about += ["name" for one in identities.names_of(row.person_ref) if _lately(one.since, since, at)]
    if sender is not None and sender.address_is == AddressIs.CHANGED.value and (sender.changed_on or since) >= since:
        about.append("address")
    if about:
        yield Seen(code="recent-change", about=(row.reference,))
    elif sender is not None and sender.address_is == AddressIs.OTHER.value:
        yield Seen(code="reply-elsewhere", about=(row.reference,))


def _agent(row: SubjectRequest, sender: CaseSender, at: datetime) -> Iterator[Seen]:
    limits = frauds()["limits"]
    cases = SubjectRequest.objects.filter(
        sender__agent=sender.agent, received_on__gte=_ago(at, limits["agent_days"]), id__lte=row.pk
    )
    people = set(cases.exclude(person_ref="").values_list("person_ref", flat=True))
    if len(people) >= limits["agent_people"]:
        yield Seen(code="agent-many", about=(sender.agent,))


def _papers(row: SubjectRequest, at: datetime) -> Iterator[Seen]:
    stands, known = standing(row.reference, at), law(tokyo_date(at)).papers
    grown = _grew_up(row)
    faulty = {one.place for one in stands.evidence.faults}
    doubted = [str(one.place) for one in stands.evidence.faults if not (grown and one.code == OF_AGE)]
    if doubted:
        yield Seen(code="paper-doubted", about=tuple(doubted))
    if not stands.papers and stands.other_way is None:
        yield Seen(code="no-paper", about=(row.reference,))
    showing = {
        known[one.paper] for place, one in enumerate(stands.papers) if one.whose is Whose.AGENCY and place not in faulty
    }
    if len(doubted) < len(faulty):
        yield Seen(code="came-of-age", about=(row.reference,))
    elif stands.agency in (Agency.STATUTORY, Agency.MANDATED) and not showing:
        yield Seen(code="agent-unshown", about=(row.reference,))
    elif stands.agency is Agency.STATUTORY and stands.about.is_minor is None and all(one.until_age for one in showing):
        yield Seen(code="age-unknown", about=(row.reference,))


def _grew_up(row: SubjectRequest) -> bool:
    """Whether who is of age today was a minor when the parent was checked: then the parent's papers were good."""
    checked = row.identity_checked_at
    return checked is not None and identities.is_minor(row.person_ref, checked) is True


def _reused(row: SubjectRequest) -> Iterator[Seen]:
    """Pages of this case that came before, for nobody or for somebody else; one's own paper twice is no wonder."""
    from sekisho.casework.subject_requests.rules.fraud_likeness import is_alike

    mine = list(PageMark.objects.filter(arrival__request=row).exclude(mark="").values_list("mark", flat=True))
    if not mine:
        return
    before = PageMark.objects.exclude(mark="").exclude(arrival__request=row).filter(arrival__request__id__lt=row.pk)
    others = before.exclude(arrival__request__person_ref=row.person_ref) if row.person_ref else before
    about = {
        ref
        for mark, ref in others.values_list("mark", "arrival__ref")
        if any(is_alike(turn, mark.split("/")[0]) for own in mine for turn in own.split("/"))
    }
    if about:
        yield Seen(code="reused-scan", about=tuple(sorted(about)))


def _read(row: SubjectRequest) -> Iterator[Seen]:
    pages = held_pages(row.reference)
    if pages.found:
        yield Seen(code="page-findings", about=pages.found)
    if pages.unread:
        yield Seen(code="pages-unread", about=pages.unread)


def _unmasked(row: SubjectRequest, at: datetime) -> Iterator[Seen]:
    known = law(tokyo_date(at)).papers
    if not any(known[one.paper].masks for one in CasePaper.objects.filter(request=row) if one.paper in known):
        return
    pages = Arrival.objects.filter(request=row, pages__gt=0, destroyed_at=None)
    rest = [one.ref for one in pages.order_by("id") if _gone_through(one) < one.pages]
    if rest:
        yield Seen(code="unmasked-pages", about=tuple(rest))


def _gone_through(arrival: Arrival) -> int:
    return PageMask.objects.filter(arrival=arrival, is_burned=True).values("page").distinct().count()


def _ago(at: datetime, days: int) -> date:
    return tokyo_date(at) - timedelta(days=days)


def _lately(since: datetime | None, day: date, at: datetime) -> bool:
    return since is not None and since <= at and tokyo_date(since) >= day


def _meet(one: identities.IdentifierInterval, other: identities.IdentifierInterval) -> bool:
    begins = one.until is None or other.since is None or other.since < one.until
    return begins and (other.until is None or one.since is None or one.since < other.until)
