"""Everybody as the builder of a projection needs them: number, pseudonym for the purpose, facts, and what was theirs when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import BulkAsk
from sekisho.evidence.reading import read
from sekisho.registers.consents import queries as consents
from sekisho.registers.decisions.queries.people_words import PeopleWords, people_words
from sekisho.registers.identities import queries as identities
from sekisho.registers.populations import queries as populations
from sekisho.registers.populations.queries import People
from sekisho.registers.projections.rules import PSEUDONYM_LETTERS, ROOM


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleHead:
    """How far consent ledger and identities register have come."""

    epoch: int
    change: int


ALWAYS = np.iinfo(np.int64).max
NEVER = np.iinfo(np.int64).min
TRIES = 5  # somebody may be written down between two looks
BLOCK = 16  # bytes, of which 60 bits are shown
LETTERS = 12  # short enough to stand inside the engine's own cell, long enough not to meet among millions
INTERVALS = pa.schema([("value", pa.string()), ("person", pa.int64()), ("since", pa.int64()), ("until", pa.int64())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Everybody:
    """Everybody's facts for an ask, their numbers in the same order, and how far the identities register had come."""

    words: PeopleWords
    numbers: npt.NDArray[np.int64]
    people: People
    change: int


def everybody(ask: BulkAsk) -> Everybody:
    """Everybody, of one instant. Raises: projections.people-changing."""
    for _ in range(TRIES):
        population = populations.current()
        words = people_words(ask) if ask.items else _nothing_of_anybody(population)
        numbers = np.flatnonzero(population.people.exists).astype(np.int64)
        same = population.people.ref.take(pa.array(numbers)).equals(words.refs)
        if words.epoch == population.epoch and same:
            return Everybody(words=words, numbers=numbers, people=population.people, change=population.change)
    raise SekishoError("projections.people-changing", room=ROOM)


def _nothing_of_anybody(population: populations.Population) -> PeopleWords:
    """Of a table that tells of nobody no fact is asked."""
    refs = population.people.ref.filter(pa.array(population.people.exists))
    return PeopleWords(epoch=population.epoch, in_force="", recipient_kind=None, grounds=(), refs=refs, items={})


def changed_since(epoch: int, change: int) -> tuple[PeopleHead, tuple[int, ...]]:
    """Where the registers stand now, and the numbers of everybody whose standing changed since they stood there."""
    rows = read([(consents.EPOCH, ()), (identities.CHANGE, ())])
    now = PeopleHead(epoch=consents.epoch_in(rows["epoch"]), change=consents.epoch_in(rows["change"]))
    if (now.epoch, now.change) == (epoch, change):
        return now, ()
    refs = {row[1] for row in consents.rows_after(epoch, now.epoch)}
    numbers = set(identities.numbers_of(refs).values()) | set(identities.changed_after(change, now.change))
    return now, tuple(sorted(numbers))


def overtaken(head: tuple[int, int], persons: Sequence[int]) -> bool:
    """Whether somebody of these was erased or suppressed since the registers stood there. Who withdrew is left out when asked."""
    _, changed = changed_since(*head)
    mine = sorted(set(changed).intersection(persons))
    if not mine:
        return False
    people = populations.current().people
    known = [number for number in mine if number < len(people.exists) and people.exists[number]]
    refs = people.ref.take(pa.array(known, pa.int64())).to_pylist()
    return len(known) < len(mine) or any(until is None for _, _, until in identities.suppressions_among(refs))


def pseudonyms(numbers: npt.NDArray[np.int64], key: bytes) -> pa.Array:
    """A pseudonym for each number: the same under one key, unrelated under another. Two of a kind are refused.

    A number alone in a cipher's block is a keyed permutation of it, which takes millions at once; nothing is read back.
    """
    blocks = np.zeros((len(numbers), BLOCK // 8), dtype=">i8")
    blocks[:, -1] = numbers
    cipher = Cipher(algorithms.AES(key), modes.ECB()).encryptor()  # noqa: S305  # nosec B305 - no block stands twice
    room = bytearray(blocks.nbytes + BLOCK)
    cipher.update_into(blocks.tobytes(), room)
    sealed = np.frombuffer(room, dtype=">u8", count=blocks.size)
    words = sealed[:: BLOCK // 8].astype(np.uint64) & np.uint64((1 << 5 * LETTERS) - 1)
    ordered = np.sort(words)
    if bool((ordered[1:] == ordered[:-1]).any()):
        raise SekishoError("projections.pseudonyms-collide", room=ROOM)
    letters = np.frombuffer(PSEUDONYM_LETTERS.encode(), dtype=np.uint8)
    shown = np.empty((len(words), LETTERS), dtype=np.uint8)
    for place in range(LETTERS):
        shown[:, place] = letters[((words >> np.uint64(5 * place)) & np.uint64(31)).astype(np.intp)]
    offsets = np.arange(0, (len(words) + 1) * LETTERS, LETTERS, dtype=np.int32)
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(shown.tobytes()))


def intervals(kind: str, people: People) -> pa.Table:
    """Value -> person from `since` to `until` (microseconds), of one kind; never two at once.

    Where two held an identifier at once nobody is told to have held it, as `identities.person_of` does. Kept for as long
    as nothing about anybody changes.
    """
    return people.derive(("intervals", kind), lambda: _intervals(kind, people))


def lasting(kind: str, people: People) -> pa.Table:
    """Value -> person, of the values that only one person ever had: all that an identifier without an instant can tell.

    Kept for as long as nothing about anybody changes.
    """
    return people.derive(("lasting", kind), lambda: _lasting(kind, people))


def _intervals(kind: str, people: People) -> pa.Table:
    number_of = {ref: number for number, ref in enumerate(people.ref.to_pylist()) if people.exists[number]}
    found: list[tuple[str, int, int, int]] = []
    group: list[tuple[int, int, int]] = []
    last = ""
    for _, value, person, since, until in identities.interval_rows([kind]):
        if value != last:
            _add(found, last, group)
            last, group = value, []
        number = number_of.get(person)
        if number is not None:
            group.append((number, _micros(since, NEVER), _micros(until, ALWAYS)))
    _add(found, last, group)
    return _table(found)


def _lasting(kind: str, people: People) -> pa.Table:
    rows = list(identities.holder_rows(kind))
    values, persons = zip(*rows, strict=True) if rows else ((), ())
    places = pc.index_in(pa.array(persons, pa.string()), value_set=people.ref).cast(pa.int64())
    held = pa.table({"value": pa.array(values, pa.string()), "person": places})
    held = held.filter(pc.and_(places.is_valid(), pa.array(people.exists).take(places)))
    if pc.count_distinct(held["value"]).as_py() == held.num_rows:
        return held
    by_value = held.group_by("value").aggregate([("person", "min"), ("person", "max")])
    single = by_value.filter(pc.equal(by_value["person_min"], by_value["person_max"]))
    return pa.table({"value": single["value"], "person": single["person_min"]})


def _add(found: list[tuple[str, int, int, int]], value: str, group: list[tuple[int, int, int]]) -> None:
    if len(group) == 1:
        found.append((value, *group[0]))
        return
    bounds = sorted({bound for _, since, until in group for bound in (since, until)})
    for since, until in pairwise(bounds):
        held = {person for person, begun, ended in group if begun <= since and until <= ended}
        if len(held) == 1:
            found.append((value, held.pop(), since, until))


def _table(rows: list[tuple[str, int, int, int]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, INTERVALS, strict=True)], INTERVALS)


def _micros(at: datetime | None, otherwise: int) -> int:
    if at is None:
        return int(otherwise)
    at = at.astimezone(UTC)
    return int(at.timestamp()) * 1_000_000 + at.microsecond
