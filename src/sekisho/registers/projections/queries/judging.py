"""Which rows of a table a purpose may use, as SQL over the rows, who is who, and everybody's facts.

The words and cells are the gate's own (`engine.gate.sql`): a row stays where every party and every item in use permits.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from sekisho.engine.catalog.model import Table
from sekisho.engine.gate.ask import Reason
from sekisho.engine.gate.columns import Columns
from sekisho.engine.gate.decide import CHANNELS
from sekisho.engine.gate.slots import CONDITION_BIT, SLOT
from sekisho.engine.gate.sql import REFUSED, failing_sql
from sekisho.engine.gate.table import Cell
from sekisho.registers.projections import rules
from sekisho.registers.projections.queries.seeing import Seen
from sekisho.registers.projections.queries.speech import Speech

OWNED, PAST, KNOWN = SLOT["owned_in_interval"].mask, SLOT["past_retention"].mask, SLOT["identity_known"].mask
OF_ROWS = OWNED | PAST
BY_CONSENT = "specific_consent"  # the ground that needs the word of every party
PERSON, PSEUDONYM, ERA = "__sekisho_person_", "__sekisho_pseudonym_", "__sekisho_era"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """One table under one purpose with the items in use."""

    seen: Seen
    table: Table
    items: tuple[str, ...]
    words: Mapping[str, Columns]  # facts of everybody, by item
    channel: str | None
    speech: Speech
    constants: Mapping[str, object]  # attributes that are the same for every row

    @property
    def kinds(self) -> tuple[str, ...]:
        """Every kind of person that anybody is here."""
        return tuple(dict.fromkeys(kind for item in self.items for kind in self.words[item].kinds))

    def people(self, numbers: "np.ndarray[tuple[int], np.dtype[np.int64]]", pseudonyms: pa.Array) -> pa.Table:
        """Everybody's facts as the builder joins them: number, pseudonym, words and kind by item."""
        columns = {"number": pa.array(numbers), "pseudonym": pseudonyms}
        clear = np.int64(~OF_ROWS)
        for place, item in enumerate(self.items):
            of_item = self.words[item]
            columns[f"known_{place}"] = pa.array(of_item.known & clear)
            columns[f"value_{place}"] = pa.array(of_item.value & clear)
            columns[f"kind_{place}"] = pa.array(of_item.kind)
        return pa.table(columns)

    def failing(self, owner: int) -> str:
        """The failing word of one owner over all items."""
        words = [self._of_item(owner, place, item) for place, item in enumerate(self.items)]
        return "(" + " | ".join(words) + ")"

    def row(self) -> str:
        """The failing word of a row over its owners."""
        if not self.table.owners:
            return "CAST(0 AS BIGINT)"
        found = [f"q.{self._own(PERSON, place)} IS NOT NULL" for place in range(len(self.table.owners))]
        parts = [f"(CASE WHEN {' OR '.join(found)} THEN 0 ELSE CAST({KNOWN} AS BIGINT) END)"]
        for place, owner in enumerate(self.table.owners):
            stranger = 0 if rules.is_beside(owner) and not self.is_by_consent else KNOWN
            parts.append(
                f"(CASE WHEN q.{self._own(PERSON, place)} IS NOT NULL THEN {self.failing(place)} "
                f"WHEN q.{self.speech.quoted(owner.column)} IS NULL THEN 0 ELSE CAST({stranger} AS BIGINT) END)"
            )
        return " | ".join(parts)

    @property
    def is_by_consent(self) -> bool:
        """Whether only consent opens what is in use: then a party nobody knows can't have given it."""
        return any(
            cell.secrecy_ground == BY_CONSENT and not cell.failures
            for item in self.items
            for cell in self.seen.cells(item, self.kinds).values()
        )

    def era(self) -> str:
        """The place of the version that governs the row; NULL where nobody knows when it was acquired."""
        column = self.table.columns[self.table.acquired]
        day = self.speech.day_of(f"s.{self.speech.quoted(column.name)}", column.type)
        whens = [
            f"WHEN {day} >= DATE '{first.isoformat()}' THEN {place}"
            for place, (_, first) in reversed(list(enumerate(self.seen.eras)))
        ]
        return f"CASE WHEN {day} IS NULL THEN NULL {' '.join(whens)} ELSE 0 END"

    def reasons(self, failing: int, era: int | None, kind: int | None) -> tuple[Reason, int]:
        """The first rule at which a row with this word was lost, and its place in the order of looking."""
        found = []
        for item in self.items:
            kinds = self.words[item].kinds
            of_kind = kinds[kind] if kind is not None and kind < len(kinds) else self.table.subject
            cell = self._cell(item, self.seen.eras[era][0] if era is not None else None, of_kind)
            if failing & REFUSED:
                found += [(ranked.order, ranked.reason) for ranked in cell.failures]
                if cell.needs_channel and self.channel not in CHANNELS:
                    ranked = cell.tell_channel("gate.unknown-channel" if self.channel else "gate.channel-missing")
                    found.append((ranked.order, ranked.reason))
            found += [
                (ranked.order, ranked.reason)
                for bit in range(CONDITION_BIT + 14)
                if failing & cell.need & (1 << bit)
                for ranked in [cell.tell(bit, False)]
            ]
        if not found:  # a stranger's row: nobody's kind is known
            cell = self._cell(self.items[0], self.seen.eras[-1][0], self.table.subject)
            ranked = cell.tell(SLOT["identity_known"].bit, False) if cell.need & KNOWN else cell.failures[0]
            found = [(ranked.order, ranked.reason)]
        order, reason = min(found, key=lambda one: one[0])
        return reason, order

    def _own(self, name: str, place: int) -> str:
        return self.speech.quoted(f"{name}{place}")

    def _of_item(self, owner: int, place: int, item: str) -> str:
        known = f"(p{owner}.known_{place} | {OWNED} | (CASE WHEN r.past_{place} IS NULL THEN 0 ELSE {PAST} END))"
        value = f"(p{owner}.value_{place} | {OWNED} | (CASE WHEN r.past_{place} THEN {PAST} ELSE 0 END))"
        branches: dict[str, list[str]] = {}
        for era, (name, _) in enumerate(self.seen.eras):
            for kind, of_kind in enumerate(self.words[item].kinds):
                word = self._word(self._cell(item, name, of_kind), known, value)
                branches.setdefault(word, []).append(
                    f"(q.{self.speech.quoted(ERA)} = {era} AND p{owner}.kind_{place} = {kind})"
                )
        whens = " ".join(f"WHEN {' OR '.join(tests)} THEN {word}" for word, tests in branches.items())
        return f"(CASE {whens} ELSE CAST({REFUSED} AS BIGINT) END)"

    def _word(self, cell: Cell, known: str, value: str) -> str:
        return failing_sql(
            cell,
            known=known,
            value=value,
            attributes=self._attributes(),
            dialect=self.speech.dialect,
            today=self.seen.on,
            channel=self.channel,
        )

    def _attributes(self) -> Mapping[str, str]:
        """What conditions may read: columns of the row by their item, and what is known of actor and resource."""
        found = {name: literal(value) for name, value in self.constants.items() if literal(value)}
        for column in self.table.columns.values():
            if len(column.items) == 1 and "." in column.item and column.type != "binary":
                found.setdefault(column.item, f"q.{self.speech.quoted(column.name)}")
        return found

    def _cell(self, item: str, era: str | None, kind: str) -> Cell:
        if era is None:
            return self.seen.cell_without_era(item, kind)
        return self.seen.cells(item, (kind,))[era, kind]


def literal(value: object) -> str:
    """A constant as SQL; empty where it is none that SQL could hold."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, date):
        return f"DATE '{value.isoformat()[:10]}'"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return ""


def reasons_of(judging: Judging, lost: Mapping[tuple[int, int | None, int | None], int]) -> Sequence[dict[str, object]]:
    """The waterfall: how many rows were lost at each rule, in the order of looking."""
    counted: dict[tuple[int, str], dict[str, object]] = {}
    for (failing, era, kind), count in lost.items():
        reason, order = judging.reasons(failing, era, kind)
        told = counted.setdefault(
            (order, reason.code),
            {
                "code": reason.code,
                "clause": reason.clause,
                "article": reason.article,
                "message": reason.message,
                "count": 0,
            },
        )
        told["count"] = int(str(told["count"])) + count
    return [counted[key] for key in sorted(counted)]
