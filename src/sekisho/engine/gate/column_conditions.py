"""Conditions of the policy over columns: three-valued as in Python and SQL. Source: DESIGN.md section 4.

What Arrow compares is compared in columns; anything else (a list, a number beyond 64 bits) row by row, by the language's
own evaluation, which stays the meaning of both.
"""

from collections.abc import Mapping
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.engine.policy.expression import Expr, Kind, evaluate, names
from sekisho.engine.policy.expression_tree import And, Compare, In, Literal, Name, Not, Or, Shift, Today

if TYPE_CHECKING:
    from sekisho.engine.gate.columns import Columns

Flags = npt.NDArray[np.bool_]
COMPARE = {
    "==": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}
FIRST_DAY, EARLIEST, LATEST = date(1970, 1, 1), date.min, date.max


class ColumnCondition:
    """One condition over rows whose values differ."""

    def __init__(self, expression: Expr, columns: "Columns") -> None:
        self._expression = expression
        read = {name.path for name in names(self._expression)}
        self._values = {name: column for name, column in columns.values.items() if name in read}
        self._attributes: Mapping[str, object] = columns.attributes
        self._rows = len(columns)
        self._answers: tuple[Flags, Flags] | None = None

    @property
    def differs_by_row(self) -> bool:
        """Whether it reads a value that differs by row."""
        return bool(self._values)

    def test(self, rows: slice, today: date) -> tuple[Flags, Flags]:
        """`(met, known)` of a chunk of rows: met only where known."""
        if self._answers is None:
            try:
                found = _InColumns(self._values, self._attributes, today).condition(self._expression)
                if isinstance(found, pa.Scalar):
                    found = pa.repeat(found, self._rows)
            except (_ByRow, OverflowError, pa.ArrowInvalid):
                found = self._by_row(today)
            met, known = pc.fill_null(found, False), pc.is_valid(found)
            self._answers = (met.to_numpy(zero_copy_only=False), known.to_numpy(zero_copy_only=False))
        return self._answers[0][rows], self._answers[1][rows]

    def _by_row(self, today: date) -> pa.Array:
        told = zip(*(column.to_pylist() for column in self._values.values()), strict=True)
        rows = ({**self._attributes, **dict(zip(self._values, values, strict=True))} for values in told)
        return pa.array([evaluate(self._expression, row, today) for row in rows], pa.bool_())


class _ByRow(Exception):
    """Columns can't tell this one."""


class _InColumns:
    """Answers are Boolean arrays or scalars with nulls for unknown; days and truths are compared as numbers."""

    def __init__(self, values: Mapping[str, pa.Array], attributes: Mapping[str, object], today: date) -> None:
        self.values, self.attributes, self.today = values, attributes, today

    def condition(self, expr: Expr) -> Any:
        match expr:
            case And(items=items):
                return reduce(pc.and_kleene, map(self.condition, items))
            case Or(items=items):
                return reduce(pc.or_kleene, map(self.condition, items))
            case Not(item=item):
                return pc.invert(self.condition(item))
            case Compare(operator=operator, left=left, right=right):
                (kind, first), (other, second) = self.operand(left), self.operand(right)
                return COMPARE[operator](first, second) if kind is other and kind is not None else UNKNOWN
            case In(item=item, options=options):
                kind, found = self.operand(item)
                among = [option for one, option in map(self.operand, options) if one is kind and kind is not None]
                return reduce(pc.or_kleene, [pc.equal(found, option) for option in among]) if among else UNKNOWN
            case Literal() | Name() | Today() | Shift():
                kind, found = self.operand(expr)
                return pc.equal(found, 1) if kind is Kind.BOOLEAN else UNKNOWN
        raise _ByRow

    def operand(self, expr: Expr) -> tuple[Kind | None, Any]:
        """Its kind and values; no kind where it is unknown for every row."""
        match expr:
            case Literal(value=value):
                return _constant(value)
            case Today():
                return _constant(self.today)
            case Name(path=path, kind=kind):
                found, values = (
                    _column(self.values[path]) if path in self.values else _constant(self.attributes.get(path))
                )
                return (found, values) if kind in (Kind.ANY, found) else (None, UNKNOWN)
            case Shift(base=base, days=days):
                found, values = self.operand(base)
                if found is not Kind.DATE:
                    return None, UNKNOWN
                moved = pc.add(values, days)
                inside = pc.and_(pc.greater_equal(moved, _day(EARLIEST)), pc.less_equal(moved, _day(LATEST)))
                return Kind.DATE, pc.if_else(inside, moved, pa.scalar(None, pa.int64()))
        raise _ByRow


UNKNOWN = pa.scalar(None, pa.bool_())


def _constant(value: object) -> tuple[Kind | None, Any]:
    match value:
        case bool():
            return Kind.BOOLEAN, pa.scalar(int(value), pa.int64())
        case int():
            return Kind.INTEGER, pa.scalar(value, pa.int64())
        case str():
            return Kind.STRING, pa.scalar(value, pa.string())
        case list() | tuple():
            raise _ByRow
    if type(value) is date:
        return Kind.DATE, pa.scalar(_day(value), pa.int64())
    return None, UNKNOWN


def _column(column: pa.Array) -> tuple[Kind | None, Any]:
    kind = column.type
    if pa.types.is_boolean(kind):
        return Kind.BOOLEAN, column.cast(pa.int64())
    if pa.types.is_integer(kind):
        return Kind.INTEGER, column.cast(pa.int64())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return Kind.STRING, column.cast(pa.string())
    if pa.types.is_date32(kind):
        return Kind.DATE, column.cast(pa.int32()).cast(pa.int64())
    raise _ByRow


def _day(day: date) -> int:
    return (day - FIRST_DAY).days
