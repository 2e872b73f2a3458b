"""Seven plain types for every store, and values fitted to them before they are bound.

A column's native type is folded to one of: text, integer, number, boolean, date, timestamp, binary. Dates are
Asia/Tokyo calendar dates, timestamps are instants in UTC; a store without a zone is read as UTC.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pyarrow as pa

TOKYO = ZoneInfo("Asia/Tokyo")
TEXT, INTEGER, NUMBER, BOOLEAN, DATE, TIMESTAMP, BINARY = (
    "text",
    "integer",
    "number",
    "boolean",
    "date",
    "timestamp",
    "binary",
)
ARROW: dict[str, pa.DataType] = {
    TEXT: pa.string(),
    INTEGER: pa.int64(),
    NUMBER: pa.float64(),
    BOOLEAN: pa.bool_(),
    DATE: pa.date32(),
    TIMESTAMP: pa.timestamp("us", tz="UTC"),
    BINARY: pa.binary(),
}
WORDS = (  # the first word found in a native type's name decides
    ("timestamp", TIMESTAMP),
    ("datetime", TIMESTAMP),
    ("date", DATE),
    ("bool", BOOLEAN),
    ("int", INTEGER),
    ("blob", BINARY),
    ("bytea", BINARY),
    ("binary", BINARY),
    ("float", NUMBER),
    ("double", NUMBER),
    ("real", NUMBER),
    ("decimal", NUMBER),
    ("numeric", NUMBER),
    ("number", NUMBER),
)


def plain_type(native: str) -> str:
    """The plain type behind a native type's name; anything unknown is text."""
    lowered = native.lower()
    return next((plain for word, plain in WORDS if word in lowered), TEXT)


def fit(value: object, plain: str) -> object:
    """The value as a column of this plain type holds it: an instant for a timestamp, a Tokyo day for a date."""
    if value is None:
        return None
    if plain == TIMESTAMP:
        return instant(value)
    if plain == DATE:
        return day(value)
    if plain == TEXT and isinstance(value, int | float):
        return str(value)
    if plain == INTEGER and isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return value


def instant(value: object) -> object:
    """An aware UTC datetime from a datetime, a Tokyo date (its first instant) or ISO text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), TOKYO).astimezone(UTC)
    return value


def day(value: object) -> object:
    """A Tokyo calendar date from a date, an instant or ISO text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if len(value) > len("2026-11-23") else date.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(TOKYO).date()
    return value


def iso(value: object) -> object:
    """Dates and instants as the text that sorts like them: 2026-11-23 and 2026-11-23T00:00:00Z."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat(timespec="microseconds" if value.microsecond else "seconds")
        return text.replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return value
