"""Conditions of the policy over columns: three-valued as in Python and SQL. Source: DESIGN.md section 4."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sekisho.engine.policy.expression import Expr, evaluate, names

if TYPE_CHECKING:
    from sekisho.engine.gate.columns import Columns

Flags = npt.NDArray[np.bool_]


class ColumnCondition:
    """One condition over rows whose values differ."""

    def __init__(self, expression: Expr, columns: "Columns") -> None:
        self._expression = expression
        read = {name.path for name in names(self._expression)}
        self._values = {name: column for name, column in columns.values.items() if name in read}
        self._attributes: Mapping[str, object] = columns.attributes

    @property
    def differs_by_row(self) -> bool:
        """Whether it reads a value that differs by row."""
        return bool(self._values)

    def test(self, rows: slice, today: date) -> tuple[Flags, Flags]:
        """`(met, known)` of a chunk of rows: met only where known."""
        chunks = {name: column.slice(rows.start, rows.stop - rows.start) for name, column in self._values.items()}
        told = zip(*(chunk.to_pylist() for chunk in chunks.values()), strict=True)
        answers: dict[tuple[object, ...], bool | None] = {}
        met, known = np.zeros(rows.stop - rows.start, np.bool_), np.zeros(rows.stop - rows.start, np.bool_)
        for row, values in enumerate(told):
            key = tuple((type(value), tuple(value) if isinstance(value, list) else value) for value in values)
            if key not in answers:
                attributes = {**self._attributes, **dict(zip(chunks, values, strict=True))}
                answers[key] = evaluate(self._expression, attributes, today)
            answer = answers[key]
            met[row], known[row] = answer is True, answer is not None
        return met, known
