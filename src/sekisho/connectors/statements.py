"""Statements for three SQL dialects: names quoted, values always bound.

A list of values goes in as one bound parameter (a JSON array, a list, an array), so that no statement grows with the
number of people and none holds a value.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from sekisho.connectors import values
from sekisho.connectors.source import Before, Contains, In, IsNull, NotIn, Test, Where, Within


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one store writes a bound parameter, a bound list and a substring test."""

    mark: str
    in_list: str  # {column}, {type}
    holds: str  # {column}
    types: Mapping[str, str]
    text_dates: bool = False  # dates and instants are stored as ISO text
    json_lists: bool = False
    as_text: str = "CAST({column} AS VARCHAR)"


SQLITE = Dialect(
    mark="?",
    in_list="{column} IN (SELECT value FROM json_each(?))",
    holds="instr({column}, ?) > 0",
    types={},
    text_dates=True,
    json_lists=True,
)
DUCKDB = Dialect(
    mark="?",
    in_list="{column} IN (SELECT unnest(?::{type}[]))",
    holds="contains({column}, ?)",
    types={
        values.TEXT: "VARCHAR",
        values.INTEGER: "BIGINT",
        values.NUMBER: "DOUBLE",
        values.BOOLEAN: "BOOLEAN",
        values.DATE: "DATE",
        values.TIMESTAMP: "TIMESTAMPTZ",
        values.BINARY: "BLOB",
    },
)
POSTGRESQL = Dialect(
    mark="%s",
    in_list="{column} = ANY(%s::{type}[])",
    holds="strpos({column}, %s) > 0",
    types={
        values.TEXT: "text",
        values.INTEGER: "bigint",
        values.NUMBER: "numeric",
        values.BOOLEAN: "boolean",
        values.DATE: "date",
        values.TIMESTAMP: "timestamptz",
        values.BINARY: "bytea",
    },
)
ORACLE = Dialect(
    mark="\x00",
    in_list="{column} IN (SELECT v FROM JSON_TABLE(\x00, '$[*]' COLUMNS (v {type} PATH '$')))",
    holds="INSTR({column}, \x00) > 0",
    types={
        values.TEXT: "VARCHAR2(4000)",
        values.INTEGER: "NUMBER",
        values.NUMBER: "NUMBER",
        values.BOOLEAN: "NUMBER",
        values.DATE: "DATE",
        values.TIMESTAMP: "TIMESTAMP WITH TIME ZONE",
        values.BINARY: "VARCHAR2(4000)",
    },
    json_lists=True,
)
MARIADB = Dialect(
    mark="", in_list="", holds="", types={}, as_text="CAST({column} AS CHAR)"
)  # its values stand in key tables: mariadb_statements


def quoted(name: str) -> str:
    """The name as an identifier of any of the three."""
    return '"' + name.replace('"', '""') + '"'


def condition(dialect: Dialect, where: Where, types: Mapping[str, str]) -> tuple[str, list[object]]:
    """The text after WHERE and its parameters. `types` are the table's columns with plain types."""
    parts: list[str] = []
    bound: list[object] = []
    for test in where:
        text, parameters = _test(dialect, test, types[test.column])
        parts.append(text)
        bound.extend(parameters)
    return " AND ".join(parts) or "1 = 1", bound


def unmatched(dialect: Dialect, where: Where, types: Mapping[str, str]) -> tuple[str, list[object]]:
    """What is true of the rows that don't match. Bounds are turned round, so that a partition's own bounds can refute it."""
    parts: list[str] = []
    bound: list[object] = []
    for test in where:
        column, plain = quoted(test.column), types[test.column]
        match test:
            case NotIn(values=()):
                continue
            case Before(value=value):
                parts.append(f"{column} >= {dialect.mark} OR {column} IS NULL")
                bound.append(bind(dialect, value, plain))
            case Within(since=since, until=until):
                bounds = [(sign, value) for sign, value in (("<", since), (">=", until)) if value is not None]
                parts += [f"{column} {sign} {dialect.mark}" for sign, _ in bounds] + [f"{column} IS NULL"]
                bound += [bind(dialect, value, plain) for _, value in bounds]
            case _:
                text, parameters = _test(dialect, test, plain)
                parts.append(f"NOT coalesce({text}, FALSE)")
                bound += parameters
    return " OR ".join(parts) or "1 = 0", bound


def bind(dialect: Dialect, value: object, plain: str) -> object:
    """One value as the store takes it."""
    fitted = values.fit(value, plain)
    return values.iso(fitted) if dialect.text_dates else fitted


def keyed(dialect: Dialect, key: Sequence[str]) -> str:
    """The condition that names one row by its key."""
    return " AND ".join(f"{quoted(column)} = {dialect.mark}" for column in key)


def _test(dialect: Dialect, test: Test, plain: str) -> tuple[str, list[object]]:
    column = quoted(test.column)
    match test:
        case In(values=wanted):
            return _listed(dialect, test.column, wanted, plain)
        case NotIn(values=wanted):
            text, bound = _listed(dialect, test.column, wanted, plain)
            return f"({column} IS NULL OR NOT {text})", bound
        case Before(value=value):
            return f"{column} < {dialect.mark}", [bind(dialect, value, plain)]
        case Within(since=since, until=until):
            bounds = [(sign, value) for sign, value in ((">=", since), ("<", until)) if value is not None]
            text = " AND ".join(f"{column} {sign} {dialect.mark}" for sign, _ in bounds) or f"{column} IS NOT NULL"
            return text, [bind(dialect, value, plain) for _, value in bounds]
        case Contains(values=wanted):
            if not wanted:
                return "1 = 0", []
            return "(" + " OR ".join(dialect.holds.format(column=column) for _ in wanted) + ")", list(wanted)
        case IsNull(negated=negated):
            return f"{column} IS {'NOT ' if negated else ''}NULL", []
        case _:
            assert_never(test)


def _listed(dialect: Dialect, column: str, wanted: Sequence[object], plain: str) -> tuple[str, list[object]]:
    fitted = [bind(dialect, value, plain) for value in wanted if value is not None]
    text = dialect.in_list.format(column=quoted(column), type=dialect.types.get(plain, ""))
    return text, [json.dumps([values.iso(one) for one in fitted]) if dialect.json_lists else fitted]
