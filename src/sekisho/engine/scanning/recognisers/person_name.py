"""Recognise names of people by a dictionary of words (SudachiPy, its person tags): 山田太郎, 山田様, ジョン・スミス.

A surname with a given name is a name by the dictionary; one alone, or one that is also a place, needs 様, さん, 氏 after
it or a word near. Source: SudachiDict's part-of-speech tags (名詞,固有名詞,人名).
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

PERSON, PLACE = "人名", "地名"
SURNAME, GIVEN = "姓", "名"
JOINTS = frozenset({" ", "・", "=", "･"})
HONORIFICS = frozenset({"様", "さま", "さん", "氏", "殿", "君", "くん", "ちゃん", "先生"})
KATAKANA = re.compile("[ァ-ヶー]")
CHAIN = re.compile("[ァ-ヶー]+(?:[・=][ァ-ヶー]+)+")
AFTER, BEFORE = re.compile("(?:[・=][ァ-ヶー]+)+"), re.compile("(?:[ァ-ヶー]+[・=])+$")
WHOLE_KANJI = re.compile("[一-鿿]{4,}")  # 豊臣秀吉
LEFT_OVER = re.compile("(?![氏様君殿宅邸家戦著作訳画編会的人])[一-鿿](?![一-鿿])")
SPACED = re.compile(
    " [一-鿿]{1,3}(?<![様氏殿君宅長員])\\s*$"
)  # 安部 大樹 alone in its field, the given name also a word
NO_PERSON = re.compile(  # what names of places, companies and prizes go on with
    "空港|国際|飛行場|大学|高校|病院|医院|商店|商会|製作所|電器|電機|工業|建設|不動産|銀行|製薬|記念|通り|[市区町村州郡駅橋杯賞]"
    "|通(?![しりじ])|線(?:の|沿|[でにはを]|$)|公園|トンネル|局(?![長員])|[川河山湖島港坂峠](?![さ様氏])|\\(河川|[銅]?像|大師|神社|稲荷|運輸|電設|の法則|の定理|[病法式](?![さ様氏子人])|保険証"
)
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
        yield from _names(list(_words(piece, start)), piece, start)


RECOGNISER = Recogniser(
    type="person_name",
    label=Words("氏名", "name of a person"),
    form=Words("辞書で人名とされる語", "words a dictionary knows as a person's name"),
    rule=Words("姓と名が続く", "a surname and a given name in a row"),
    grade=Grade.PERSONAL,
    alone=0.5,  # three of four are people even in an encyclopedia: docs/explanation/discovery-accuracy.md
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
    lists=("variants.toml",),
    relies_on=("SudachiPy", "SudachiDict-core"),
)


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for line in text.splitlines(keepends=True):
        if WORTH_A_LOOK.search(line):
            for begin in range(0, len(line), PIECE):
                yield at + begin, line[begin : begin + PIECE]
        at += len(line)


def _words(piece: str, start: int) -> Iterator[_Word]:
    known: dict[int, tuple[str, str]] = {}  # parts of speech are few, their tags are slow to ask for
    for one in _tokenizer().tokenize(piece.translate(_variants())):
        number = one.part_of_speech_id()
        if number not in known:
            tags = one.part_of_speech()
            named = tags[1] == "固有名詞" and tags[2] in (PERSON, PLACE)
            known[number] = (tags[2], tags[3]) if named else ("", "")
        yield _Word(start + one.begin(), start + one.end(), one.surface(), *known[number])


def _names(words: list[_Word], piece: str, start: int) -> Iterator[Candidate]:
    at = 0
    while at < len(words):
        past = _past(words, at)
        if past == at:
            at += 1
            continue
        run = words[at:past]
        begin, end = _stretched(piece, run[0].start - start, run[-1].end - start, _ends_short(run))
        while past < len(words) and words[past].start < start + end:
            past += 1
        at = past
        if NO_PERSON.match(piece, end):
            continue
        honorific = words[past].surface if past < len(words) and words[past].surface in HONORIFICS else ""
        if end - begin == 1 and not honorific:  # 関, 森, 回: more often something else
            continue
        joined = bool(CHAIN.fullmatch(piece, begin, end))
        yield Candidate(start + begin, start + end, True if joined else _is_whole(run), honorific)


def _stretched(piece: str, begin: int, end: int, short: bool) -> tuple[int, int]:
    """A foreign name to both ends of its chain; a short given name with the kanji the dictionary left over (今井徳順)."""
    if KATAKANA.match(piece[end - 1]) and (after := AFTER.match(piece, end)):
        end = after.end()
    if KATAKANA.match(piece[begin]) and (before := BEFORE.search(piece, 0, begin)):
        begin = before.start()
    if SPACED.match(piece, end) and begin == 0:
        end = len(piece.rstrip())
    if short and (left := LEFT_OVER.match(piece, end)):
        end = left.end()
    return begin, end


def _ends_short(run: list[_Word]) -> bool:
    return len(run) > 1 and run[-1].part == GIVEN and len(run[-1].surface) == 1


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
    if all(part == "一般" for part in parts) and (len(parts) > 1 or WHOLE_KANJI.fullmatch(names[0].surface)):
        return True
    return None


@cache
def _variants() -> dict[int, str]:
    """Letters of names the dictionary has under another form (髙橋 under 高橋)."""
    text = resources.files(__package__).joinpath("variants.toml").read_text(encoding="utf-8")
    return str.maketrans(tomllib.loads(text)["read_as"])


@cache
def _tokenizer() -> Any:  # sudachipy ships no types
    from sudachipy import Dictionary, SplitMode  # a third of a second: only once a name is looked for

    return Dictionary().tokenizer(SplitMode.C)
