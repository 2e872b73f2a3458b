"""Limits of the room, as data."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

ROOM = "sekisho.registers.findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is drawn, and how long a look is worth believing."""

    rows: int
    seed: int
    fresh_days: int
    score: float


@cache
def limits() -> Limits:
    """The limits of `limits.toml`."""
    text = resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8")
    return Limits(**tomllib.loads(text)["look"])
