"""Recognise the symbol, number and branch of an insured person (被保険者等記号・番号・枝番). No public check: words must stand near.

The branch of two digits came in 2021. Source: LAW.md 6.
"""

import re
from collections.abc import Iterator

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

SYMBOL = re.compile(
    r"(?:記号|キゴウ|kigo)(?:[・/]番号)?[ :=,]*(?P<value>[0-9A-Za-zぁ-んァ-ヶ一-鿿]{1,12}"
    r"(?:[ 、,・/]*(?:番号|バンゴウ|bango)[ :=,]*|[・-])\d{1,10}(?:[ 、,・/]*\(?枝番\)?[ :]*\d{2})?)(?!\d)",
    re.ASCII,
)
LATE_ELDERLY = re.compile(
    r"(?:後期高齢|後期医療|コウキコウレイ|被保険者番号)[^\n0-9]{0,16}(?<!(?<!被)保険者番号[ :])(?P<value>\d{8})(?!\d)",
    re.ASCII,
)


def find(text: str) -> Iterator[Candidate]:
    """Every symbol with its number, and every number of the late elderly, which has no symbol."""
    for form in (SYMBOL, LATE_ELDERLY):
        for match in form.finditer(text):
            yield Candidate(*match.span("value"), None)


RECOGNISER = Recogniser(
    type="insured_symbol",
    label=Words("被保険者等記号・番号", "symbol and number of the insured"),
    form=Words("記号と番号", "a symbol and a number"),
    grade=Grade.SENSITIVE,
    find=find,
    near=(
        "被保険者",
        "保険者番号",
        "保険証",
        "ホケンショウ",
        "hoken",
        "kigo",
        "健保",
        "けんぽ",
        "健康保険",
        "国保",
        "後期",
        "コウキコウレイ",
        "資格確認書",
        "枝番",
    ),
    headers=("insured_symbol", "insured_number", "insured_no", "被保険者番号", "被保険者記号", "保険証番号"),
    is_common=True,
    trigger="記号|キゴウ|kigo|後期高齢|後期医療|コウキコウレイ|被保険者番号",
)
