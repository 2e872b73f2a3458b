"""Cells of free text in which a value that was put right still stands: read anew from the stores every time, kept nowhere.

The person's rows are found by person and interval. Documents (PDF, plain texts) say of nobody whose they are and are gone through
whole: one counts where it names the person, by something that is theirs and nobody else's, the wrong name among it.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sekisho.casework.subject_requests.models import CaseEffect, CaseText
from sekisho.casework.subject_requests.queries.effects import Key, rows_of
from sekisho.casework.subject_requests.rules.answering import EffectKind, EffectState, TextState
from sekisho.casework.subject_requests.rules.effects import effects
from sekisho.casework.subject_requests.rules.effects_texts import Mender, Wrong
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import Column, DataMap, System, Table
from sekisho.engine.erasure.needles import Finder
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention.queries.mentions import instant
from sekisho.registers.retention.queries.target import Target, target_of

MARK = 32  # signs of a cell's mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One text with wrong values. `place`: what the person who goes there needs to find it, by name of column."""

    mark: str
    target: str  # system.table
    column: str
    key: Key
    place: tuple[tuple[str, str], ...]
    text: str
    wrongs: tuple[Wrong, ...]
    written_on: date | None
    by_hand: bool  # not ours to write: the store can't be, or rows can't be told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDecision:
    """What a clerk decided of a cell."""

    state: TextState
    reason: str
    code: str


def text_tables(datamap_: DataMap) -> tuple[str, ...]:
    """`system.table` of every table with free text, leaf stores first."""
    systems = sorted(datamap_.systems.values(), key=lambda one: (one.erase_order, one.id))
    return tuple(
        f"{system.id}.{table.name}" for system in systems for table in system.tables.values() if _columns(table)
    )


def waiting_targets(answer_ref: str) -> tuple[str, ...]:
    """The tables of an answer whose texts wait for a clerk."""
    rows = CaseEffect.objects.filter(answer__ref=answer_ref, kind=EffectKind.TEXTS.value).order_by("id")
    return tuple(rows.exclude(state=EffectState.DONE.value).values_list("target", flat=True))


def decisions_of(answer_ref: str, target: str) -> Mapping[str, TextDecision]:
    """What was decided of the cells of one table, by mark."""
    rows = CaseText.objects.filter(effect__answer__ref=answer_ref, effect__target=target)
    return {row.mark: TextDecision(state=TextState(row.state), reason=row.reason, code=row.code) for row in rows}


def cells(target: str, person: str, mender: Mender, key: bytes) -> tuple[Cell, ...]:
    """Every cell of a table in which a wrong value stands. `key`: makes the marks. Raises what the store raises."""
    name, _dot, wanted = target.partition(".")
    system = datamap.system(name)
    table, source = system.tables[wanted], datamap.open_source(name)
    try:
        return tuple(_cells(source, system, table, person, mender, key))
    finally:
        source.close()


def _cells(source: Source, system: System, table: Table, person: str, mender: Mender, key: bytes) -> Iterator[Cell]:
    columns, seen = _columns(table), set[str]()
    for row in _rows(source, system, table, person, mender):
        found = instant(row.get(table.acquired)) if table.acquired else None
        written_on = tokyo_date(found) if found else None
        for column in columns:
            text = row.get(column.name)
            wrongs = mender.wrongs(text, written_on) if isinstance(text, str) else ()
            if not wrongs or not isinstance(text, str):
                continue
            known = tuple(row.get(one) for one in table.key)
            mark = _mark(key, system.id, table.name, column.name, known, text)
            if mark in seen:
                continue
            seen.add(mark)
            yield Cell(
                mark=mark,
                target=f"{system.id}.{table.name}",
                column=column.name,
                key=known,
                place=tuple(zip(table.key, map(str, known), strict=True)),
                text=text,
                wrongs=wrongs,
                written_on=written_on,
                by_hand=not table.key or system.kind.value in effects()["texts"]["by_hand"],
            )


def _rows(source: Source, system: System, table: Table, person: str, mender: Mender) -> Iterator[Mapping[str, object]]:
    if system.kind.value not in effects()["texts"]["documents"]:
        for _owner, row in rows_of(source, system.id, table, person):
            yield row
        return
    names = [column.name for column in _columns(table)]
    known = _Known(Finder((target := target_of(person)).needles()), target, _unshared(person, mender))
    for batch in source.rows(table.name, list(table.columns)):
        texts = {place for name in names for place in mender.texts_with(batch.column(name).to_pylist())}
        for place in sorted(texts):
            row = batch.slice(place, 1).to_pylist()[0]
            if any(known.named_in(str(row[name] or ""), row.get(table.acquired), mender) for name in names):
                yield row


@dataclass(frozen=True, slots=True)
class _Known:
    """By what a document names somebody."""

    finder: Finder
    target: Target
    names: frozenset[str]  # wrong names that nobody else bears

    def named_in(self, text: str, acquired: object, mender: Mender) -> bool:
        """Whether a text names the person by something that is theirs alone, or was at the time."""
        at = instant(acquired)
        needles = (self.finder.needles[one.needle] for one in self.finder.mentions(text))
        if any(not one.shared or (not one.is_name and self.target.is_theirs_at(one, at)) for one in needles):
            return True
        return any(one.name in self.names for one in mender.wrongs(text, None))


def _unshared(person: str, mender: Mender) -> frozenset[str]:
    """The wrong names that are nobody else's."""
    return frozenset(mender.names) - identities.names_borne_by_others(person, mender.names)


def _columns(table: Table) -> tuple[Column, ...]:
    """The columns of free text, also those of which the map says that nothing personal is written there."""
    return tuple(one for one in table.columns.values() if one.free_text)


def _mark(key: bytes, *told: object) -> str:
    return hmac.new(key, "\x1f".join(str(one) for one in told).encode(), hashlib.sha256).hexdigest()[:MARK]
