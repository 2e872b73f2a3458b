"""Decide many rows at once: columns in, columns out, the same answers as `decide` row by row.

Rows whose failing words, kinds and eras are alike get one answer, and `decide` itself says it: what is vectorised is only
which rows are alike. `decide` never imports this file. Source: DESIGN.md section 5.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.alike import Combining
from sekisho.engine.gate.ask import BulkAsk, Decision, Facts, NeedsApproval, NeedsConsent, Permit, Refuse, RowFacts
from sekisho.engine.gate.decide import decide
from sekisho.engine.gate.failing import ItemWords
from sekisho.engine.gate.saying import ROOM
from sekisho.engine.gate.table import Table
from sekisho.engine.gate.waterfall import Lost, waterfall

Words = npt.NDArray[np.int64]
EFFECTS: Mapping[type[Decision], int] = {Permit: 0, NeedsConsent: 1, NeedsApproval: 2, Refuse: 3}
CHUNK = 1 << 14  # rows looked at together: their words stay in the processor's cache
OF_THE_ASK = ("actor", "recipient", "ticket")  # the same for every row by nature
ANYBODY = "anybody"  # stands for a row's person where the gate words an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What is known of the rows of one item; `kind` and `era` are places in `kinds` and `eras`.

    `attributes` are the same for every row; `values` differ by row, and only names of the data may stand there.
    """

    kinds: tuple[str, ...]
    kind: npt.NDArray[np.int16]
    eras: tuple[str | None, ...]
    era: npt.NDArray[np.int16]
    known: Words
    value: Words
    attributes: Mapping[str, object] = field(default_factory=dict)
    values: Mapping[str, pa.Array] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One answer, and how many rows got it."""

    decision: Decision
    effect: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnDecision:
    """One answer per row, as a place in `outcomes`; the failing words by item; what was lost at which rule."""

    outcome: npt.NDArray[np.int32]
    outcomes: tuple[Outcome, ...]
    words: Mapping[str, Words]
    waterfall: tuple[Lost, ...]

    @property
    def failing(self) -> Words:
        """The failing word of each row; of several items, the bits that fail for any of them."""
        words = list(self.words.values())
        return words[0] if len(words) == 1 else np.bitwise_or.reduce(words)

    @property
    def effect(self) -> npt.NDArray[np.uint8]:
        """0 permit, 1 needs consent, 2 needs approval, 3 refuse."""
        return np.array([outcome.effect for outcome in self.outcomes], dtype=np.uint8)[self.outcome]

    @property
    def permitted(self) -> npt.NDArray[np.bool_]:
        """Which rows may be used."""
        return np.array([outcome.effect == 0 for outcome in self.outcomes], dtype=np.bool_)[self.outcome]

    def decision(self, row: int) -> Decision:
        """The answer of one row, with all its reasons."""
        return self.outcomes[int(self.outcome[row])].decision


def decide_columns(
    table: Table,
    ask: BulkAsk,
    columns: Columns | Mapping[str, Columns],
    *,
    in_force: str,
    recipient_kind: str | None = None,
    grounds: tuple[str, ...] = (),
) -> ColumnDecision:
    """Answer for every row. One `Columns` for all items, or one by item, with the same rows; all items must permit.

    Raises: gate.columns-differ, gate.column-not-of-the-data.
    """
    by_item = {item: columns if isinstance(columns, Columns) else columns.get(item) for item in ask.items}
    brought = {item: given for item, given in by_item.items() if given is not None}
    facts = _Facts(in_force=in_force, recipient_kind=recipient_kind, grounds=grounds)
    return _Run(table, ask, brought, facts).decide()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    in_force: str
    recipient_kind: str | None
    grounds: tuple[str, ...]


class _Run:
    """One look at all rows, chunk by chunk."""

    def __init__(self, table: Table, ask: BulkAsk, columns: Mapping[str, Columns], facts: _Facts) -> None:
        self.table, self.ask, self.columns, self.facts = table, ask, columns, facts
        self.rows = _rows(list(columns.values()))
        self.decisions: list[Decision] = []
        self.combining = Combining()

    def decide(self) -> ColumnDecision:
        outcome = np.empty(self.rows, dtype=np.int32)
        words = {item: np.zeros(self.rows, dtype=np.int64) for item in self.columns}
        items = [] if self.ask.at.tzinfo is None else [self._words(item, given) for item, given in self.columns.items()]
        counts = np.zeros(0, dtype=np.int64)
        for start in range(0, self.rows, CHUNK):
            rows = slice(start, min(start + CHUNK, self.rows))
            parts = [item.look(rows, words[item.item][rows]) for item in items]
            alike = self.combining.numbers(parts) if parts else np.zeros(rows.stop - start, dtype=np.int32)
            if int(alike.max(initial=-1)) >= len(self.decisions):
                self._word(alike, start)
            outcome[rows] = alike
            counted = np.bincount(alike, minlength=len(self.decisions))
            counted[: len(counts)] += counts
            counts = counted
        return ColumnDecision(
            outcome=outcome,
            outcomes=tuple(
                Outcome(decision=decision, effect=EFFECTS[type(decision)], count=int(count))
                for decision, count in zip(self.decisions, counts, strict=True)
            ),
            words=words,
            waterfall=waterfall(zip(self.decisions, map(int, counts), strict=True)),
        )

    def _words(self, item: str, columns: Columns) -> ItemWords:
        recipient = self.ask.recipient
        if recipient is not None and recipient not in self.table.named_recipients:
            recipient = self.facts.recipient_kind or ""
        span = self.table.span(self.ask.at)
        head = (self.facts.in_force, self.ask.purpose, self.ask.act, recipient, self.facts.grounds, span)
        return ItemWords(self.table.view(head), self.ask, item, columns)

    def _word(self, alike: npt.NDArray[np.int32], start: int) -> None:
        """Let the gate word every answer met for the first time, by some row that gets it."""
        rows = np.zeros(int(alike.max()) + 1, dtype=np.int64)
        rows[alike] = np.arange(len(alike))
        # Numbers are given in order of first sight, chunk by chunk: the new ones are all in this chunk.
        self.decisions += [self._answer(start + row) for row in rows[len(self.decisions) :].tolist()]

    def _answer(self, row: int) -> Decision:
        facts = Facts(
            in_force=self.facts.in_force,
            rows=tuple(row_of(columns, item, row) for item, columns in self.columns.items()),
            recipient_kind=self.facts.recipient_kind,
            grounds=self.facts.grounds,
        )
        return decide(self.table, self.ask.about(ANYBODY), facts)


def row_of(columns: Columns, item: str, row: int, person: str = ANYBODY) -> RowFacts:
    """One row of columns as `decide` takes it."""
    told = {name: values[row].as_py() for name, values in columns.values.items()}
    return RowFacts(
        data_subject=person,
        subject_kind=columns.kinds[columns.kind[row]],
        item=item,
        era=columns.eras[columns.era[row]],
        known=int(columns.known[row]),
        value=int(columns.value[row]),
        attributes={**columns.attributes, **told},
    )


def _rows(columns: Sequence[Columns]) -> int:
    """How many rows there are: of every item as many, in columns of one length."""
    lengths = {
        len(column)
        for given in columns
        for column in (given.known, given.value, given.kind, given.era, *given.values.values())
    }
    if len(lengths) > 1:
        raise SekishoError("gate.columns-differ", room=ROOM)
    for given in columns:
        for name in given.values:
            if name.partition(".")[0] in OF_THE_ASK:
                raise SekishoError("gate.column-not-of-the-data", room=ROOM, name=name)
    return lengths.pop() if lengths else 0
