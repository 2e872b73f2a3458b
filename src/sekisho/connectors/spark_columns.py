"""Tests on a Spark frame whose values come by joins: lists as key tables, single values as one row beside each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.source import Before, Contains, In, IsNull, NotIn, Scalar, Test, Where, Within

PYTHON: dict[str, tuple[type, ...]] = {
    values.INTEGER: (int,),
    values.NUMBER: (int, float),
}  # what else is asked of a column of numbers equals none


@dataclass(frozen=True, slots=True)
class Matching:
    """A frame with helping columns beside its own, and the column that is true where a row matches, else false."""

    frame: Any
    hit: Any


def matching(session: Any, frame: Any, where: Where, types: Mapping[str, str]) -> Matching:
    """The frame and its rows that match all tests."""
    from pyspark.sql import functions as sql

    made = _Tests(session, frame)
    texts = [made.test(test, types[test.column]) for test in where]
    hit = sql.coalesce(sql.expr(" AND ".join(f"({one})" for one in texts) or "true"), sql.lit(False))
    return Matching(made.with_bounds(), hit)


class _Tests:
    def __init__(self, session: Any, frame: Any) -> None:
        self._session = session
        self._frame = frame
        self._bounds: dict[str, pa.Array] = {}
        self._lists = 0

    def with_bounds(self) -> Any:
        """The frame with the single values beside each row."""
        if not self._bounds:
            return self._frame
        return self._frame.crossJoin(self._session.createDataFrame(pa.table(self._bounds)))

    def test(self, test: Test, plain: str) -> str:
        """The test as an expression over names."""
        column = "`" + test.column.replace("`", "``") + "`"
        match test:
            case In(values=wanted):
                return self._listed(column, wanted, plain)
            case NotIn(values=wanted):
                return f"NOT {self._listed(column, wanted, plain)}"
            case Before(value=value):
                return f"{column} < {self._bound(value, plain)}"
            case Within(since=since, until=until):
                bounds = [(sign, value) for sign, value in ((">=", since), ("<", until)) if value is not None]
                found = [f"{column} {sign} {self._bound(value, plain)}" for sign, value in bounds]
                return " AND ".join(found) or f"{column} IS NOT NULL"
            case Contains(values=wanted):
                found = [f"contains({column}, {self._bound(value, values.TEXT)})" for value in wanted]
                return " OR ".join(found) or "false"
            case IsNull(negated=negated):
                return f"{column} IS {'NOT ' if negated else ''}NULL"
            case _:
                assert_never(test)

    def _bound(self, value: Scalar, plain: str) -> str:
        name = f"sekisho_b{len(self._bounds)}"
        self._bounds[name] = pa.array([values.fit(value, plain)], values.ARROW[plain])
        return name

    def _listed(self, column: str, wanted: Sequence[Scalar], plain: str) -> str:
        """True or false, never null: what is joined is there or is not."""
        from pyspark.sql import functions as sql

        fits = PYTHON.get(plain, (object,))
        fitted = dict.fromkeys(values.fit(value, plain) for value in wanted if value is not None)
        keys = [value for value in fitted if isinstance(value, fits)]
        name, there = f"sekisho_v{self._lists}", f"sekisho_f{self._lists}"
        self._lists += 1
        if not keys:
            return "false"
        table = pa.table({name: pa.array(keys, values.ARROW[plain]), there: pa.array([True] * len(keys))})
        self._frame = self._frame.join(
            sql.broadcast(self._session.createDataFrame(table)), sql.expr(f"{column} = {name}"), "left"
        )
        return f"({there} IS NOT NULL)"
