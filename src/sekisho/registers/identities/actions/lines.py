"""What happens to a line: given out, ported in and out, returned, transferred (譲渡), succeeded to (承継), another user.

`happened` is the first instant of the new state, `at` when it is recorded. `early`: an event that this one presupposes
has not arrived yet; until it does, whose the line was before is unclear and nobody's. Each leaves one entry of evidence,
`identities.event-recorded`. A repeat is a no-op. All raise: identities.document-not-accepted,
identities.unknown-person, identities.contradicts.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sekisho.engine.errors import SekishoError
from sekisho.registers.identities import queries, rules
from sekisho.registers.identities.actions.recording import Passing, record
from sekisho.registers.identities.rules import CONTRACTED, ROOM

NUMBER, CONTRACTOR, USER = "number", "contractor", "line_user"
ENDINGS = {"returned", "port_out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """Who records what on what showing, and when."""

    happened: datetime
    at: datetime
    document: str
    acting_user: str
    early: bool = False


def assign(*, number: str, person: str, told: Recorded, user: str = "", ported: bool = False) -> str:
    """Give a number to a person, or take it over from another carrier (port-in). `user`: who uses it, if not they.

    Raises: identities.number-resting.
    """
    with transaction.atomic():
        event = "port_in" if ported else "assigned"
        repeat = _repeat(number, {"port_in"} if ported else {"assigned", "recycled"}, told, {person, user})
        if repeat:
            return repeat
        if not ported:
            _require_rested(number, person, told.happened)
        had = any(one.until is not None and one.until <= told.happened for one in queries.holders_of(NUMBER, number))
        taken = _seats(number, "", "", person, user)
        return _record("recycled" if had and not ported else event, taken, told, document_of=event)


def release(*, number: str, told: Recorded, ported: bool = False, giver: str = "") -> str:
    """Take a number back, or let it go to another carrier (port-out). Raises: identities.not-held."""
    with transaction.atomic():
        event = "port_out" if ported else "returned"
        repeat = _repeat(number, {event}, told, set())
        if repeat:
            return repeat
        contractor, user = _holders(number, told, giver)
        return _record(event, _seats(number, contractor, user, "", ""), told)


def transfer(*, number: str, to: str, told: Recorded, giver: str = "", user: str = "") -> str:
    """譲渡: the contract and the line go on under another person. What the former's calls were stays the former's.

    `user`: who uses it from now on, if not `to`. Raises: identities.not-held, identities.not-the-holder.
    """
    with transaction.atomic():
        repeat = _repeat(number, {"transferred"}, told, {to, user})
        if repeat:
            return repeat
        contractor, former = _holders(number, told, giver)
        return _record("transferred", _seats(number, contractor, former, to, user), told)


def succeed(*, person: str, to: str, told: Recorded, numbers: tuple[str, ...] = ()) -> str:
    """承継, by inheritance or merger: every line the person stood in contract for, or those named, goes on under the heir.

    Users stay users. Neither calls before that instant nor anything else of the person passes: they stay theirs.
    Raises: identities.nothing-to-succeed-to.
    """
    with transaction.atomic():
        repeat = queries.succession_of(person, to, told.happened)
        if repeat:
            return repeat
        lines = [line for line in queries.lines_of(person, told.happened) if not numbers or line[1] in numbers]
        if not lines or set(numbers) - {value for _, value in lines}:
            raise SekishoError("identities.nothing-to-succeed-to", room=ROOM, person=_shown(person))
        passings = [Passing(kind=kind, value=value, giver=person, taker=to, role=CONTRACTOR) for kind, value in lines]
        return _record("succeeded", passings, told)


def change_user(*, number: str, user: str, told: Recorded) -> str:
    """Another member of the family or another employee uses the line from now on; "" = the contractor's own use.

    Raises: identities.not-held.
    """
    with transaction.atomic():
        repeat = _repeat(number, {"user_changed"}, told, {user, queries.contractor_of(number, told.happened) or ""})
        if repeat:
            return repeat
        contractor, former = _holders(number, told, "")
        return _record("user_changed", _seats(number, contractor, former, contractor, user), told)


def _record(event: str, passings: list[Passing], told: Recorded, *, document_of: str = "") -> str:
    return record(
        event=event,
        happened=told.happened,
        passings=passings,
        document=told.document,
        document_of=document_of or event,
        at=told.at,
        acting_user=told.acting_user,
        early=told.early,
    )


def _seats(number: str, contractor: str, user: str, to: str, new_user: str) -> list[Passing]:
    """From one pair of contractor and user to another. Where they are one person the line is simply theirs."""
    uses = new_user if new_user != to else ""
    holder, taker = user or contractor, uses or to
    was_apart, is_apart = bool(user), bool(uses)
    passings = []
    if holder != taker or was_apart != is_apart:
        role = USER if is_apart else CONTRACTOR if taker else ""
        passings.append(Passing(kind=NUMBER, value=number, giver=holder, taker=taker, role=role))
    stood, stands = contractor if was_apart else "", to if is_apart else ""
    if stood != stands:
        passings.append(
            Passing(kind=CONTRACTED, value=number, giver=stood, taker=stands, role=CONTRACTOR if stands else "")
        )
    return passings


def _holders(number: str, told: Recorded, giver: str) -> tuple[str, str]:
    """Contractor and user (if another) just before it happened. `giver`: whom the event itself names as contractor."""
    party = queries.person_of(CONTRACTED, number, told.happened) or ""
    holder = queries.person_of(NUMBER, number, told.happened) or ""
    contractor, user = (party, holder) if party else (holder, "")
    if giver and giver != contractor:
        if not told.early:
            raise SekishoError("identities.not-the-holder", room=ROOM, person=_shown(giver))
        return giver, ""
    if not contractor:
        raise SekishoError("identities.not-held", room=ROOM, at=told.happened.isoformat())
    return contractor, user


def _repeat(number: str, events: set[str], told: Recorded, takers: set[str]) -> str:
    """The same event, recorded before; "" if none. Raises: identities.same-instant, where something else happened then."""
    for one in queries.events_at(number, told.happened):
        named = {move.taker for move in one.moves if move.taker}
        if one.event in events and named <= takers:
            return one.ref
        if named or events & ENDINGS:
            raise SekishoError("identities.same-instant", room=ROOM, event=one.ref)
    return ""


def _require_rested(number: str, person: str, happened: datetime) -> None:
    for one in queries.holders_of(NUMBER, number):
        if one.person != person and one.until is not None and one.until <= happened < one.until + rules.limits().rest:
            free = one.until + rules.limits().rest
            raise SekishoError("identities.number-resting", room=ROOM, until=free.isoformat())


def _shown(person: str) -> str:
    return person if person.isascii() else "?"
