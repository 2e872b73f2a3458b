"""What nobody may keep is found on a page that was read, however it lay, with a box round what must go and no more."""

import math
import random

import drawn_papers
import pytest

from sekisho.engine.scanning.page_rows import turned
from sekisho.engine.scanning.pages import Line, ReadPage, Spot, found_on, version

WIDTH, HEIGHT, SIGN = 1654, 2339, 28  # a sheet at 200 dots per inch; how wide a full-width sign is
NUMBER = drawn_papers.my_number(random.Random(1))


def line(text: str, x: float, y: float, *, slope: float = 0.0) -> Line:
    """A text as it is read at a place, the page rising by so many radians."""
    long = sum(SIGN if ord(sign) > 0x2000 else SIGN / 2 for sign in text)
    corners = ((x, y), (x + long, y), (x + long, y + SIGN), (x, y + SIGN))
    return Line(text=text, corners=tuple(turned(*corner, slope) for corner in corners))


def found(*lines: Line, turn: int = 0) -> tuple[Spot, ...]:
    return found_on(ReadPage(width=WIDTH, height=HEIGHT, turn=turn, looks=(lines,)))


def parts(*lines: Line) -> list[str]:
    return [one.part for one in found(*lines)]


@pytest.mark.parametrize("slope", [0.0, math.radians(2), math.radians(-2)])
def test_the_box_lies_round_the_number_and_leaves_its_name(slope: float) -> None:
    [spot] = found(line("個人番号", 300, 1200, slope=slope), line(NUMBER, 700, 1200, slope=slope))
    assert (spot.part, spot.by) == ("my_number", "my_number")
    left, top = turned(700, 1200, slope)
    right, bottom = turned(700 + len(NUMBER) * SIGN / 2, 1200 + SIGN, slope)
    assert spot.left <= left / WIDTH * 1000 <= spot.left + 15
    assert spot.right - 15 <= right / WIDTH * 1000 <= spot.right
    assert spot.top <= top / HEIGHT * 1000
    assert bottom / HEIGHT * 1000 <= spot.bottom
    assert spot.left > turned(300 + 4 * SIGN, 1200, slope)[0] / WIDTH * 1000, "the word stays"


def test_a_misread_digit_hides_nothing_where_the_word_stands_beside_or_above() -> None:
    wrong = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
    assert parts(line(wrong, 300, 300)) == [], "twelve digits that fit nothing"
    assert parts(line("個人番号", 300, 300), line(wrong, 700, 300)) == ["my_number"]
    assert parts(line("個人番号", 300, 300), line(wrong, 300, 345)) == ["my_number"]
    assert parts(line("个人番号", 300, 300), line(wrong, 700, 300)) == ["my_number"], "signs of another country"
    assert parts(line("個人番号", 300, 300), line(wrong.replace("1", "l"), 700, 300)) == ["my_number"]
    assert parts(line("個人番号", 300, 300), line(wrong, 1200, 345)) == [], "below, but beside the word's column"


@pytest.mark.parametrize(
    ("texts", "part"),
    [
        (("基礎年金番号", "1234-567890"), "basic_pension_number"),
        (("保険者番号", "06123456"), "insurer_number"),
        (("健康保険　記号", "12", "番号", "345"), "insured_number"),
        (("健康保険　被保険者番号", "12345678"), "insured_number"),
        (("住民票コード", "12345678901"), "resident_code"),
        (("本籍", "長野県見本市大字見本1番地"), "registered_domicile"),
        (("本籍　長野県見本市大字見本1番地",), "registered_domicile"),
    ],
)
def test_every_part_is_found_beside_its_word(texts: tuple[str, ...], part: str) -> None:
    lines = [line(text, 100 + 380 * place, 500) for place, text in enumerate(texts)]
    assert set(parts(*lines)) == {part}


@pytest.mark.parametrize(
    "text",
    [
        "本籍、個人番号、保険者番号は黒く塗ってお送りください。",
        "お客様番号　1234567890",
        "本籍　省略",
        "本籍",
        "番号　12345　記号　A",  # no word of a health insurance on the page
        "請求書番号　12345678　金額　6,600円",
        "電話番号　090-0123-4567",
    ],
)
def test_what_only_speaks_of_them_or_is_something_else_is_left_alone(text: str) -> None:
    assert parts(line(text, 100, 500)) == []


@pytest.mark.parametrize(("turn", "box"), [(0, (1, 0)), (90, (1, 1)), (180, (0, 1)), (270, (0, 0))])
def test_a_page_that_had_to_be_turned_gets_its_box_where_it_lies(turn: int, box: tuple[int, int]) -> None:
    """The number stands right above on the page set upright: turned back, in each of the four corners."""
    [spot] = found(line("個人番号", 1000, 60), line(NUMBER, 1250, 60), turn=turn)
    middle = ((spot.left + spot.right) / 2, (spot.top + spot.bottom) / 2)
    assert (round(middle[0] / 1000), round(middle[1] / 1000)) == box
    is_upright = turn % 180 == 0
    across, down = (WIDTH, HEIGHT) if is_upright else (HEIGHT, WIDTH)
    size = ((spot.right - spot.left) * across, (spot.bottom - spot.top) * down)
    assert (size[0] > size[1]) == is_upright


def test_two_looks_at_a_page_are_one_finding_and_both_are_looked_at() -> None:
    first = (line("個人番号", 300, 300), line(NUMBER, 700, 300))
    second = (line(NUMBER, 703, 298), line("基礎年金番号", 300, 500), line("1234-567890", 700, 500))
    spots = found_on(ReadPage(width=WIDTH, height=HEIGHT, looks=(first, second)))
    assert [one.part for one in spots] == ["my_number", "basic_pension_number"]
    assert len(version()) == 16
