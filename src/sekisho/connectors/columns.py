"""Tests on Arrow tables, for the stores that have no query language of their own."""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import assert_never

import pyarrow as pa
import pyarrow.compute as pc

from sekisho.connectors import values
from sekisho.connectors.source import Before, Contains, In, IsNull, NotIn, Scalar, Test, Where, Within


def expression(where: Where, types: Mapping[str, str]) -> pc.Expression:
    """The condition as an Arrow expression: null is not a match."""
    return reduce(and_, (_test(test, types[test.column]) for test in where), pc.scalar(value=True))


def without(table: pa.Table, where: Where, types: Mapping[str, str]) -> pa.Table:
    """The rows that do not match (an unknown answer does not match)."""
    return table.filter(_inverse(where, types))


def blanked(table: pa.Table, columns: Sequence[str], where: Where, types: Mapping[str, str]) -> pa.Table:
    """The table with these columns nulled in the matching rows."""
    hit = mask(table, where, types)
    for column in columns:
        index = table.schema.get_field_index(column)
        field = table.schema.field(index)
        table = table.set_column(index, field, pc.if_else(hit, pa.scalar(None, field.type), table[column]))
    return table


def rewritten(
    table: pa.Table, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
) -> tuple[pa.Table, bool]:
    """The table with the texts of these keys replaced, and whether any row changed. A day is given as ISO text."""
    old = table[column].to_pylist()
    keys = zip(*(table[name].to_pylist() for name in key), strict=True)
    index = table.schema.get_field_index(column)
    field = table.schema.field(index)
    plain = values.plain_type(str(field.type))
    new = [values.fit(texts[at], plain) if at in texts else text for at, text in zip(keys, old, strict=True)]
    if new == old:
        return table, False
    return table.set_column(index, field, pa.array(new, field.type)), True


def mask(table: pa.Table, where: Where, types: Mapping[str, str]) -> pa.ChunkedArray:
    """True where the row matches, else False; never null."""
    numbered = table.append_column("__sekisho_row", pa.array(range(table.num_rows), pa.int64()))
    hits = numbered.filter(expression(where, types))["__sekisho_row"]
    return pc.is_in(numbered["__sekisho_row"], value_set=hits.combine_chunks())


def _inverse(where: Where, types: Mapping[str, str]) -> pc.Expression:
    matched = expression(where, types)
    return pc.if_else(pc.is_valid(matched), ~matched, pc.scalar(value=True))


def _test(test: Test, plain: str) -> pc.Expression:
    column = pc.field(test.column)
    match test:
        case In(values=wanted):
            return column.isin(_array(wanted, plain))
        case NotIn(values=wanted):
            return ~column.isin(_array(wanted, plain)) | column.is_null()
        case Before(value=value):
            return column < _scalar(value, plain)
        case Within(since=since, until=until):
            parts = [] if since is None else [column >= _scalar(since, plain)]
            parts += [] if until is None else [column < _scalar(until, plain)]
            return reduce(and_, parts, column.is_valid())
        case Contains(values=wanted):
            return reduce(or_, (pc.match_substring(column, text) for text in wanted), pc.scalar(value=False))
        case IsNull(negated=negated):
            return column.is_valid() if negated else column.is_null()
        case _:
            assert_never(test)


def _array(wanted: Sequence[Scalar], plain: str) -> pa.Array:
    return pa.array([values.fit(value, plain) for value in wanted if value is not None], values.ARROW[plain])


def _scalar(value: Scalar, plain: str) -> pc.Expression:
    return pc.scalar(pa.scalar(values.fit(value, plain), values.ARROW[plain]))
