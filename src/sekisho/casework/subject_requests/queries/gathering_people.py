"""Who else is met when somebody's rows are gathered: users of their lines, and whom their texts may name."""

from collections.abc import Sequence
from datetime import datetime

from sekisho.casework.subject_requests.rules.gathering import gathering_words
from sekisho.casework.subject_requests.rules.gathering_own import Bound, needles_of
from sekisho.engine.erasure.needles import Needle
from sekisho.engine.policy.model import Policy
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import CONTRACTED, IdentifierInterval

NUMBER = "number"


def users_agree(policy: Policy, line: IdentifierInterval, person: str, at: datetime) -> bool:
    """Whether everybody who used a line in its interval consented to what answers a request (LAW.md 9.9)."""
    purposes = [one.id for one in policy.purposes.values() if one.nature == gathering_words()["nature"]]
    users = {
        one.person for one in identities.holders_of(NUMBER, line.value) if one.person != person and _overlap(one, line)
    }
    return bool(users) and all(
        any(consents.standing_of(user, at).has(ConsentKind.SECRECY, purpose) for purpose in purposes) for user in users
    )


def connected(person: str, contracted: Sequence[IdentifierInterval]) -> tuple[Needle, ...]:
    """Whom a text may name: who uses or pays for a line of theirs, and whoever held a number before or after."""
    people: dict[str, None] = {}
    for one in (*identities.identifiers_of(person), *contracted):
        for kind in (NUMBER, CONTRACTED) if one.kind in (NUMBER, CONTRACTED) else (one.kind,):
            people |= {holder.person: None for holder in identities.holders_of(kind, one.value)}
    people |= dict.fromkeys(identities.successors_of(person))
    people.pop(person, None)
    names = [part for one in people for name in identities.names_of(one) for part in (name.name, name.kana)]
    mine = {(one.kind, one.value) for one in identities.intervals_of(person)}
    bounds = [
        Bound(one.kind, one.value, None, None)
        for other in people
        for one in identities.intervals_of(other)
        if (one.kind, one.value) not in mine
    ]
    return needles_of(bounds, names)


def _overlap(one: IdentifierInterval, other: IdentifierInterval) -> bool:
    ends_before = one.until is not None and other.since is not None and one.until <= other.since
    begins_after = one.since is not None and other.until is not None and other.until <= one.since
    return not (ends_before or begins_after)
