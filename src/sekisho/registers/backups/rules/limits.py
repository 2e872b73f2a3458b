"""What limits.toml says, as values."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A part of the home that no backup holds, and the code of the reason."""

    path: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Life, contents, and what is kept apart."""

    days: int
    chunk: int
    drill_days: int
    left_out: tuple[LeftOut, ...]
    kinds: frozenset[str]
    taking_when_given: frozenset[str]

    def takes_away(self, kind: str, *, given: bool) -> bool:
        """Whether a consent event lets the carrier do less than before."""
        return given if kind in self.taking_when_given else not given


@cache
def limits() -> Limits:
    """The limits of this installation."""
    told = tomllib.loads(
        resources.files("sekisho.registers.backups").joinpath("limits.toml").read_text(encoding="utf-8")
    )
    return Limits(
        days=told["life"]["days"],
        chunk=told["read"]["chunk"],
        drill_days=told["drill"]["days"],
        left_out=tuple(LeftOut(path=one["path"], why=one["why"]) for one in told["contents"]["left_out"]),
        kinds=frozenset(told["tombstones"]["kinds"]),
        taking_when_given=frozenset(told["consents"]["taking_when_given"]),
    )
