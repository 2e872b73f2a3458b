"""Recognise addresses (住所): prefecture, municipality, town, lot; 丁目・番地・番・号 or 2-47-3, with building and room.

With a prefecture (or a designated city) and a lot it is an address; with a municipality and a lot alone it may be.
Not done: Kyoto's street names without a lot, lots named 甲乙 or イロハ alone. Source: LAW.md 6 (住所).
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

DIGITS = r"[0-9〇一二三四五六七八九十百千]"
JOINT = r"(?:-|[のノ之ー]| )"
LOT = rf"(?:{DIGITS}{{1,5}} ?(?:丁目|番地|番町|番|号|条通?|線|区)|{DIGITS}{{1,5}}(?={JOINT}{DIGITS})|[0-9]{{1,5}}(?= ?(?:$|[、。,)様\n])| [ァ-ヶ一-鿿]))"
LOTS = rf"{LOT}(?:(?:{JOINT}|[東西南北左右])?(?:[0-9〇一二三四五六七八九十百]{{1,5}}(?![0-9])(?:番地|番|号室|号|階|丁目|条)?)){{0,4}}"
TOWN = r"[^\s、。,;:()「」『』0-9]{0,16}?"
MUNICIPALITY = r"[^\s、。,;:()「」『』0-9のはがをにで]{1,6}?[市区町村郡]"
ROOM = r"(?: ?[^\s、。,;:()0-9]{2,20}[0-9]{2,4}(?:号室|号)?)?"

LOTS_NAMED = ("丁目", "番地")  # a municipality and a lot that calls itself one

# Any address begins after one of these letters, goes on with names of places and has a lot.
NAMES = r"[^\s、。,;:()「」『』0-9]{0,16}"
LOT_AHEAD = (
    rf"(?:{DIGITS}{{1,5}} ?(?:丁目|番地|番町|番|号|条|線|区)|{DIGITS}{{1,5}}[-のノ之ー ]{DIGITS}"
    r"|[0-9]{1,5} ?(?:$|[、。,)様\n])|[0-9]{1,5} [ァ-ヶ一-鿿])"
)
TRIGGER = rf"[都道府県]{NAMES} ?{NAMES} ?{LOT_AHEAD}|[市区町村郡]{NAMES} ?{LOT_AHEAD}"


def find(text: str) -> Iterator[Candidate]:
    """Every address, without its postal code."""
    for match in _form().finditer(text):
        named = next((word for word in LOTS_NAMED if word in match[0]), "")
        yield Candidate(match.start(), match.end(), True if match["sure"] else None, named)


@cache
def _form() -> re.Pattern[str]:
    known = tomllib.loads(resources.files(__package__).joinpath("prefectures.toml").read_text(encoding="utf-8"))
    prefectures, cities = "|".join(known["names"]), "|".join(known["cities"])
    return re.compile(
        rf"(?P<sure>(?:{prefectures}) ?(?:{cities}|{MUNICIPALITY}|{TOWN})|{cities}) ?{TOWN} ?{LOTS}{ROOM}"
        rf"|(?<![ぁ-んァ-ヶ一-鿿]){MUNICIPALITY}{TOWN}{LOTS}{ROOM}"
    )


RECOGNISER = Recogniser(
    type="address",
    label=Words("住所", "address"),
    form=Words("市区町村と番地の並び", "a municipality and a lot"),
    rule=Words("都道府県か政令指定都市の名から番地まで続く", "it goes from a prefecture or designated city to a lot"),
    grade=Grade.PERSONAL,
    near=(
        "住所",
        "所在地",
        "転居",
        "自宅",
        "実家",
        "住まい",
        "ジュウショ",
        "引っ越",
        "送付先",
        "届け先",
        "〒",
        "address",
        "在住",
    ),
    headers=("address", "street", "住所", "所在地", "送付先住所", "bill_address", "home_address"),
    find=find,
    trigger=TRIGGER,
    lists=("prefectures.toml",),
)
