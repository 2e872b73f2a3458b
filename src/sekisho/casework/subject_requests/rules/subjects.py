"""Groups of people who may ask, each found by identifiers of their own, and what is peculiar to some of them.

The dead are no data subjects, but their communications stay secret and their estate passes to somebody; what should never
have been collected goes without a ground. Source: `subjects.toml`; APPI arts. 2(1), 37; LAW.md 9.15, 9.20.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.engine.errors import SekishoError
from sekisho.engine.law.model import NeverCollect
from sekisho.engine.policy.model import Policy, Text


@cache
def subjects() -> Mapping[str, Any]:
    """`subjects.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("subjects.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of people: by what they are found, and which kinds of person of the policy they are."""

    id: str
    label: Text
    identifiers: tuple[str, ...]
    of: frozenset[str]


def groups() -> tuple[Group, ...]:
    """Every group, in the order the desk offers them."""
    return tuple(
        Group(
            id=id_,
            label=Text(row["ja"], row["en"]),
            identifiers=tuple(row["identifiers"]),
            of=frozenset(row["of"]),
        )
        for id_, row in subjects()["groups"].items()
    )


def identifiers() -> tuple[str, ...]:
    """Every kind of identifier by which somebody who asks may be found."""
    return tuple(dict.fromkeys(kind for group in groups() for kind in group.identifiers))


def groups_of(kinds: Iterable[str], held: Iterable[str]) -> tuple[Group, ...]:
    """The groups somebody belongs to: by kind of person, or by an identifier they have."""
    are, have = frozenset(kinds), frozenset(held)
    return tuple(one for one in groups() if one.of & are or have & set(one.identifiers))


def bar_of(policy: Policy, item: str, *, is_deceased: bool) -> str:
    """Why the law answers nothing about this class of this person: a refusal of the law pack; empty where it may be."""
    if not is_deceased:
        return ""
    told, class_ = subjects()["deceased"], item.partition(".")[0]
    known = policy.classes.get(class_)
    field = known.fields.get(item.partition(".")[2]) if known else None
    kind = field.kind if field is not None else known.kind if known else None
    if kind is not None and kind.value in told["secrecy_kinds"]:
        return str(told["secrecy_bar"])
    return "" if class_ in told["passes_on"] else str(told["bar"])


def is_promised_to_heirs(policy: Policy, item: str, bar: str) -> bool:
    """Whether the policy tells heirs of this class all the same. Secrecy of communications is nobody's to promise away."""
    told = policy.heirs.told if policy.heirs is not None else ()
    return item.partition(".")[0] in told and bar == subjects()["deceased"]["bar"]


def require_asker(reference: str, *, is_heir: bool, is_dead: bool) -> None:
    """Heirs ask for the dead, and nobody else does: a mandate and a guardianship end with the person.

    Source: Civil Code arts. 111, 896; APPI art. 2(1). Raises: requests.death-not-recorded, requests.person-has-died.
    """
    if is_heir and not is_dead:
        raise SekishoError("requests.death-not-recorded", room=ROOM, reference=reference)
    if is_dead and not is_heir:
        raise SekishoError("requests.person-has-died", room=ROOM, reference=reference)


def never_collected(
    bans: Iterable[NeverCollect], items: Iterable[str], subject: str, *, lifted: bool
) -> frozenset[str]:
    """Which of these items should never have been collected of this kind of person. `lifted`: hired, say."""
    banned = {field for ban in bans if subject in ban.of for field in ban.fields}
    return frozenset() if lifted else frozenset(item for item in items if item.rpartition(".")[2] in banned)


def goes_without_ground(kind: str) -> bool:
    """Whether a request of this kind about what should never have been collected needs no ground shown."""
    return kind in subjects()["never_collected"]["grants"]
