"""What differs between the views that stand and those that should: pure comparisons, and the limits as data."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.errors import text
from sekisho.engine.japanese.tokyo import tokyo_date

ROOM = "sekisho.registers.enforcement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in the store that is not as the policy would have it."""

    code: str
    about: str  # the object of the store
    values: Mapping[str, str] = field(default_factory=dict)

    def message(self, language: str = "ja") -> str:
        """What is wrong, in one sentence."""
        return text(ROOM, self.code, language, {"about": self.about, **self.values})

    def remedy(self, language: str = "ja") -> str:
        """What can be done about it."""
        return text(ROOM, self.code, f"{language}_remedy", {"about": self.about, **self.values})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An object of the store: what it says, whose it is, who may do what with it."""

    name: str
    kind: str  # view, table, schema, role, function …
    owner: str = ""
    definition: str = ""
    grants: frozenset[str] = frozenset()  # "who:what", "PUBLIC:SELECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsState:
    """The facts behind a purpose's views, as the store has them."""

    era: str
    epoch: int
    change: int
    day: date
    good_until: datetime

    def is_behind(self, epoch: int, change: int) -> bool:
        """Whether the registers have come further."""
        return self.epoch < epoch or self.change < change

    def is_over(self, at: datetime) -> bool:
        """Whether views give nothing on these facts any more: too old, or of another day."""
        return self.good_until <= at or self.day != tokyo_date(at)


def differences(wanted: Iterable[Standing], found: Iterable[Standing]) -> Iterator[Difference]:
    """Objects missing, changed, owned or granted otherwise, and objects that nobody ordered."""
    expected, real = {one.name: one for one in wanted}, {one.name: one for one in found}
    for name, one in expected.items():
        stands = real.get(name)
        if stands is None:
            yield Difference(code="enforcement.missing", about=name)
            continue
        if one.definition and stands.definition != one.definition:
            yield Difference(code="enforcement.changed", about=name)
        if one.owner and stands.owner != one.owner:
            yield Difference(
                code="enforcement.other-owner", about=name, values={"owner": stands.owner, "wanted": one.owner}
            )
        for grant in sorted(stands.grants - one.grants):
            yield Difference(code="enforcement.extra-grant", about=name, values={"grant": grant})
        for grant in sorted(one.grants - stands.grants):
            yield Difference(code="enforcement.missing-grant", about=name, values={"grant": grant})
    for name in sorted(real.keys() - expected.keys()):
        yield Difference(code="enforcement.not-ordered", about=name, values={"kind": real[name].kind})


def facts_differences(
    purpose: str, facts: FactsState | None, *, era: str, epoch: int, change: int, at: datetime
) -> Iterator[Difference]:
    """Facts that are missing, of another version, behind the registers, or too old: the views give nothing then."""
    if facts is None:
        yield Difference(code="enforcement.no-facts", about=purpose)
        return
    if facts.era != era:
        yield Difference(code="enforcement.facts-of-other-version", about=purpose, values={"era": facts.era})
    if facts.is_behind(epoch, change):
        yield Difference(
            code="enforcement.facts-behind",
            about=purpose,
            values={"behind": str(epoch - facts.epoch + change - facts.change)},
        )
    if facts.is_over(at):
        yield Difference(code="enforcement.facts-old", about=purpose)


def good_until(at: datetime) -> datetime:
    """How long facts gathered at an instant may be used."""
    return at + timedelta(minutes=limits()["facts"]["good_for_minutes"])


@cache
def limits() -> Mapping[str, Any]:
    """limits.toml."""
    return tomllib.loads(resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8"))
