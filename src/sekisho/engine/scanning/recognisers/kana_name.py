"""Recognise names written in kana (フリガナ): two kana words beside each other, the first a reading of a surname in the dictionary.

Half-width kana are folded before. Source: SudachiDict's person tags for kana; forms ask for セイ and メイ apart.
"""

import re
from collections.abc import Iterator

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words
from sekisho.engine.scanning.recognisers import person_name

PAIR = re.compile(
    r"(?<![ァ-ヶー])(?!フリガナ|カナ |シメイ |セイ |メイ )[ァ-ヶ][ァ-ヶー]{1,7} [ァ-ヶ][ァ-ヶー]{1,7}(?![ァ-ヶー])|(?<![ぁ-んー])(?!ふりがな)[ぁ-ん]{2,7} [ぁ-ん]{2,7}(?![ぁ-んー])"
)


def find(text: str) -> Iterator[Candidate]:
    """Every pair."""
    for match in PAIR.finditer(text):
        known = any(
            one.valid and (one.start, one.end) == (0, len(match[0])) for one in person_name.RECOGNISER.find(match[0])
        )
        yield Candidate(match.start(), match.end(), True if known else None)


RECOGNISER = Recogniser(
    type="kana_name",
    label=Words("氏名(カナ)", "name in kana"),
    form=Words("空白で区切られたカナ2語", "two kana words"),
    rule=Words("辞書で姓と名の読み", "a dictionary has them as readings of names"),
    grade=Grade.PERSONAL,
    near=("フリガナ", "ふりがな", "カナ", "氏名", "セイ", "kana", "名義", "様"),
    headers=(
        "name_kana",
        "kana",
        "furigana",
        "kana_name",
        "フリガナ",
        "氏名カナ",
        "カナ",
        "カナ氏名",
        "口座名義",
    ),
    find=find,
    relies_on=("SudachiPy", "SudachiDict-core"),
    trigger="[ァ-ヶー] [ァ-ヶ]|[ぁ-んー] [ぁ-ん]",
)
