"""Recognise the symbol, number and branch of an insured person (被保険者等記号・番号・枝番). No public check: words must stand near.

The branch of two digits came in 2021. Source: LAW.md 6.
"""

import re

from sekisho.engine.scanning.recogniser import Grade, Recogniser, Words, by_pattern

RECOGNISER = Recogniser(
    type="insured_symbol",
    label=Words("被保険者等記号・番号", "symbol and number of the insured"),
    form=Words("記号と番号", "a symbol and a number"),
    grade=Grade.SENSITIVE,
    find=by_pattern(
        re.compile(
            r"記号[ :]*(?P<value>[0-9A-Za-zぁ-んァ-ヶ一-鿿-]{1,12}[ 、,・/]*番号[ :]*\d{1,10}(?:[ 、,・/]*\(?枝番\)?[ :]*\d{2})?)(?!\d)",
            re.ASCII,
        )
    ),
    near=("被保険者", "保険証", "健康保険", "国保", "後期高齢", "資格確認書", "枝番"),
    headers=("insured_symbol", "insured_number", "insured_no", "被保険者番号", "被保険者記号", "保険証番号"),
    is_common=True,
    trigger="記号",
)
