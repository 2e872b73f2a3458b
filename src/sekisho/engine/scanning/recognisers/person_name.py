"""Recognise names of people by a dictionary of words (SudachiPy, its person tags): 山田太郎, 山田様, ジョン・スミス.

A surname with a given name is a name by the dictionary; one alone, or one that is also a place, needs 様, さん, 氏 after
it or a word near. Source: SudachiDict's part-of-speech tags (名詞,固有名詞,人名).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

PERSON, PLACE = "人名", "地名"
SURNAME, GIVEN = "姓", "名"
JOINTS = frozenset({" ", "・", "=", "･"})
HONORIFICS = frozenset({"様", "さま", "さん", "氏", "殿", "君", "くん", "ちゃん", "先生"})
PIECE = 4_000  # characters given to the tokenizer at once: it takes 49,149 bytes
WORTH_A_LOOK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    surface: str
    kind: str  # 人名, 地名 or ""
    part: str  # 姓, 名, 一般


def find(text: str) -> Iterator[Candidate]:
    """Every name."""
    for start, piece in _pieces(text):
        yield from _names(list(_words(piece, start)))


RECOGNISER = Recogniser(
    type="person_name",
    label=Words("氏名", "name of a person"),
    form=Words("辞書で人名とされる語", "words a dictionary knows as a person's name"),
    rule=Words("姓と名が続く", "a surname and a given name in a row"),
    grade=Grade.PERSONAL,
    near=("氏名", "名前", "お名前", "契約者", "申込者", "担当", "name", "様", "本人"),
    headers=(
        "name",
        "full_name",
        "customer_name",
        "person_name",
        "surname",
        "given_name",
        "family_name",
        "first_name",
        "last_name",
        "contact_name",
        "氏名",
        "名前",
        "姓",
        "名",
        "契約者名",
        "担当者名",
    ),
    find=find,
)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        if WORTH_A_LOOK.search(line):
            for begin in range(0, len(line), PIECE):
                yield at + begin, line[begin : begin + PIECE]
        at += len(line)


def _words(piece: str, start: int) -> Iterator[_Word]:
    for one in _tokenizer().tokenize(piece):
        tags = one.part_of_speech()
        kind = tags[2] if tags[1] == "固有名詞" and tags[2] in (PERSON, PLACE) else ""
        yield _Word(start + one.begin(), start + one.end(), one.surface(), kind, tags[3] if kind else "")


def _names(words: list[_Word]) -> Iterator[Candidate]:
    at = 0
    while at < len(words):
        past = _past(words, at)
        if past == at:
            at += 1
            continue
        run = words[at:past]
        near = words[past].surface if past < len(words) and words[past].surface in HONORIFICS else ""
        yield Candidate(run[0].start, run[-1].end, _is_whole(run), near)
        at = past


def _past(words: list[_Word], at: int) -> int:
    """Where the run of name words from `at` ends; `at` itself when there is none."""
    first = words[at]
    following = words[at + 1] if at + 1 < len(words) else None
    if first.kind == PLACE and len(first.surface) <= 3 and following and following.part == GIVEN:  # noqa: PLR2004 兵庫慎司: surnames that are places
        pass
    elif first.kind != PERSON:
        return at
    past = at + 1
    while past < len(words):
        if words[past].kind == PERSON:
            past += 1
        elif words[past].surface in JOINTS and past + 1 < len(words) and words[past + 1].kind == PERSON:
            past += 2
        else:
            break
    return past


def _is_whole(run: list[_Word]) -> bool | None:
    """True for a surname and a given name, and for what the dictionary holds as a whole name."""
    names = [word for word in run if word.surface not in JOINTS]
    parts = [word.part for word in names]
    if len(parts) > 1 and parts[-1] == GIVEN:
        return True
    if all(part == "一般" for part in parts) and (len(parts) > 1 or len(names[0].surface) > 3):  # noqa: PLR2004 豊臣秀吉
        return True
    return None


@cache
def _tokenizer() -> Any:  # sudachipy ships no types
    from sudachipy import Dictionary, SplitMode  # a third of a second: only once a name is looked for

    return Dictionary().tokenizer(SplitMode.C)
