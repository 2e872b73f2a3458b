"""One suite for every kind of store: what a `Source` promises holds in each."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from foreign_stores import START, STORES, Store

from sekisho.connectors.opening import open_system
from sekisho.connectors.source import Before, Contains, In, IsNull, NotIn, Source, Where, Within
from sekisho.engine.catalog.model import System
from sekisho.engine.errors import SekishoError

NUMBER = "09000000007"


@pytest.fixture(params=STORES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def store(kind: str) -> Store:
    return STORES[kind]


def read(source: Source, where: Where = (), columns: tuple[str, ...] = ("id",)) -> list[dict[str, Any]]:
    rows = [row for batch in source.rows("calls", columns, where) for row in batch.to_pylist()]
    return sorted(rows, key=lambda row: row["id"])


def ids(source: Source, where: Where = ()) -> list[int]:
    return [row["id"] for row in read(source, where)]


def is_changed(store: Store, change: Callable[[], None], source: Source) -> bool:
    """Do it, and tell that it was done; a store that only reads must say so, with every row in its place."""
    if not store.is_read_only:
        change()
        return True
    with pytest.raises(SekishoError) as refused:
        change()
    assert refused.value.code == "connector.cannot-change"
    assert source.count("calls") == 60
    return False


def test_crawl_tells_plain_types(source: Source) -> None:
    found = dict(source.crawl()["calls"])
    found.pop("day", None)
    assert found == {
        "id": "integer",
        "number": "text",
        "name": "text",
        "on_day": "date",
        "at": "timestamp",
        "yen": "integer",
        "memo": "text",
    }


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((), list(range(60))),
        ((In("number", (NUMBER, "09000000009", "nobody")),), [7, 9]),
        ((In("number", ()),), []),
        ((In("yen", (70, 90)), In("id", (7, 8))), [7]),
        ((In("on_day", (date(2026, 5, 6),)),), list(range(50, 60))),
        ((In("at", (START + timedelta(hours=4),)),), [4]),
        ((NotIn("name", ()), Before("id", 3)), [0, 1, 2]),
        ((NotIn("on_day", (date(2026, 5, 1),)), Before("id", 12)), [5, 10, 11]),
        ((Before("on_day", date(2026, 5, 2)),), [0, 1, 2, 3, 4, 6, 7, 8, 9]),
        ((Before("at", START + timedelta(hours=2)),), [0, 1]),
        ((Before("at", date(2026, 5, 2)),), list(range(12))),  # the Tokyo day begins at 15:00 UTC
        ((Within("at", START + timedelta(hours=3), START + timedelta(hours=5)),), [3, 4]),
        ((Within("on_day", date(2026, 5, 6), None),), list(range(50, 60))),
        ((Within("yen", None, 20),), [0, 1]),
        ((Contains("memo", ("09000000007", "09000000011")),), [7, 11]),
        ((Contains("name", ("𠮷田 髙子1",)), Before("id", 12)), [1, 11]),
        ((Contains("memo", ()),), []),
        ((IsNull("name"), Before("id", 11)), [3, 10]),
        ((IsNull("on_day", negated=True), Within("id", 4, 7)), [4, 6]),
    ],
)
def test_conditions_mean_the_same_everywhere(source: Source, store: Store, where: Where, expected: list[int]) -> None:
    where = [
        Contains(test.column, tuple(store.plain(text) for text in test.values)) if isinstance(test, Contains) else test
        for test in where
    ]
    assert ids(source, where) == expected
    assert source.count("calls", where) == len(expected)


def test_rows_come_typed(source: Source, store: Store) -> None:
    columns = ("id", "name", "on_day", "at", "memo")
    assert read(source, (In("id", (5, 7)),), columns) == [
        {
            "id": 5,
            "name": store.plain("𠮷田 髙子5"),
            "on_day": None,
            "at": START + timedelta(hours=5),
            "memo": "折り返しは09000000005へ",
        },
        {
            "id": 7,
            "name": store.plain("𠮷田 髙子7"),
            "on_day": date(2026, 5, 1),
            "at": START + timedelta(hours=7),
            "memo": "折り返しは09000000007へ",
        },
    ]


def test_no_match_still_tells_the_schema_or_nothing(source: Source) -> None:
    assert read(source, (In("id", (999,)),)) == []


def test_erase_removes_and_a_repeat_is_a_no_op(source: Source, store: Store) -> None:
    where = (In("number", (NUMBER,)), Within("at", START, START + timedelta(days=9)))
    if not is_changed(store, lambda: source.erase("calls", where), source):
        return
    source.erase("calls", where)
    assert source.count("calls", where) == 0
    assert ids(source) == [i for i in range(60) if i != 7]


def test_rows_with_nulls_survive_an_erasure_that_tests_them(source: Source, store: Store) -> None:
    if is_changed(store, lambda: source.erase("calls", (Before("on_day", date(2026, 6, 1)),)), source):
        assert ids(source) == [5]


def test_erasing_everything_leaves_an_empty_table(source: Source, store: Store) -> None:
    if not is_changed(store, lambda: source.erase("calls", (Within("id", 0, None),)), source):
        return
    assert source.count("calls") == 0
    source.purge()
    assert source.count("calls") == 0


def test_blank_nulls_only_the_columns_of_matching_rows(source: Source, store: Store) -> None:
    for _ in range(2):
        if not is_changed(store, lambda: source.blank("calls", ("number", "memo"), (In("number", (NUMBER,)),)), source):
            return
    assert read(source, (In("id", (7, 9)),), ("id", "number", "memo", "yen")) == [
        {"id": 7, "number": None, "memo": None, "yen": 70},
        {"id": 9, "number": "09000000009", "memo": "折り返しは09000000009へ", "yen": 90},
    ]


def test_text_is_rewritten_by_key(source: Source, store: Store) -> None:
    texts: dict[tuple[object, ...], str] = {(7,): "折り返しは●へ", (999,): "nobody"}
    for _ in range(2):
        if not is_changed(store, lambda: source.rewrite_text("calls", "memo", ("id",), texts), source):
            return
    assert [row["memo"] for row in read(source, (In("id", (7, 9)),), ("id", "memo"))] == [
        "折り返しは●へ",
        "折り返しは09000000009へ",
    ]
    assert source.count("calls") == 60


def test_what_is_written_is_seen_by_the_next_to_open(source: Source, system: System, url: str, store: Store) -> None:
    if not is_changed(store, lambda: source.erase("calls", (In("id", (1,)),)), source):
        return
    source.purge()
    other = open_system(system, url)
    try:
        assert other.count("calls") == 59
        source.erase("calls", (In("id", (2,)),))
        assert other.count("calls") == 58
    finally:
        other.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.count("nowhere"),
        lambda s: s.count("calls", (In("nothing", (1,)),)),
        lambda s: list(s.rows("calls", ["nothing"])),
        lambda s: s.blank("calls", ["nothing"], (In("id", (1,)),)),
        lambda s: s.rewrite_text("calls", "nothing", ["id"], {(1,): "x"}),
    ],
)
def test_unknown_names_are_refused(source: Source, ask: Any) -> None:
    with pytest.raises(SekishoError) as refused:
        ask(source)
    assert refused.value.code == "connector.unknown-name"
    assert refused.value.message("ja")


def test_no_condition_no_erasure(source: Source) -> None:
    with pytest.raises(SekishoError) as refused:
        source.erase("calls", ())
    assert refused.value.code == "connector.no-condition"
    with pytest.raises(SekishoError):
        source.blank("calls", ("memo",), ())
    assert source.count("calls") == 60


def test_a_value_with_quotes_stays_a_value(source: Source) -> None:
    hostile = "x'; DROP TABLE calls; --"
    assert source.count("calls", (In("number", (hostile,)), Contains("memo", (hostile, "%", "_")))) == 0
    assert source.count("calls", (Contains("memo", ("%",)),)) == 0
    assert source.count("calls") == 60


@pytest.mark.parametrize(
    "text",
    [
        "全角 0９０ー１２３４、半角ｶﾅ ﾀﾅｶ",
        "𠮷野家の髙橋様",
        'カンマ, "引用", タブ\tと 改\n行 \\N \\ 100%_',
        "' OR 1=1; -- ``{}$1:2?",
        "=HYPERLINK(1)",
    ],
)
def test_any_text_is_put_in_and_found_as_it_is(source: Source, store: Store, text: str) -> None:
    text = store.plain(text)
    if not is_changed(
        store, lambda: source.rewrite_text("calls", "memo", ("id", "number"), {(7, NUMBER): text}), source
    ):
        return
    assert read(source, (In("id", (7,)),), ("id", "memo")) == [{"id": 7, "memo": text}]
    assert ids(source, (In("memo", (text, "nobody")),)) == [7]
    assert ids(source, (Contains("memo", (text[1:],)),)) == [7]
    assert ids(source, (In("memo", (f"{text} ", text.replace("高", "髙") + "x")),)) == []
    source.erase("calls", (In("memo", (text,)),))
    assert source.count("calls") == 59


def test_many_values_at_once(source: Source) -> None:
    numbers = tuple(f"0900{i:07d}" for i in range(0, 20_000, 2))
    assert ids(source, (In("number", numbers),)) == list(range(0, 60, 2))
    assert ids(source, (NotIn("number", numbers), Before("id", 10))) == [1, 3, 5, 7, 9]
