"""Facts about everybody, slot by slot, as columns of rows. A fact that nobody knows stays unknown.

Each slot is the one of the same name in `persons` and `slots`, where its meaning is written down: the tests hold them
equal. What hangs on few distinct values (era, kind, retention) is asked of `Person` itself, once for each of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.gate.alike import Combining, Numbering
from sekisho.engine.gate.slots import SLOT, facts_words
from sekisho.engine.policy.model import DataClass
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.queries.persons import Person
from sekisho.registers.decisions.queries.scene import Scene
from sekisho.registers.decisions.queries.slots import actor_slots, ask_slots, is_approved, recipient_slots
from sekisho.registers.decisions.rules import limits, majority
from sekisho.registers.identities.queries import IdentifierInterval, PersonStanding
from sekisho.registers.populations.queries import (
    ABSENT,
    EVERYTHING,
    FIRST_DAY,
    NO_DAY,
    OPEN,
    Holding,
    Population,
    day_number,
    flags_of,
    instant_number,
    instant_of,
)
from sekisho.registers.retention.queries import gate as retention

Flags = npt.NDArray[np.bool_]
Words = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int16]
UNNAMED = "anybody"  # a person whom neither claim nor hold names
UNKNOWN = 2
MICROSECONDS_OF_HOUR = 3_600 * 1_000_000
AHEAD = 9  # hours by which Tokyo is ahead of UTC
FAR = 1 << 20  # makes days before 1970 numbers above the two that mean no day
CHUNK = 1 << 15


@dataclass(frozen=True, kw_only=True)
class PeopleFacts:
    """The rows of an ask about people of whom no claim, hold or line speaks by name."""

    scene: Scene
    population: Population
    holding: Holding  # as of the ask
    places: npt.NDArray[np.int64]
    table_holds: tuple[Hold, ...]  # holds that name nobody

    def shared(self) -> tuple[Words, Words]:
        """Facts about the people, the actor, the recipient and the ask: the same for every item."""
        actor = self.scene.actor
        always = {
            "identity_known": True,
            **actor_slots(self.scene, actor.shop),
            **recipient_slots(self.scene),
            **ask_slots(self.scene, UNNAMED),
        }
        by_row: dict[str, Flags | bool | None] = dict(self._of_people())
        by_row["guardian_consent"], of_age_known = self._guarded()
        if actor.known and actor.shop:
            shops = self.population.people.shops
            shop = shops.index(actor.shop) if actor.shop in shops else len(shops)
            by_row["own_customer"] = self.population.people.shop[self.places] == shop
        known, value = self._words(always, by_row)
        known[~of_age_known] &= ~SLOT["guardian_consent"].mask
        return known, value

    def rows(self, item: str, kinds: tuple[str, ...], kind: Numbers) -> tuple[Words, Words]:
        """Facts about what of the people the ask is about."""
        class_id = item.partition(".")[0]
        data_class = self.scene.policy.classes.get(class_id)
        if data_class is None:
            return np.zeros(len(self.places), np.int64), np.zeros(len(self.places), np.int64)
        past, past_known = self._past_retention(item, data_class, kinds, kind)
        line, hours = self.scene.rows.line, self.scene.rows.hours
        known, value = self._words(
            {"owned_in_interval": line is None if line is None or hours is not None else None},
            {
                "past_retention": past,
                "special_care_consent": self._any(
                    ConsentKind.SPECIAL_CARE, (item, data_class.id, self.scene.ask.purpose)
                ),
                "hired": True if self.scene.rows.flag("hired") is True else self._is_of("staff"),
            },
        )
        known[~past_known] &= ~SLOT["past_retention"].mask
        return known, value

    def era(self) -> tuple[tuple[str | None, ...], Numbers]:
        """The version that governs each row."""
        versions = self.scene.registers.versions
        starts = np.array(sorted({day_number(p.in_force_from) for p in versions if p.in_force_from}), dtype=np.int64)
        days = [date.min, *(FIRST_DAY + timedelta(days=int(start)) for start in starts)]
        told = [self._sample(acquired_on=day).era(versions) for day in days]
        eras = tuple(dict.fromkeys(told))
        at = np.searchsorted(starts, self.population.people.acquired[self.places], side="right")
        return eras, np.array([eras.index(era) for era in told], dtype=np.int16)[at]

    def kind(self, item: str) -> tuple[tuple[str, ...], Numbers]:
        """As which kind of person the item concerns each row."""
        data_class = self.scene.policy.classes.get(item.partition(".")[0])
        numbering = Numbering()
        numbers = numbering.numbers(self.population.people.kinds[self.places])
        names = self.population.people.kind_names
        told = [
            self._sample(kinds=frozenset(name for bit, name in enumerate(names) if word >> bit & 1)).kind_for(
                data_class
            )
            for word in numbering.words
        ]
        kinds = tuple(dict.fromkeys(told))
        return kinds, np.array([kinds.index(kind) for kind in told], dtype=np.int16)[numbers]

    def _of_people(self) -> Iterator[tuple[str, Flags | bool | None]]:
        """What the registers say of the people themselves, in the order and the words of `Person.slots`."""
        ask, scene = self.scene.ask, self.scene
        approved = is_approved(scene, UNNAMED)
        deceased = self.population.people.deceased[self.places]
        specific = self._exactly(ConsentKind.SPECIFIC, ask.purpose)
        secrecy = self._exactly(ConsentKind.SECRECY, ask.purpose)
        recipient = scene.recipient
        yield "suppressed", self._suppressed()
        yield "deceased", (deceased != NO_DAY) & (deceased <= day_number(scene.on))
        yield (
            "purpose_accepted",
            self._any(ConsentKind.ACCEPTED_PURPOSE, (ask.purpose,)) | self._any(ConsentKind.SPECIFIC, (ask.purpose,)),
        )
        yield "consent_for_this_purpose", specific
        yield "objection", self._any(ConsentKind.OBJECTION, (ask.purpose,))
        yield "restricted", self._any(ConsentKind.RESTRICTED, (ask.purpose,))
        yield "protected_person", False if approved else self.population.people.is_protected[self.places]
        yield "solicitation_refused", self._any(ConsentKind.SOLICITATION_REFUSED, (ask.purpose,))
        yield "channel_consent", self._any(ConsentKind.CHANNEL, (ask.channel,)) if ask.channel else None
        yield "provision_consent", self._any(ConsentKind.PROVISION, scene.scopes)
        yield "provision_stopped", False if approved else self._any(ConsentKind.PROVISION_STOPPED, scene.scopes)
        yield "entrustment_consent", self._any(ConsentKind.ENTRUSTMENT, scene.scopes)
        if recipient is not None and recipient.known:
            cleared = not recipient.foreign or recipient.safeguards
            yield "foreign_cleared", True if cleared else self._any(ConsentKind.FOREIGN, scene.scopes)
        yield "secrecy_consent", secrecy
        yield "location_consent", secrecy | specific

    def _guarded(self) -> tuple[Flags, Flags]:
        """Of age, or a statutory agent consented; and whether that is known."""
        people, on = self.population.people, self.scene.on
        born = people.born[self.places]
        of_age = people.is_corporate[self.places] | ((born != NO_DAY) & (born <= _latest_birth(on)))
        consented = of_age | self._any(ConsentKind.GUARDIAN, (self.scene.ask.purpose,))
        return consented, consented | (born != NO_DAY)

    def _suppressed(self) -> Flags:
        at = instant_number(self.scene.ask.at)
        spans = self.population.people.suppressions
        held = [place for place, given in spans.items() if any(since <= at < until for since, until in given)]
        flags = np.zeros(self.population.size, dtype=np.bool_)
        flags[held] = True
        return flags[self.places]

    def _past_retention(
        self, item: str, data_class: DataClass, kinds: tuple[str, ...], kind: Numbers
    ) -> tuple[Flags, Flags]:
        """Whether every reason to keep the item has ended, asked once for each kind and set of last days; if known."""
        alike = Combining().numbers([kind.astype(np.int32), *self._last_days])
        told = np.zeros(int(alike.max(initial=-1)) + 1, dtype=np.int8)
        row = np.zeros(len(told), dtype=np.int64)
        row[alike] = np.arange(len(alike))  # one row of each: any will do
        for number, one in enumerate(row.tolist()):
            events = self._sample(held=self._held(int(self.places[one]))).events(data_class.id)
            is_past = retention.is_past(
                self.scene.policy,
                item,
                kinds[kind[one]],
                events,
                on=self.scene.on,
                settled=self.scene.rows.settled,
                holds=self.table_holds,
            )
            told[number] = UNKNOWN if is_past is None else int(is_past)
        return (told == 1)[alike], (told != UNKNOWN)[alike]

    @cached_property
    def _last_days(self) -> list[npt.NDArray[np.int32]]:
        """For each event that the registers know: which rows have the same last Tokyo day."""
        found = []
        for kinds in limits()["events"].values():
            of_kinds = [ends for kind, ends in self.population.people.ends.items() if kind in kinds]
            if of_kinds:
                last = np.maximum.reduce(of_kinds)[self.places]
                days = (last // MICROSECONDS_OF_HOUR + AHEAD) // 24 + FAR
                days[last == OPEN] = 1
                days[last == ABSENT] = 0
                found.append(Numbering().numbers(days))
        return found

    def _held(self, place: int) -> tuple[IdentifierInterval, ...]:
        """The identifiers of a person as far as retention asks for them: kind and last end."""
        ends = {kind: int(ends[place]) for kind, ends in self.population.people.ends.items()}
        return tuple(
            IdentifierInterval(person=UNNAMED, kind=kind, value="", until=None if end == OPEN else instant_of(end))
            for kind, end in ends.items()
            if end != ABSENT
        )

    def _sample(self, held: tuple[IdentifierInterval, ...] = (), **standing: Any) -> "_Sample":
        said = PersonStanding(known=True, **standing)
        return _Sample(ref=UNNAMED, scene=self.scene, standing=said, identifiers=held)

    def _any(self, kind: ConsentKind, scopes: Iterable[str]) -> Flags:
        """`Standing.has` for any of these scopes."""
        found = [
            bits for scope in {*scopes, EVERYTHING} if (bits := self.holding.bits.get((kind.value, scope))) is not None
        ]
        if not found:
            return np.zeros(len(self.places), dtype=np.bool_)
        size = self.population.size
        flags: Flags = np.logical_or.reduce([flags_of(bits, size) for bits in found])[self.places]
        return flags

    def _exactly(self, kind: ConsentKind, scope: str) -> Flags:
        """Whether this very scope is held: `*` does not count."""
        return flags_of(self.holding.bits.get((kind.value, scope)), self.population.size)[self.places]

    def _is_of(self, kind: str) -> Flags:
        names = self.population.people.kind_names
        bit = 1 << names.index(kind) if kind in names else 0
        flags: Flags = (self.population.people.kinds[self.places] & bit) != 0
        return flags

    def _words(
        self, always: Mapping[str, bool | None], by_row: Mapping[str, Flags | bool | None]
    ) -> tuple[Words, Words]:
        """Two words per row: what is the same for all, and what differs."""
        constant = {name: fact for name, fact in by_row.items() if not isinstance(fact, np.ndarray)}
        columns = {name: fact for name, fact in by_row.items() if isinstance(fact, np.ndarray)}
        known, value = facts_words({**always, **constant})
        for name in columns:
            known |= SLOT[name].mask
            value &= ~SLOT[name].mask
        values = np.full(len(self.places), value, dtype=np.int64)
        for start in range(0, len(values), CHUNK):  # a portion at a time: it stays in the processor's cache
            portion = values[start : start + CHUNK]
            for name, flags in columns.items():
                portion |= flags[start : start + CHUNK].astype(np.int64) << SLOT[name].bit
        return np.full(len(values), known, dtype=np.int64), values


@dataclass(frozen=True, kw_only=True)
class _Sample(Person):
    """A person made up to ask `Person` about everybody who is alike in this."""

    standing: PersonStanding
    identifiers: tuple[IdentifierInterval, ...]


def _latest_birth(on: date) -> int:
    """Whoever was born by this day is of age. 29 February counts on 1 March."""
    year = on.year - majority(on)
    try:
        return day_number(on.replace(year=year))
    except ValueError:
        return day_number(date(year, 2, 28))
