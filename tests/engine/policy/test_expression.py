"""Conditions: what is accepted, what each fault points at, and three-valued answers."""

from datetime import UTC, date, datetime

import pytest

from sekisho.engine.errors import DocumentRefused, Place, SekishoError
from sekisho.engine.policy.expression import Kind, evaluate, names, parse, to_sql, uses_today

TODAY = date(2026, 11, 23)
TYPES = {
    "a.day": Kind.DATE,
    "a.yen": Kind.INTEGER,
    "a.word": Kind.STRING,
    "a.flag": Kind.BOOLEAN,
    "a.words": Kind.STRINGS,
}


@pytest.mark.parametrize(
    ("text", "values", "answer"),
    [
        ("a.day < today && a.yen > 0 && a.flag", {"a.day": date(2026, 1, 1), "a.yen": 5, "a.flag": True}, True),
        ("a.day < today && a.yen > 0 && a.flag", {"a.day": date(2026, 1, 1), "a.yen": 0, "a.flag": True}, False),
        ("a.day < today && a.yen > 0", {"a.yen": 5}, None),
        ("a.day < today && a.yen > 0", {"a.yen": 0}, False),  # unknown and false is false
        ("a.day < today || a.yen > 0", {"a.yen": 5}, True),  # unknown or true is true
        ("!(a.yen > 0)", {}, None),
        ("!a.flag", {"a.flag": False}, True),
        ("a.word in ['x', 'y']", {"a.word": "y"}, True),
        ("a.word in ['x', 'y']", {"a.word": "z"}, False),
        ("a.word in ['x', 'y']", {}, None),
        ("a.day > today - days(30)", {"a.day": date(2026, 10, 25)}, True),
        ("a.day > today - days(30)", {"a.day": date(2026, 10, 24)}, False),
        ('a.day == date("2026-11-23")', {"a.day": TODAY}, True),
        ("a.flag == true", {"a.flag": True}, True),
        ("a.yen == -5", {"a.yen": -5}, True),
        ("a.word < '髙'", {"a.word": "𠮷"}, False),  # by code point: U+20BB7 is above U+9AD9
        ('a.word == "it\\"s"', {"a.word": 'it"s'}, True),
        ("true", {}, True),
        ('"x" in a.words', {"a.words": ["y", "x"]}, True),
        ('"x" in a.words', {"a.words": ["y"]}, False),
        ('"x" in a.words', {"a.words": []}, False),
        ('"x" in a.words', {}, None),
        ('"x" in a.words', {"a.words": "x"}, None),  # a string is no list
        ('"x" in a.words', {"a.words": ["x", 1]}, None),
        ("a.word in a.words", {"a.word": "y", "a.words": ("x", "y")}, True),
        ("a.word in a.words", {"a.words": ["x"]}, None),
        ('!("x" in a.words) || a.flag', {"a.words": ["x"], "a.flag": True}, True),
        ("(a.yen > 0 || a.yen < -9) && true", {"a.yen": -10}, True),
    ],
)
def test_answers(text: str, values: dict[str, object], answer: bool | None) -> None:
    assert evaluate(parse(text, TYPES), values, TODAY) is answer


def test_a_value_of_another_type_is_unknown_never_true() -> None:
    assert evaluate(parse("a == b"), {"a": 1, "b": True}, TODAY) is None
    assert evaluate(parse("a == b"), {"a": "1", "b": 1}, TODAY) is None
    assert evaluate(parse("a.yen > 0", TYPES), {"a.yen": True}, TODAY) is None
    assert evaluate(parse("a.day < today", TYPES), {"a.day": datetime(2020, 1, 1, tzinfo=UTC)}, TODAY) is None
    assert evaluate(parse("a"), {"a": 1}, TODAY) is None


@pytest.mark.parametrize(
    ("text", "code", "column"),
    [
        ("a.day < today < a.day", "expression.chained", 15),
        ("a.yen == a.yen == a.yen", "expression.chained", 16),
        ("a.day < 3", "expression.unlike", 7),
        ("a.word in ['x', 3]", "expression.unlike", 17),
        ("a.flag < true", "expression.no-order", 8),
        ("a.yem > 0", "expression.unknown-name", 1),
        ("a.yen / 2 == 1", "expression.unknown-sign", 7),
        ("a.yen > 1.5", "expression.no-float", 9),
        ("a.yen = 1", "expression.write-so", 7),
        ("a.flag and a.flag", "expression.write-so", 8),
        ("a.flag & a.flag", "expression.write-so", 8),
        ("a.word =~ 'x'", "expression.write-so", 8),
        ("matches(a.word, 'x')", "expression.write-so", 1),
        ("size(a.word) > 1", "expression.unknown-function", 1),
        ("a.yen + 1 == 2", "expression.only-dates-move", 7),
        ("a.yen + days(1) == 2", "expression.only-dates-move", 7),
        ("a.day + days(99999) < today", "expression.bad-days", 14),
        ('a.day < date("2026-02-30")', "expression.bad-date", 14),
        ('a.day < date("1500-01-01")', "expression.bad-date", 14),
        ("a.day", "expression.not-yes-or-no", 1),
        ("a.flag && a.yen", "expression.not-yes-or-no", 11),
        ("!a.yen", "expression.not-yes-or-no", 2),
        ("(a.flag", "expression.ends-early", 8),
        ("a.yen >", "expression.ends-early", 8),
        ("", "expression.ends-early", 1),
        ("a.word == 'x", "expression.unknown-sign", 11),
        ("a.word in []", "expression.empty-list", 8),
        ("a.word in a.word", "expression.no-list", 11),
        ("a.word in a.wordz", "expression.unknown-name", 11),
        ("a.yen in a.words", "expression.unlike", 7),
        ("a.words == a.words", "expression.list-compared", 9),
        ("a.words in ['x']", "expression.unlike", 13),
        ("a.words", "expression.not-yes-or-no", 1),
        ("a.word in [a.word]", "expression.list-of-constants", 12),
        ("a.yen > 99999999999999999999", "expression.too-large", 9),
        ("a.flag a.flag", "expression.unexpected", 8),
        ("(" * 60 + "a.flag" + ")" * 60, "expression.too-deep", 41),
        ("a.word == 'x\ty'", "expression.unprintable", 11),
    ],
)
def test_faults_point_at_their_column(text: str, code: str, column: int) -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse(text, TYPES, Place(path="p", line=7, column=1))
    fault = refused.value.faults[0]
    assert (fault.code, fault.place.column, fault.place.line) == (code, column, 7)
    assert fault.message("ja")
    assert fault.remedy("en")


def test_all_type_faults_of_a_condition_are_named() -> None:
    with pytest.raises(DocumentRefused) as refused:
        parse("a.day < 3 && a.yem > 0 && a.word == 5", TYPES)
    codes = [fault.code for fault in refused.value.faults]
    assert codes == ["expression.unlike", "expression.unknown-name", "expression.unlike"]


def test_a_condition_tells_its_names_and_whether_time_changes_it() -> None:
    tree = parse("a.day < today && !(a.word in ['x']) || a.flag", TYPES)
    assert [name.path for name in names(tree)] == ["a.day", "a.word", "a.flag"]
    assert uses_today(tree)
    assert not uses_today(parse("a.flag", TYPES))


def test_sql_needs_a_column_for_every_name() -> None:
    tree = parse("a.yen > 0 && a.day < today", TYPES)
    with pytest.raises(SekishoError, match=r"expression\.no-column"):
        to_sql(tree, {"a.yen": "yen"}, "duckdb", TODAY)
    with pytest.raises(SekishoError, match=r"expression\.unknown-dialect"):
        to_sql(tree, {"a.yen": "yen", "a.day": "day"}, "cobol", TODAY)
    assert to_sql(tree, {"a.yen": "yen", "a.day": "day", "today": "?"}, "sqlite") == "((yen > 0) AND (day < ?))"


def test_sql_of_each_dialect() -> None:
    tree = parse("a.day > today - days(3) && a.word in ['it\\'s'] && !a.flag", TYPES)
    columns = {"a.day": "d", "a.word": "w", "a.flag": "f"}
    said = {dialect: to_sql(tree, columns, dialect, TODAY) for dialect in ("duckdb", "sqlite", "postgres", "spark")}
    assert said["duckdb"] == "((d > (DATE '2026-11-23' + (-3))) AND (w IN ('it''s')) AND (NOT (f)))"
    assert said["sqlite"] == "((d > date('2026-11-23', '-3 days')) AND (w COLLATE BINARY IN ('it''s')) AND (NOT (f)))"
    assert said["postgres"] == "((d > (DATE '2026-11-23' + (-3))) AND (w COLLATE \"C\" IN ('it''s')) AND (NOT (f)))"
    assert said["spark"] == "((d > date_add(DATE '2026-11-23', -3)) AND (w IN ('it\\'s')) AND (NOT (f)))"
