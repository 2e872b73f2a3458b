"""Columns: the name, the share that fits, the check digits; sparse evidence, chance, memos, and call records as tables."""

from sekisho.engine.scanning.check_digits import resident_digit
from sekisho.engine.scanning.columns import judge
from sekisho.engine.scanning.tables import WHOLE, judge_table

BODIES = [f"{number:011d}" for number in range(20261100000, 20261100050)]
MY_NUMBERS = [f"{body}{resident_digit(body)}" for body in BODIES]
PHONES = [f"0901234{number:04d}" for number in range(30)]


def _types(name: str, values: list[str] | None) -> dict[str, float]:
    return {one.type: one.score for one in judge(name, values)}


def test_check_digits_tell_a_column_whatever_its_name() -> None:
    assert _types("col7", MY_NUMBERS) == {"my_number": 0.8}
    assert _types("個人番号", MY_NUMBERS)["my_number"] == 0.95
    assert _types("myNumber", MY_NUMBERS)["my_number"] == 0.95


def test_order_numbers_that_pass_by_chance_are_not_told() -> None:
    serial = [f"{number:012d}" for number in range(202611000000, 202611000400)]
    assert not _types("order_no", serial)


def test_two_values_prove_nothing_without_a_name() -> None:
    assert not _types("col7", MY_NUMBERS[:2])


def test_schema_only_speaks_by_name_alone() -> None:
    assert _types("birth_date", None) == {"birth_date": 0.5}
    assert _types("plan", None) == {}
    assert "値は見ていない" in judge("birth_date", None)[0].why.ja


def test_a_name_with_general_words_needs_values() -> None:
    assert "person_name" not in _types("name", ["標準プラン", "家族割", "定額"])
    assert _types("name", ["山田太郎", "佐藤花子", "鈴木一郎"])["person_name"] == 0.95
    assert "mobile_number" not in _types("order_number", ["A1", "A2"])


def test_numbers_nobody_has_still_fill_a_column_of_numbers() -> None:
    assert _types("callback_tmp", [f"070-0123-{number:04d}" for number in range(30)]) == {"mobile_number": 0.6}


def test_dates_are_birthdays_only_by_name() -> None:
    days = [f"19{year}-04-01" for year in range(50, 90)]
    assert _types("born_on", days) == {"birth_date": 0.6}
    assert not _types("opened_on", days)


def test_memos_are_read_as_text_and_counted() -> None:
    memos = ["折り返しは090-1234-5678まで。", "特になし。", "契約者の山田太郎様より入電、糖尿病で入院中とのこと。"]
    found = {one.type: one.matched for one in judge("memo", memos)}
    assert found == {"mobile_number": 1, "person_name": 1, "special_care": 1}


def test_the_explanation_counts_and_holds_no_value() -> None:
    (one,) = judge("col7", MY_NUMBERS)
    assert "50件" in one.why.ja
    assert (one.sampled, one.matched) == (50, 50)
    assert not any(value in one.why.ja + one.why.en for value in MY_NUMBERS)


def test_two_columns_of_numbers_and_an_instant_are_call_records() -> None:
    times = [f"2026-11-20 12:{minute:02d}:00" for minute in range(30)]
    found = judge_table({"a": PHONES, "b": list(reversed(PHONES)), "t": times, "secs": ["35"] * 30})
    assert [one.type for one in found[WHOLE]] == ["call_record"]
    named = judge_table({"caller": None, "callee": None, "started_at": None})
    assert [(one.type, one.score) for one in named[WHOLE]] == [("call_record", 0.6)]


def test_one_number_and_an_instant_are_not() -> None:
    assert WHOLE not in judge_table({"phone": PHONES, "registered_at": ["2026-11-20 12:30:00"] * 30})
    assert WHOLE not in judge_table({"phone": PHONES, "fax": PHONES, "note": ["x"] * 30})
