"""Texts of a file's fields as values of plain types: 2026-05-01, 2026/5/1 and 20260501 are days, 1,200 is a number."""

import re
from datetime import date, datetime

from sekisho.connectors import values
from sekisho.connectors.failures import refusal

DAY = re.compile(r"(\d{4})[-/.]?(\d{1,2})[-/.]?(\d{1,2})")
WORDS = {"true": True, "false": False, "1": True, "0": False}


def fitted(text: str, plain: str, system: str, path: str, line: int, column: str) -> object:
    """The value, None for an empty field. Raises: connector.misfit, without the value."""
    if not text:
        return None
    try:
        return _value(text.strip(), plain) if plain != values.TEXT else text
    except (ValueError, KeyError):  # its own words hold the value
        raise refusal("connector.misfit", system, path=path, line=line, column=column, type=plain) from None


def _value(text: str, plain: str) -> object:
    match plain:
        case values.INTEGER:
            return int(text.replace(",", ""))
        case values.NUMBER:
            return float(text.replace(",", ""))
        case values.BOOLEAN:
            return WORDS[text.lower()]
        case values.DATE:
            found = DAY.fullmatch(text)
            return date(*map(int, found.groups())) if found else values.day(_iso(text))
        case values.TIMESTAMP:
            found = DAY.fullmatch(text)
            return values.instant(date(*map(int, found.groups())) if found else _iso(text))
        case values.BINARY:
            return bytes.fromhex(text)
        case _:
            return text


def _iso(text: str) -> datetime:
    day, separator, rest = text.replace("/", "-").replace("T", " ").partition(" ")
    if separator and len(rest.partition(":")[0]) == 1:
        rest = f"0{rest}"
    return datetime.fromisoformat("-".join(part.zfill(2) for part in day.split("-")) + separator + rest)
