"""Tables of an answer on paper: what every row says alike is said once; nothing that differs is lost."""

from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests.rules.sheets import folded, widths

CELLS = st.sampled_from(["", "same", "other", "07000000000"])
TABLES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=6).map(
        lambda rows: ([f"h{place}" for place in range(n)], rows)
    )
)


@given(TABLES)
def test_a_folded_table_says_what_the_table_says(table: tuple[list[str], list[list[str]]]) -> None:
    heads, rows = table
    found = folded(heads, rows)
    assert found.heads, "a row is never nothing"
    assert [dict(found.same) | dict(zip(found.heads, row, strict=True)) for row in found.rows] == [
        dict(zip(heads, row, strict=True)) for row in rows
    ]
    assert len(widths(found.heads, found.rows)) == len(found.heads)


def test_what_every_call_says_alike_stands_once() -> None:
    rows = [["C1", "（記載していません）", str(n), "07000000000"] for n in range(3)]
    found = folded(["番号", "種類", "秒", "相手"], rows)
    assert found.same == (("番号", "C1"), ("種類", "（記載していません）"), ("相手", "07000000000"))
    assert found.heads == ("秒",)


def test_one_row_is_told_whole() -> None:
    assert folded(["番号", "種類"], [["C1", ""]]).same == ()


def test_a_day_and_a_number_have_room_however_long_the_words_beside_them() -> None:
    rows = [["07000000000", "2026-05-24", "（記載していません：ほかの方）"], ["07000000001", "2026-05-25", ""]]
    number, day, told = widths(["発信先の番号", "日", "基地局"], rows)
    assert number > 11 * 0.55
    assert day > 10 * 0.55
    assert told < number
