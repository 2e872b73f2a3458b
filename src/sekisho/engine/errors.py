"""Coded errors: a stable code, the place, and the remedy.

The code is the contract. The text lives beside each room in `texts.toml`, in Japanese and English:

    ["policy.unknown-purpose"]
    ja = "目的 `{purpose}` は定義されていません"
    ja_remedy = "purposes に書くか、近い名前 `{near}` に直してください"
    en = "unknown purpose `{purpose}`"
    en_remedy = "declare it under purposes, or did you mean `{near}`?"
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources


class Severity(StrEnum):
    """How bad a fault is: an ERROR refuses the document, a WARNING and a NOTE do not."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where something stands in a text: path as given, line and column from 1, and the field's dotted path."""

    path: str
    line: int
    column: int
    field: str = ""

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a document. `room` names the package whose `texts.toml` holds the text of `code`."""

    code: str
    place: Place
    room: str
    severity: Severity = Severity.ERROR
    clause: str = ""
    source: str = ""
    values: Mapping[str, str] = field(default_factory=dict)

    def message(self, language: str = "ja") -> str:
        """What is wrong, in one sentence."""
        return text(self.room, self.code, language, self.values)

    def remedy(self, language: str = "ja") -> str:
        """What can be done about it, here."""
        return text(self.room, self.code, f"{language}_remedy", self.values)

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """The shape `policy check --json` and `policy lint --json` print, one object per fault."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "path": self.place.path,
            "line": self.place.line,
            "column": self.place.column,
            "field": self.place.field,
            "clause": self.clause,
            "source": self.source,
            "message": self.message(language),
            "remedy": self.remedy(language),
        }


class SekishoError(Exception):
    """Something refused, with a stable code. Values never hold personal data."""

    def __init__(self, code: str, *, room: str, **values: object) -> None:
        self.code = code
        self.room = room
        self.values = {key: str(value) for key, value in values.items()}
        super().__init__(f"{code}: {self.message('en')}")

    def message(self, language: str = "ja") -> str:
        """What was refused and why."""
        return text(self.room, self.code, language, self.values)

    def remedy(self, language: str = "ja") -> str:
        """What can be done about it."""
        return text(self.room, self.code, f"{language}_remedy", self.values)


class DocumentRefused(SekishoError):
    """A document with faults: all of them, in document order."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        self.faults = faults
        super().__init__("document.refused", room="sekisho.engine", count=len(faults), first=faults[0].place)


@cache
def texts(room: str) -> Mapping[str, Mapping[str, str]]:
    """All codes of a room with their texts."""
    return tomllib.loads(resources.files(room).joinpath("texts.toml").read_text(encoding="utf-8"))


def text(room: str, code: str, key: str, values: Mapping[str, str]) -> str:
    """The text of `code` under `key` (`ja`, `en`, `ja_remedy`, `en_remedy`), with values filled in."""
    return texts(room)[code][key].format_map(values)
