"""What limits.toml says, as values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources

ROOM = "sekisho.registers.identities"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a returned number rests, which kinds are one person's at a time, and what shows which event."""

    rest: timedelta
    exclusive: frozenset[str]
    documents: Mapping[str, tuple[str, ...]]


@cache
def limits() -> Limits:
    """The limits of this installation."""
    text = resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8")
    told = tomllib.loads(text)
    return Limits(
        rest=timedelta(days=told["numbers"]["rest_days"]),
        exclusive=frozenset(told["numbers"]["one_holder_at_a_time"]),
        documents={event: tuple(kinds) for event, kinds in told["documents"].items()},
    )
