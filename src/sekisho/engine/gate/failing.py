"""The failing words of one item's rows, a chunk at a time, and which of the rows are alike to the gate."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sekisho.engine.gate.alike import Numbering, Numbers, Words
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.column_conditions import ColumnCondition
from sekisho.engine.gate.decide import CHANNEL_CONSENT, CHANNELS, ROLE_ALLOWED
from sekisho.engine.gate.slots import SLOTS, WANT
from sekisho.engine.gate.table import Cell, View
from sekisho.engine.japanese.tokyo import tokyo_date

if TYPE_CHECKING:
    from sekisho.engine.gate.columns import Columns

OF_SLOTS = sum(slot.mask for slot in SLOTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What a cell asks of every row (`need`), what fails in all of them already, and what differs by row."""

    need: int
    fails: int
    conditions: tuple[tuple[int, ColumnCondition], ...]  # mask of the bit, condition on values that differ by row


class ItemWords:
    """Looks at the rows of one item. Rows with one number are alike: same cell, same failing and unknown facts."""

    def __init__(self, view: View, ask: BulkAsk, item: str, columns: "Columns") -> None:
        self.item = item
        self._view, self._ask, self._columns = view, ask, columns
        self._plans: dict[int, _Plan] = {}
        pairs = len(columns.kinds) * len(columns.eras)
        self._need = np.zeros(pairs, dtype=np.int64)
        self._fails = np.zeros(pairs, dtype=np.int64)
        self._failing, self._unknown, self._alike = Numbering(), Numbering(), Numbering()
        self._unknown.numbers(np.zeros(1, dtype=np.int64))  # nothing unknown is number 0
        self._of_cell: dict[int, Numbers] = {}  # cell -> number by number of the failing word, nothing being unknown
        self._today = tokyo_date(ask.at)

    def look(self, rows: slice, out: Words) -> Numbers:
        """Write the failing words of a chunk into `out`; which of its rows are alike."""
        columns = self._columns
        kind, era = columns.kind[rows], columns.era[rows]
        first = int(era[0]) * len(columns.kinds) + int(kind[0])
        is_one_cell = bool((kind == kind[0]).all() and (era == era[0]).all())
        cells = None if is_one_cell else era.astype(np.int64) * len(columns.kinds) + kind
        plans = self._plans_of([first] if cells is None else np.flatnonzero(np.bincount(cells)).tolist())
        unknown = np.invert(columns.known[rows])
        np.bitwise_xor(columns.value[rows], WANT, out=out)
        np.bitwise_or(out, unknown, out=out)
        np.bitwise_and(out, plans[first].need if cells is None else self._need[cells], out=out)
        np.bitwise_and(unknown, out, out=unknown)
        for cell, plan in plans.items():
            if plan.conditions:
                at = np.ones(len(out), dtype=np.bool_) if cells is None else cells == cell
                self._test(plan, rows, at, out, unknown)
        numbers = self._number(first if cells is None else cells, out, unknown)
        np.bitwise_or(out, plans[first].fails if cells is None else self._fails[cells], out=out)
        return numbers

    def _plans_of(self, cells: Iterable[int]) -> Mapping[int, _Plan]:
        found = {}
        for cell in cells:
            if cell not in self._plans:
                self._plans[cell] = plan = self._plan(cell)
                self._need[cell], self._fails[cell] = plan.need, plan.fails
            found[cell] = self._plans[cell]
        return found

    def _plan(self, number: int) -> _Plan:
        era, kind = divmod(number, len(self._columns.kinds))
        cell: Cell = self._view.cell(self._columns.eras[era], self.item, self._columns.kinds[kind])
        attributes = self._columns.attributes
        need, fails, by_row = cell.need & OF_SLOTS, 0, []
        if cell.roles is not None and need & ROLE_ALLOWED:
            need &= ~ROLE_ALLOWED
            role = attributes.get("actor.role")
            fails |= 0 if role and role in cell.roles else ROLE_ALLOWED  # an empty role is an unknown one
        if cell.needs_channel and self._ask.channel not in CHANNELS:
            need &= ~CHANNEL_CONSENT  # the gate tells of the channel instead
        for condition in cell.conditions:
            test = ColumnCondition(condition.expression, self._columns)
            if test.differs_by_row:
                by_row.append((1 << condition.bit, test))
            elif condition.test(attributes, self._today) is not True:
                fails |= 1 << condition.bit
        return _Plan(need=need, fails=fails & cell.need, conditions=tuple(by_row))

    def _test(self, plan: _Plan, rows: slice, at: npt.NDArray[np.bool_], out: Words, unknown: Words) -> None:
        for mask, condition in plan.conditions:
            met, is_known = condition.test(rows, self._today)
            out[at & ~met] |= mask
            unknown[at & ~is_known] |= mask

    def _number(self, cells: int | Words, failing: Words, unknown: Words) -> Numbers:
        failing_number = self._failing.numbers(failing)
        if isinstance(cells, int) and not unknown.any():
            of_cell = self._of_cell.get(cells)
            if of_cell is None or len(of_cell) < len(self._failing.words):
                of_cell = np.full(len(self._failing.words), -1, dtype=np.int32)
                self._of_cell[cells] = of_cell
            found = of_cell.take(failing_number)
            if int(found.min()) < 0:
                new = np.unique(failing_number[found < 0])
                of_cell[new] = self._alike.numbers(_key(cells, new, 0))
                found = of_cell.take(failing_number)
            return found
        return self._alike.numbers(_key(cells, failing_number, self._unknown.numbers(unknown)))


def _key(cells: int | Words, failing: Numbers, unknown: Numbers | int) -> Words:
    key: Words = failing.astype(np.int64) << 20 | unknown
    return key | (cells << 42 if isinstance(cells, int) else np.left_shift(cells, 42))
