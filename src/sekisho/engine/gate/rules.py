"""The gate's own rules as data: which slots follow from an act, a kind of data, a nature of purpose. Source: rules.toml."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources

from sekisho.engine.gate.slots import SLOT, SLOTS, Cure, Slot
from sekisho.engine.law.model import Nature

FLAGS = ("solicitation", "aggregate", "notice", "unpublished")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Slots asked for, slots not asked for although others would, and cures that differ from the slot's own."""

    asks: frozenset[str] = frozenset()
    ignores: frozenset[str] = frozenset()
    cures: Mapping[str, Cure]

    def __or__(self, other: "Asks") -> "Asks":
        return Asks(
            asks=self.asks | other.asks, ignores=self.ignores | other.ignores, cures={**self.cures, **other.cures}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything in rules.toml."""

    every: Asks
    things: Asks
    duties: Mapping[str, str]
    acts: Mapping[str, Asks]
    kinds: Mapping[str, Asks]
    flags: Mapping[str, Asks]
    natures: Mapping[str, Asks]
    shows: Mapping[str, tuple[str, ...]]
    exception_acts: frozenset[str]
    exception_slots: frozenset[str]
    exception_codes: frozenset[str]
    held_slots: frozenset[str]
    era_codes: frozenset[str]
    kind_codes: frozenset[str]
    follows: Mapping[str, int]  # slot -> mask of the slots its being unknown merely follows from
    first: tuple[str, ...]  # slots told before all else
    codes: Mapping[str, tuple[str, ...]]
    order: Mapping[str, int]  # code -> place in the order of looking; slots come after, in bit order

    def of_nature(self, nature: Nature) -> Asks:
        """What a nature of purpose asks for: by its flags in the law pack, then by its own name."""
        found = self.natures.get(nature.id, NOTHING)
        for flag in FLAGS:
            if getattr(nature, flag):
                found = self.flags[flag] | found
        return found


NOTHING = Asks(cures={})


@cache
def rules() -> Rules:
    """The rules, read once. Raises KeyError for a slot that is not in the list."""
    data = tomllib.loads(resources.files("sekisho.engine.gate").joinpath("rules.toml").read_text(encoding="utf-8"))
    codes = {code: tuple(cites) for code, cites in data["codes"].items()}
    return Rules(
        every=_asks(data["every"]),
        things=_asks(data["things"]),
        duties={duty: SLOT[slot].name for duty, slot in data["duties"].items()},
        acts={name: _asks(row) for name, row in data["acts"].items()},
        kinds={name: _asks(row) for name, row in data["kinds"].items()},
        flags={name: _asks(row) for name, row in data["flags"].items()},
        natures={name: _asks(row) for name, row in data["natures"].items()},
        shows={name: tuple(shown) for name, shown in data["shows"].items()},
        exception_acts=frozenset(data["exceptions"]["acts"]),
        exception_slots=_names(data["exceptions"]["slots"]),
        exception_codes=frozenset(data["exceptions"]["codes"]),
        held_slots=_names(data["held"]["slots"]),
        era_codes=frozenset(data["era"]["codes"]),
        kind_codes=frozenset(data["kind"]["codes"]),
        follows={slot.name: _roots_of(slot, data["roots"]) for slot in SLOTS},
        first=tuple(name for name, root in data["roots"].items() if root.get("first")),
        codes=codes,
        order={code: place for place, code in enumerate(codes)},
    )


@lru_cache(maxsize=1024)
def asks_for(act: str, kind: str, nature: Nature | None) -> Asks:
    """What an act on a kind of data for a nature of purpose asks for."""
    asks = rules().every | rules().acts[act] | rules().kinds.get(kind, NOTHING)
    return asks if nature is None else asks | rules().of_nature(nature)


@lru_cache(maxsize=1024)
def in_order(slots: frozenset[str]) -> tuple[str, ...]:
    """Slots in bit order."""
    return tuple(sorted(slots, key=lambda name: SLOT[name].bit))


def _asks(row: Mapping[str, object]) -> Asks:
    cures = row.get("cures", {})
    if not isinstance(cures, dict):
        raise TypeError(f"cures is no table: {cures!r}")
    return Asks(
        asks=_names(row.get("asks", [])),
        ignores=_names(row.get("ignores", [])),
        cures={SLOT[slot].name: Cure(cure) for slot, cure in cures.items()},
    )


def _roots_of(slot: Slot, roots: Mapping[str, Mapping[str, Sequence[str]]]) -> int:
    return sum(
        SLOT[name].mask
        for name, root in roots.items()
        if name != slot.name and (slot.scope in root.get("scopes", ()) or slot.name in root.get("slots", ()))
    )


def _names(names: object) -> frozenset[str]:
    if not isinstance(names, list):
        raise TypeError(f"no list of slots: {names!r}")
    return frozenset(SLOT[name].name for name in names)
