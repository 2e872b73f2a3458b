"""Places of a norm as sentences write them: 第15条第1項, 15条1項, 15(1), in any digits, and several in a row."""

import re
from collections.abc import Iterator

from sekisho.engine.japanese.folding import fold_width

KANJI = "〇一二三四五六七八九"
NUMBER = rf"[0-9{KANJI}十百]+"
ARTICLE = re.compile(rf"第?(?P<article>{NUMBER})条(?:第?(?P<paragraph>{NUMBER})項)?|(?P<short>\d+)\((?P<in>\d+)\)")
PARAGRAPH = re.compile(rf"第?(?P<paragraph>{NUMBER})項")
JOINED = re.compile(r"(?:第?[0-9]+号|各号)?(?:、|,|・|と|や|または|又は|および|及び|ならびに|並びに|もしくは|若しくは)")


def cited(called: str, sentence: str) -> Iterator[tuple[str, str]]:
    """Article and paragraph ("" where none) of every place cited after the norm's name, the name said once for a row."""
    text = fold_width(sentence)
    for named in re.finditer(re.escape(called) + r"の?", text):
        at, article = named.end(), ""
        while found := ARTICLE.match(text, at) or (PARAGRAPH.match(text, at) if article else None):
            parts = found.groupdict()
            article = parts.get("short") or (_number(parts["article"]) if parts.get("article") else article)
            yield article, parts.get("in") or (_number(parts["paragraph"]) if parts.get("paragraph") else "")
            joined = JOINED.match(text, found.end())
            if joined is None:
                break
            at = joined.end()


def _number(written: str) -> str:
    if written.isdecimal() and written.isascii():
        return written
    total = digit = 0
    for letter in written:
        if letter in "十百":
            total += (digit or 1) * (10 if letter == "十" else 100)
            digit = 0
        else:
            digit = digit * 10 + (KANJI.index(letter) if letter in KANJI else int(letter))
    return str(total + digit)
