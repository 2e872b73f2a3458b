"""Conditions for MariaDB: texts without a single value, and the key tables that hold them.

Texts are compared byte by byte in utf8mb4. Where the column's own collation is one of utf8mb4, a first test by that
collation lets the server use an index: it lets through all that is equal, and more.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from sekisho.connectors import values
from sekisho.connectors.mariadb_keys import EXACT, Keys
from sekisho.connectors.source import Before, Contains, In, IsNull, NotIn, Test, Where, Within
from sekisho.connectors.statements import quoted

PYTHON = {values.INTEGER: (int,), values.NUMBER: (int, float), values.BOOLEAN: (bool, int)}


def condition(where: Where, types: Mapping[str, str], collations: Mapping[str, str]) -> tuple[str, list[Keys]]:
    """The text after WHERE and its key tables."""
    keys: list[Keys] = []
    parts = [_test(test, types[test.column], collations.get(test.column, ""), keys) for test in where]
    return " AND ".join(parts) or "1 = 1", keys


def same(column: str, plain: str, other: str) -> str:
    """The column equals the other column, exactly."""
    return f"{_exact(column, plain)} = {other}"


def _test(test: Test, plain: str, collation: str, keys: list[Keys]) -> str:
    column = quoted(test.column)
    match test:
        case In(values=wanted):
            return _listed(test.column, plain, collation, _table(keys, plain, wanted))
        case NotIn(values=wanted):
            return f"({column} IS NULL OR NOT {_listed(test.column, plain, '', _table(keys, plain, wanted))})"
        case Before(value=value):
            return f"{_exact(test.column, plain)} < (SELECT c0 FROM {_table(keys, plain, (value,))})"  # noqa: S608
        case Within(since=since, until=until):
            bounds = [(sign, value) for sign, value in ((">=", since), ("<", until)) if value is not None]
            return (
                " AND ".join(
                    f"{_exact(test.column, plain)} {sign} (SELECT c0 FROM {_table(keys, plain, (value,))})"  # noqa: S608
                    for sign, value in bounds
                )
                or f"{column} IS NOT NULL"
            )
        case Contains(values=wanted):
            name = _table(keys, values.TEXT, wanted)
            text = _exact(test.column, values.TEXT)
            return f"EXISTS (SELECT 1 FROM {name} WHERE LOCATE({name}.c0, {text}) > 0)"  # noqa: S608
        case IsNull(negated=negated):
            return f"{column} IS {'NOT ' if negated else ''}NULL"
        case _:
            assert_never(test)


def _listed(column: str, plain: str, collation: str, name: str) -> str:
    exact = f"{_exact(column, plain)} IN (SELECT c0 FROM {name})"  # noqa: S608
    if plain != values.TEXT or not collation.startswith("utf8mb4") or not collation.replace("_", "").isalnum():
        return exact
    return f"({quoted(column)} IN (SELECT c0 COLLATE {collation} FROM {name}) AND {exact})"  # noqa: S608


def _exact(column: str, plain: str) -> str:
    return f"(CONVERT({quoted(column)} USING utf8mb4) COLLATE {EXACT})" if plain == values.TEXT else quoted(column)


def _table(keys: list[Keys], plain: str, wanted: Sequence[object]) -> str:
    name = f"sekisho_keys_{len(keys)}"
    fitted = [values.fit(value, plain) for value in wanted if value is not None]
    fits = PYTHON.get(plain)  # what is no number equals none of a column of numbers
    keys.append(Keys(name, (plain,), [(one,) for one in fitted if fits is None or isinstance(one, fits)]))
    return name
