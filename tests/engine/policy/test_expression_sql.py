"""The same condition gives the same answer in Python, in DuckDB and in SQLite, for random conditions and rows with nulls."""

import json
import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.policy.expression import Kind, evaluate, parse, to_sql

TYPES = {"r.d1": Kind.DATE, "r.d2": Kind.DATE, "r.n1": Kind.INTEGER, "r.n2": Kind.INTEGER, "r.s1": Kind.STRING, "r.s2": Kind.STRING, "r.b1": Kind.BOOLEAN, "r.b2": Kind.BOOLEAN, "r.l1": Kind.STRINGS}  # fmt: skip
COLUMNS = {name: name.partition(".")[2] for name in TYPES}
TODAY = date(2026, 11, 23)
WORDS = ["", "a", "A", "b", "ab", "it's", "髙", "𠮷", "吉", "é", "ｱ", "%", "_", "\\", "’", "～"]
DAYS = st.dates(min_value=date(2026, 10, 1), max_value=date(2027, 1, 31))
ROW = st.fixed_dictionaries(
    {
        **dict.fromkeys(("r.d1", "r.d2"), st.none() | DAYS),
        **dict.fromkeys(("r.n1", "r.n2"), st.none() | st.integers(-3, 3) | st.integers(-(2**62), 2**62)),
        **dict.fromkeys(("r.s1", "r.s2"), st.none() | st.sampled_from(WORDS)),
        **dict.fromkeys(("r.b1", "r.b2"), st.none() | st.booleans()),
        "r.l1": st.none() | st.lists(st.sampled_from(WORDS), max_size=3),
    }
)


def _quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


@st.composite
def _moved(draw: st.DrawFn) -> str:
    base = draw(st.sampled_from(["r.d1", "r.d2", "today"]) | DAYS.map(lambda day: f'date("{day}")'))
    return base + draw(st.just("") | st.integers(0, 60).map(lambda n: f" + days({n})") | st.integers(0, 60).map(lambda n: f" - days({n})"))  # fmt: skip


NUMBER = st.sampled_from(["r.n1", "r.n2"]) | st.integers(-3, 3).map(str)
WORD = st.sampled_from(["r.s1", "r.s2"]) | st.sampled_from(WORDS).map(_quoted)
FLAG = st.sampled_from(["r.b1", "r.b2", "true", "false"])
ORDER = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
ATOM = (
    st.builds("{} {} {}".format, _moved(), ORDER, _moved())
    | st.builds("{} {} {}".format, NUMBER, ORDER, NUMBER)
    | st.builds("{} {} {}".format, WORD, ORDER, WORD)
    | st.builds("{} {} {}".format, FLAG, st.sampled_from(["==", "!="]), FLAG)
    | FLAG
    | st.builds("{} in r.l1".format, WORD)
    | st.builds("{} in [{}]".format, WORD, st.lists(st.sampled_from(WORDS).map(_quoted), min_size=1, max_size=3).map(", ".join))
    | st.builds("{} in [{}]".format, NUMBER, st.lists(st.integers(-3, 3).map(str), min_size=1, max_size=3).map(", ".join))
    | st.builds("{} in [{}]".format, _moved(), st.lists(DAYS.map(lambda d: f'date("{d}")'), min_size=1, max_size=2).map(", ".join))
)  # fmt: skip
CONDITION = st.recursive(
    ATOM,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=6,
)


@given(text=CONDITION, rows=st.lists(ROW, min_size=1, max_size=12))
def test_python_duckdb_and_sqlite_agree(text: str, rows: list[dict[str, object]]) -> None:
    tree = parse(text, TYPES)
    expected = [evaluate(tree, row, TODAY) for row in rows]
    assert _duckdb(to_sql(tree, COLUMNS, "duckdb", TODAY), rows) == expected
    assert _sqlite(to_sql(tree, COLUMNS, "sqlite", TODAY), rows) == expected


def test_the_agreement_test_can_fail() -> None:
    tree = parse("r.d1 + days(1) > today", TYPES)
    row: dict[str, object] = dict.fromkeys(TYPES) | {"r.d1": TODAY}
    wrong = to_sql(tree, COLUMNS, "duckdb", TODAY + timedelta(days=1))
    assert evaluate(tree, row, TODAY) is True
    assert _duckdb(wrong, [row]) == [False]


def _duckdb(condition: str, rows: Sequence[dict[str, object]]) -> list[bool | None]:
    with duckdb.connect() as db:
        db.execute(
            "CREATE TABLE r (number INTEGER, d1 DATE, d2 DATE, n1 BIGINT, n2 BIGINT, s1 VARCHAR, s2 VARCHAR, b1 BOOLEAN, b2 BOOLEAN, l1 VARCHAR[])"
        )
        db.executemany(
            "INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(at, *_cells(row)) for at, row in enumerate(rows)]
        )
        return [found for (found,) in db.execute(f"SELECT {condition} FROM r ORDER BY number").fetchall()]


def _sqlite(condition: str, rows: Sequence[dict[str, object]]) -> list[bool | None]:
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE TABLE r (number INTEGER, d1 TEXT, d2 TEXT, n1 INTEGER, n2 INTEGER, s1 TEXT COLLATE NOCASE, s2 TEXT, b1 BOOLEAN, b2 BOOLEAN, l1 TEXT)")  # fmt: skip
        cells = [[_sqlite_cell(cell) for cell in _cells(row)] for row in rows]
        db.executemany(
            "INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(at, *row) for at, row in enumerate(cells)]
        )
        found = db.execute(f"SELECT {condition} FROM r ORDER BY number").fetchall()
        return [None if answer is None else bool(answer) for (answer,) in found]
    finally:
        db.close()


def _sqlite_cell(cell: object) -> object:
    if isinstance(cell, list):
        return json.dumps(cell, ensure_ascii=False)
    return cell.isoformat() if isinstance(cell, date) else cell


def _cells(row: dict[str, object]) -> list[object]:
    return [row[name] for name in TYPES]


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize(("left", "values"), [("r.n1", (1, 2, 3)), ("r.s1", ("a", "b", "c")), ("r.d1", (date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)))])  # fmt: skip
def test_every_comparison_at_its_edge(sign: str, left: str, values: tuple[object, object, object]) -> None:
    tree = parse(f"{left} {sign} {left[:-1]}2", TYPES)
    rows = [dict.fromkeys(TYPES) | {left: value, f"{left[:-1]}2": values[1]} for value in (*values, None)]
    answers = [evaluate(tree, row, TODAY) for row in rows]
    truth = {"==": (0, 1, 0), "!=": (1, 0, 1), "<": (1, 0, 0), "<=": (1, 1, 0), ">": (0, 0, 1), ">=": (0, 1, 1)}[sign]
    assert answers == [*map(bool, truth), None]
    assert _duckdb(to_sql(tree, COLUMNS, "duckdb", TODAY), rows) == answers
    assert _sqlite(to_sql(tree, COLUMNS, "sqlite", TODAY), rows) == answers
