"""Conditions of the policy language: one tree, run in Python and as SQL with the same answer.

Three-valued as SQL: a name without a value, or with a value of another type, makes a comparison unknown (None), and a use
needs True. Strings compare by code point. `today` is the Tokyo date of the moment of asking. Source: DESIGN.md section 4.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from operator import eq, ge, gt, le, lt, ne
from typing import Any, TypeGuard

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.expression_parser import ROOM, parse
from sekisho.engine.policy.expression_tree import (
    And,
    Compare,
    Expr,
    In,
    Kind,
    Literal,
    Name,
    Not,
    Operand,
    Or,
    Shift,
    Today,
    Value,
    Within,
    names,
    uses_today,
)

__all__ = ["Expr", "Kind", "evaluate", "names", "parse", "to_sql", "uses_today"]

OPERATORS = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
SQL_OPERATORS = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
CODE_POINT_ORDER = {"sqlite": " COLLATE BINARY", "postgres": ' COLLATE "C"', "duckdb": "", "spark": ""}


def evaluate(expr: Expr, names: Mapping[str, object], today: date) -> bool | None:
    """True, False, or None for unknown."""
    match expr:
        case And(items=items):
            return _fold(items, names, today, stop_at=False)
        case Or(items=items):
            return _fold(items, names, today, stop_at=True)
        case Not(item=item):
            inner = evaluate(item, names, today)
            return None if inner is None else not inner
        case Compare(operator=operator, left=left, right=right):
            first, second = _value(left, names, today), _value(right, names, today)
            return _compare(operator, first, second) if _comparable(first, second) else None
        case In(item=item, options=options):
            found = _value(item, names, today)
            if found is None or not any(_comparable(found, option.value) for option in options):
                return None
            return any(_comparable(found, option.value) and found == option.value for option in options)
        case Within(item=item, among=among):
            found, held = _value(item, names, today), _strings(names.get(among.path))
            return found in held if held is not None and isinstance(found, str) else None
    value = _value(expr, names, today)
    return value if isinstance(value, bool) else None


def to_sql(expr: Expr, columns: Mapping[str, str], dialect: str, today: date | None = None) -> str:
    """A SQL condition with the same answer. `columns` gives the SQL of every name: dates as DATE (in SQLite ISO text), lists
    as arrays of strings without NULLs (in SQLite JSON text).

    `today` is written in as a date; without it, `columns["today"]` is used.
    Raises: expression.no-column for a name without SQL, expression.unknown-dialect.
    """
    if dialect not in CODE_POINT_ORDER:
        raise SekishoError("expression.unknown-dialect", room=ROOM, dialect=dialect)
    return _Sql(columns, dialect, today).condition(expr)


def _fold(items: tuple[Expr, ...], names: Mapping[str, object], today: date, *, stop_at: bool) -> bool | None:
    answer: bool | None = not stop_at
    for item in items:
        found = evaluate(item, names, today)
        if found is stop_at:
            return stop_at
        if found is None:
            answer = None
    return answer


def _value(expr: Operand, names: Mapping[str, object], today: date) -> Value | None:
    match expr:
        case Literal(value=value):
            return value
        case Today():
            return today
        case Name(path=path, kind=kind):
            found = names.get(path)
            return found if _is_value(found) and kind in (Kind.ANY, _kind_of(found)) else None
        case Shift(base=base, days=days):
            moved = _value(base, names, today)
            if not isinstance(moved, date):
                return None
            try:
                return moved + timedelta(days=days)
            except OverflowError:
                return None


def _strings(found: object) -> Collection[str] | None:
    """A list of strings; anything else, or a list that holds anything else, is unknown."""
    if not isinstance(found, list | tuple | set | frozenset):
        return None
    return found if all(isinstance(one, str) for one in found) else None


def _compare(operator: str, left: Any, right: Any) -> bool:
    return bool(OPERATORS[operator](left, right))


def _is_value(found: object) -> TypeGuard[Value]:
    return isinstance(found, date | int | str) and not isinstance(found, datetime)


def _kind_of(found: object) -> Kind:
    match found:
        case bool():
            return Kind.BOOLEAN
        case int():
            return Kind.INTEGER
        case str():
            return Kind.STRING
    return Kind.DATE


def _comparable(left: Value | None, right: Value | None) -> bool:
    return left is not None and right is not None and _kind_of(left) is _kind_of(right)


class _Sql:
    def __init__(self, columns: Mapping[str, str], dialect: str, today: date | None) -> None:
        self.columns = columns
        self.dialect = dialect
        self.today = today

    def condition(self, expr: Expr) -> str:
        match expr:
            case And(items=items):
                return "(" + " AND ".join(self.condition(item) for item in items) + ")"
            case Or(items=items):
                return "(" + " OR ".join(self.condition(item) for item in items) + ")"
            case Not(item=item):
                return f"(NOT {self.condition(item)})"
            case Compare(operator=operator, left=left, right=right):
                collate = CODE_POINT_ORDER[self.dialect] if Kind.STRING in (left.kind, right.kind) else ""
                return f"({self._operand(left)}{collate} {SQL_OPERATORS[operator]} {self._operand(right)})"
            case In(item=item, options=options):
                collate = CODE_POINT_ORDER[self.dialect] if options[0].kind is Kind.STRING else ""
                return f"({self._operand(item)}{collate} IN ({', '.join(map(self._operand, options))}))"
            case Within(item=item, among=among):
                return self._within(self._operand(item), self._column(among.path))
        return f"({self._operand(expr)})"

    def _within(self, item: str, among: str) -> str:
        """Lists are arrays; in SQLite JSON text. NULL in either is unknown, an empty list holds nothing."""
        match self.dialect:
            case "sqlite":
                held = f"(SELECT held.value FROM json_each({among}) AS held)"  # noqa: S608  columns and constants only
                is_known = f"{among} IS NOT NULL AND {item} IS NOT NULL"
                return f"(CASE WHEN {is_known} THEN {item} COLLATE BINARY IN {held} END)"
            case "postgres":
                return f'({item} COLLATE "C" = ANY({among}))'
            case "duckdb":
                return f"list_contains({among}, {item})"
        return f"array_contains({among}, {item})"

    def _operand(self, expr: Operand) -> str:
        match expr:
            case Literal(value=value):
                return self._constant(value)
            case Today():
                return self._column("today") if self.today is None else self._constant(self.today)
            case Name(path=path):
                return self._column(path)
            case Shift(base=base, days=days):
                return self._shifted(self._operand(base), days)

    def _column(self, path: str) -> str:
        if path not in self.columns:
            raise SekishoError("expression.no-column", room=ROOM, name=path)
        return self.columns[path]

    def _constant(self, value: Value) -> str:
        match value:
            case bool():
                return "TRUE" if value else "FALSE"
            case int():
                return str(value)
            case str():
                quoted = value.replace("\\", "\\\\") if self.dialect == "spark" else value
                return "'" + quoted.replace("'", "\\'" if self.dialect == "spark" else "''") + "'"
        return f"'{value.isoformat()}'" if self.dialect == "sqlite" else f"DATE '{value.isoformat()}'"

    def _shifted(self, base: str, days: int) -> str:
        match self.dialect:
            case "sqlite":
                return f"date({base}, '{days:+d} days')"
            case "spark":
                return f"date_add({base}, {days})"
        return f"({base} + ({days}))"
