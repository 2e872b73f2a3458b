"""What limits.toml says, as values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Life, sizes, roles and what it takes to reach somebody."""

    life: timedelta
    members_floor: str  # floor of the law pack: how long it is kept who was on a list that left
    job: int  # people from which on a list is a job
    people: int
    people_with_values: int
    approving: frozenset[str]
    identifiers: tuple[str, ...]
    usual_identifier: str
    reach: Mapping[str, tuple[str, ...]]
    usual_channel: str
    soliciting_channel: str

    def needs_approval(self, rows: int, *, with_values: bool) -> bool:
        """Whether a second person must approve a list of so many."""
        return rows > (self.people_with_values if with_values else self.people)


@cache
def limits() -> Limits:
    """The limits of this installation."""
    text = resources.files("sekisho.registers.lists").joinpath("limits.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    reach = dict(told["reach"])
    usual, soliciting = str(reach.pop("usual")), str(reach.pop("soliciting"))
    return Limits(
        life=timedelta(hours=told["life"]["hours"]),
        members_floor=told["members"]["floor"],
        job=told["job"]["people"],
        people=told["approval"]["people"],
        people_with_values=told["approval"]["people_with_values"],
        approving=frozenset(told["approval"]["roles"]),
        identifiers=tuple(told["identifiers"]["allowed"]),
        usual_identifier=told["identifiers"]["usual"],
        reach={channel: tuple(items) for channel, items in reach.items()},
        usual_channel=usual,
        soliciting_channel=soliciting,
    )
