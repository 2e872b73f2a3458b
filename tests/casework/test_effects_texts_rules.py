"""Wrong values in texts: found however they are written, and the right one in their place."""

from datetime import date

import pytest

from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.casework.subject_requests.rules.effects_texts import Mender

NAME = Correction(item="identity.name", wrong="山田　花子", right="山田 華子")
PHONE = Correction(item="identity.phone", wrong="090-0123-4567", right="08002345678")
BORN = Correction(item="identity.birth_date", wrong="1990-04-01", right="1991-12-25")


@pytest.mark.parametrize(
    ("told", "text", "mended"),
    [
        (NAME, "山田花子様よりお電話", "山田 華子様よりお電話"),
        (NAME, "山田　花子、山田 花子", "山田 華子、山田 華子"),
        (PHONE, "折り返しは０９０−０１２３−４５６７へ", "折り返しは08002345678へ"),
        (PHONE, "+81 90 0123 4567 と 190012345670", "08002345678 と 190012345670"),
        (BORN, "平成2年4月1日生まれ(1990/4/1)", "平成3年12月25日生まれ(1991/12/25)"),
        (BORN, "1990年04月01日、平成12年4月1日", "1991年12月25日、平成12年4月1日"),
        (Correction(item="identity.mail", wrong="a@example.jp", right="b@example.jp"), "A@example.jp", "b@example.jp"),
        (Correction(item="identity.sex", wrong="女", right="男"), "彼女", "彼女"),
        (Correction(item="identity.plan", wrong="X", right="Y"), "X", "X"),
    ],
)
def test_a_wrong_value_is_found_as_it_is_written(told: Correction, text: str, mended: str) -> None:
    mender = Mender([told])
    assert mender.mended(text, None) == mended
    assert mender.wrongs(mended, None) == ()


def test_what_stands_inside_the_right_value_is_right() -> None:
    mender = Mender([Correction(item="identity.name", wrong="山田", right="山田原")])
    assert mender.mended("山田原さん、山田さん", None) == "山田原さん、山田原さん"
    assert mender.mended("山田原さん、山田原さん", None) == "山田原さん、山田原さん"


def test_a_value_that_only_differs_in_width_is_put_right_once() -> None:
    mender = Mender([Correction(item="identity.kana", wrong="ﾔﾏﾀﾞ", right="ヤマダ")])
    assert mender.mended("ﾔﾏﾀﾞとヤマダ", None) == "ヤマダとヤマダ"


def test_what_was_right_on_the_day_of_the_text_stays() -> None:
    married = Correction(item="identity.name", wrong="山田 花子", right="佐藤 花子", happened=date(2026, 4, 1))
    mender = Mender([married])
    assert mender.wrongs("山田花子", date(2026, 3, 31)) == ()
    assert mender.mended("山田花子", date(2026, 4, 1)) == "佐藤 花子"
    assert mender.mended("山田花子", None) == "佐藤 花子"
