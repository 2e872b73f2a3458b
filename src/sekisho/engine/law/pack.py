"""The law on a day: looked up by key and edition in the TOML packs beside this file. No number of an article is in code."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from typing import Any, TypeVar

from sekisho.engine.errors import SekishoError
from sekisho.engine.law.model import (
    Certainty,
    Citation,
    Dated,
    Deadline,
    Edition,
    Ground,
    HoldKind,
    Instrument,
    LegalException,
    Nature,
    NeverCollect,
    Norm,
    Paper,
    Period,
    RequestGround,
    RequestKind,
)

ROOM = "sekisho.engine.law"
PLACE = re.compile(
    r"^(?P<article>[0-9の.\-]+)(?:\((?P<paragraph>\d+)\))?(?P<item>\d+)? (?P<certainty>sure|likely|check)$"
)
AnyDated = TypeVar("AnyDated", bound=Dated)
Table = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The packs as seen on one day (`at`), or undated when `at` is None: then nothing is filtered out."""

    at: date | None
    norms: Mapping[str, Norm]
    exceptions: Mapping[str, LegalException]
    retention_grounds: Mapping[str, LegalException]
    grounds: Mapping[str, Ground]
    natures: Mapping[str, Nature]
    papers: Mapping[str, Paper]
    masks: Mapping[str, Dated]
    floors: Mapping[str, Period]
    hold_kinds: Mapping[str, HoldKind]
    desirable: Mapping[str, Period]
    ages: Mapping[str, Period]
    deadlines: Mapping[str, Deadline]
    requests: Mapping[str, RequestKind]
    request_grounds: Mapping[str, RequestGround]
    refusals: Mapping[str, RequestGround]
    instruments: Mapping[str, Instrument]
    joint_use_elements: Mapping[str, Dated]
    contract_clauses: Mapping[str, Dated]
    record_items: Mapping[str, Dated]
    public_notice: Mapping[str, Dated]
    never_collect: tuple[NeverCollect, ...]

    def cite(self, key: str, edition: str | None = None, item: str = "") -> Citation:
        """The place of `norm.entry` in an edition; without one, in the edition in force on the law's day (else newest).

        Raises: law.unknown-key, law.not-in-edition.
        """
        norm_id, _, entry = key.partition(".")
        norm = _get(self.norms, norm_id, "norms")
        if entry not in norm.topics:
            raise _unknown(entry, norm.topics, norm_id)
        chosen = edition or self._edition(norm)
        if chosen not in norm.editions:
            raise _unknown(chosen, norm.editions, f"{norm_id}.editions")
        place = norm.places.get((entry, chosen))
        if place is None:
            known = ", ".join(sorted(there for name, there in norm.places if name == entry))
            raise SekishoError("law.not-in-edition", room=ROOM, key=key, edition=chosen, editions=known)
        found = PLACE.match(place)
        if found is None:
            raise ValueError(f"{key} in edition {chosen}: {place!r} is no place")
        return Citation(
            key=key,
            norm=norm_id,
            norm_ja=norm.short_ja,
            norm_en=norm.short_en,
            edition=chosen,
            topic=norm.topics[entry],
            article=found["article"],
            paragraph=found["paragraph"] or "",
            item=item or found["item"] or "",
            certainty=Certainty(found["certainty"]),
        )

    def exception(self, key: str) -> LegalException:
        """E1-E6 or RET-1..4 by id."""
        return _get({**self.exceptions, **self.retention_grounds}, key, "exceptions")

    def ground(self, key: str) -> Ground:
        """A ground that opens 通信の秘密."""
        return _get(self.grounds, key, "grounds")

    def nature(self, key: str) -> Nature:
        """A nature of purpose."""
        return _get(self.natures, key, "natures")

    def floor(self, key: str) -> Period:
        """A retention floor, with or without the leading `law:`."""
        return _get(self.floors, key.removeprefix("law:"), "floors")

    def age(self, effect: str) -> Period:
        """The age that has this effect on the law's day (`majority`); undated, the newest. Raises: law.unknown-key."""
        return _get({kind: row for row in self.ages.values() for kind in row.kinds}, effect, "ages")

    def deadline(self, key: str) -> Deadline:
        """A deadline of law."""
        return _get(self.deadlines, key, "deadlines")

    def request(self, key: str) -> RequestKind:
        """A kind of request of a data subject."""
        return _get(self.requests, key, "requests")

    def instrument(self, key: str) -> Instrument:
        """A way to send money."""
        return _get(self.instruments, key, "instruments")

    def paper(self, key: str, on: date | None = None) -> Paper:
        """A document kind; with `on`, only if it can be accepted that day.

        Raises: law.unknown-key, law.not-in-force.
        """
        paper = _get(self.papers, key, "papers")
        if on is not None and not paper.accepted_on(on):
            since, until = paper.since or "…", paper.until or "…"
            raise SekishoError("law.not-in-force", room=ROOM, key=key, on=on, since=since, until=until)
        return paper

    def _edition(self, norm: Norm) -> str:
        newest_first = sorted(norm.editions.values(), key=lambda edition: edition.since, reverse=True)
        at = self.at
        return next((edition.id for edition in newest_first if at is None or edition.since <= at), newest_first[-1].id)


@lru_cache(maxsize=64)
def law(at: date | None = None) -> Law:
    """The law as packed, on a Tokyo date. None gives everything undated: for checks that carry their own date.

    Papers are never filtered: an old request must stay explainable, so their days are asked with `paper(id, on)`.
    """
    data = _packs()

    def dated(name: str, make: Callable[..., AnyDated]) -> Mapping[str, AnyDated]:
        made = {key: make(**_values(key, row)) for key, row in data[name].items()}
        return {key: row for key, row in made.items() if at is None or row.holds_on(at)}

    return Law(
        at=at,
        norms={row["id"]: _norm(row) for row in data["norms"]},
        exceptions=dated("exceptions", LegalException),
        retention_grounds=dated("retention_grounds", LegalException),
        grounds=dated("grounds", Ground),
        natures=dated("natures", Nature),
        papers={key: Paper(**_values(key, row)) for key, row in data["papers"].items()},
        masks=dated("masks", Dated),
        floors=dated("floors", Period),
        hold_kinds=dated("hold_kinds", HoldKind),
        desirable=dated("desirable", Period),
        ages=dated("ages", Period),
        deadlines=dated("deadlines", Deadline),
        requests=dated("requests", RequestKind),
        request_grounds=dated("request_grounds", RequestGround),
        refusals=dated("refusals", RequestGround),
        instruments=dated("instruments", Instrument),
        joint_use_elements=dated("joint_use_elements", Dated),
        contract_clauses=dated("contract_clauses", Dated),
        record_items=dated("record_items", Dated),
        public_notice=dated("public_notice", Dated),
        never_collect=tuple(
            NeverCollect(**{key: value for key, value in _values("", row).items() if key != "id"})
            for row in data["never_collect"]
        ),
    )


@cache
def _packs() -> Mapping[str, Any]:
    """All packs as one table; a norm may stand alone in its file or in a list."""
    merged: dict[str, Any] = {"norms": []}
    folder = resources.files(ROOM).joinpath("packs")
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        if "norm" in table:
            merged["norms"].append({**table.pop("norm"), "entries": table.pop("entries")})
        merged["norms"].extend(table.pop("norms", ()))
        merged |= table
    return merged


def _norm(row: Table) -> Norm:
    return Norm(
        id=row["id"],
        ja=row["ja"],
        short_ja=row["short_ja"],
        en=row["en"],
        short_en=row["short_en"],
        number=row.get("number", ""),
        editions={key: Edition(id=key, **edition) for key, edition in row["editions"].items()},
        topics={entry: place["ja"] for entry, place in row["entries"].items()},
        places={(entry, ed): at for entry, place in row["entries"].items() for ed, at in place["at"].items()},
    )


def _values(key: str, row: Table) -> dict[str, Any]:
    """A TOML row as keyword arguments: lists become tuples, *_natures frozensets, certainty its enum."""
    values: dict[str, Any] = {"id": key, "en": row.get("en", row["ja"])}
    for name, value in row.items():
        if name.endswith("natures"):
            values[name] = frozenset(value)
        elif isinstance(value, list):
            values[name] = tuple(value)
        elif name == "certainty":
            values[name] = Certainty(value)
        else:
            values[name] = value
    return values


Found = TypeVar("Found")


def _get(table: Mapping[str, Found], key: str, name: str) -> Found:
    if key not in table:
        raise _unknown(key, table, name)
    return table[key]


def _unknown(key: str, known: Mapping[str, object], table: str) -> SekishoError:
    near = next(iter(get_close_matches(key, known, n=1, cutoff=0.0)), "")
    return SekishoError("law.unknown-key", room=ROOM, key=key, table=table, near=near)
