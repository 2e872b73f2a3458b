"""Recognise words of special care (要配慮個人情報): illness, treatment, disability, crime, creed, origin.

A word is a hint, not a fact about somebody: it is told so that a person looks. Source: APPI 2(3), 施行令2条, 施行規則5条.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words


def find(text: str) -> Iterator[Candidate]:
    """Every word of the list."""
    for match in _form().finditer(text):
        yield Candidate(match.start(), match.end(), valid=True)


@cache
def _form() -> re.Pattern[str]:
    listed, other = sorted(_words(), key=len, reverse=True), _list()["not_after"]
    latin = [rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])" for word in listed if word.isascii()]
    # がん in hiragana is also the end of other words (けがん…, おがんで): nothing of hiragana may stand beside it.
    kana = [
        rf"(?<![ぁ-ん]){re.escape(word)}(?![ぁ-ん]{{0,1}}[ばもだじ])"
        for word in listed
        if re.fullmatch("[ぁ-ん]+", word)
    ]
    rest = [
        (f"(?<![{other[word]}])" if word in other else "") + re.escape(word)
        for word in listed
        if not word.isascii() and not re.fullmatch("[ぁ-ん]+", word)
    ]
    # Which letters begin a word is asked first: of a line's letters, few have to be held against the whole list.
    first = "".join(sorted({re.escape(word[0]) for word in listed}))
    return re.compile(f"(?=[{first}])(?:{'|'.join((*rest, *latin, *kana))})")


def _words() -> list[str]:
    return [word for words in _list().values() if isinstance(words, list) for word in words]


def _list() -> dict[str, Any]:
    text = resources.files(__package__).joinpath("special_care.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


RECOGNISER = Recogniser(
    type="special_care",
    label=Words("要配慮個人情報をうかがわせる語", "a word of special care"),
    form=Words("病歴・障害・犯罪・信条などの語", "a word of illness, disability, crime or creed"),
    rule=Words("語の一覧にある", "it stands in the list of words"),
    grade=Grade.SENSITIVE,
    near=(),
    headers=(
        "medical_history",
        "disability",
        "diagnosis",
        "病歴",
        "障害",
        "傷病名",
        "既往歴",
        "犯罪歴",
        "宗教",
    ),
    find=find,
    trigger="|".join(re.escape(word) for word in _words()),
    lists=("special_care.toml",),
)
