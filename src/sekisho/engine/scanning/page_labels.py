"""Words that name a number or a domicile, and what stands beside or below them: where a misread digit hides the number itself."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.japanese.folding import fold_width
from sekisho.engine.scanning.page_rows import Place, Row

GAPS = r"[\s\-ー・/（）()、,.:：]"  # between the digits of one number


@cache
def words() -> dict[str, Any]:
    """The words and what they name."""
    return tomllib.loads(
        resources.files("sekisho.engine.scanning").joinpath("page_words.toml").read_text(encoding="utf-8")
    )


def labelled(rows: Sequence[Row]) -> Iterator[tuple[str, Place]]:
    """What stands beside or below a word that names it, as part and place."""
    texts = [_plain(row.text) for row in rows]
    page = "\n".join(texts)
    for number, row in enumerate(rows):
        if _speaks(texts[number]):
            continue
        below = rows[number + 1 : number + 3]
        for label in words()["labels"]:
            if any(word in page for word in label.get("page", ("",))):
                yield from _digits(row, texts[number], below, label)
        yield from _domicile(row, texts[number], below)


def _digits(row: Row, text: str, below: Sequence[Row], label: dict[str, Any]) -> Iterator[tuple[str, Place]]:
    for match in re.finditer("|".join(label["words"]), text):
        found = _run(text, match.end(), label) or (
            _run_before(text, match.start(), label) if label.get("before") else None
        )
        if found:
            yield label["part"], row.place(*found)
            continue
        named = row.place(*match.span())
        for other in below:
            if row in other.above and (under := _run(_under(other, named), 0, label)):
                yield label["part"], other.place(*under)
                break


def _run(text: str, start: int, label: dict[str, Any]) -> tuple[int, int] | None:
    """The first run of digits after a word, if it is as long as such a number may be."""
    for match in re.finditer(rf"[0-9](?:{GAPS}{{0,3}}[0-9])*", _digits_only(text[start:])):
        count = sum(sign.isdigit() for sign in match[0])
        if count > label["most"] * 2:
            return None
        if count >= label["least"]:
            return start + match.start(), start + match.end()
    return None


def _run_before(text: str, end: int, label: dict[str, Any]) -> tuple[int, int] | None:
    match = re.search(rf"[0-9](?:{GAPS}{{0,2}}[0-9])*{GAPS}{{0,3}}$", _digits_only(text[:end]))
    if match is None or sum(sign.isdigit() for sign in match[0]) < label["least"]:
        return None
    return match.span()


def _under(row: Row, named: Place) -> str:
    """A row's text with spaces for whatever does not stand under a word."""
    return " ".join(
        _plain(text) if place.left < named.right and named.left < place.right else " " * len(text)
        for text, place in row.pieces
    )


def _domicile(row: Row, text: str, below: Sequence[Row]) -> Iterator[tuple[str, Place]]:
    told = words()["domicile"]
    for match in re.finditer("|".join(told["words"]), text):
        rest = text[match.end() :]
        if _is_place(rest, told):
            start = match.end() + len(rest) - len(rest.lstrip(" :："))
            yield told["part"], row.place(start, len(text))
        elif not rest.strip(" :："):
            named = row.place(*match.span())
            for other in below[:1]:
                under = _under(other, named)
                if row in other.above and re.search(told["place"], under) and not _speaks(under):
                    yield told["part"], other.place(len(under) - len(under.lstrip()), len(under.rstrip()))


def _speaks(text: str) -> bool:
    return re.search(words()["sentence"]["words"], text) is not None


def _is_place(rest: str, told: dict[str, Any]) -> bool:
    beside = re.sub(r"[\s:：*＊・]", "", rest)
    return len(beside) >= told["least"] and re.search(told["place"], beside) is not None


def _plain(text: str) -> str:
    """Sign for sign what the words are written in: places in it are places in the row's text."""
    even = "".join(fold_width(sign) if len(fold_width(sign)) == 1 else sign for sign in text)
    return even.translate(str.maketrans(words()["alike"]["signs"]))


def _digits_only(text: str) -> str:
    return text.translate(str.maketrans(words()["alike"]["digits"]))
