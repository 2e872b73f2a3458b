"""Placeholders in published sentences: `{rights.disclosure.fee_yen}` is filled from the policy itself."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum

from sekisho.engine.policy.model import Policy, Text
from sekisho.engine.policy.words import label

PLACEHOLDER = re.compile(r"\{([A-Za-z_]\w*(?:\.\w+)*)\}")
BRACE = re.compile(r"[{}]")
LABELS = {  # last step of a path -> table of the vocabulary its words come from
    "channels": "channels",
    "reply": "channels",
    "fee_when": "channels",
    "days": "days",
    "closed": "closures",
}
UNPUBLISHED = {"ja": "公表していません", "en": "not published"}
SEPARATOR = {"ja": "、", "en": ", "}


class NotThere(LookupError):
    """A placeholder that leads nowhere."""


def found_in(text: str) -> Iterator[tuple[str, int]]:
    """Each placeholder's path with its offset."""
    for match in PLACEHOLDER.finditer(text):
        yield match[1], match.start()


def has_stray_brace(text: str) -> bool:
    """Whether a brace stands there that is no placeholder's."""
    return BRACE.search(PLACEHOLDER.sub("", text)) is not None


def value_of(path: str, policy: Policy) -> object:
    """What a path leads to. Raises NotThere."""
    found: object = policy
    for step in path.split("."):
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, tuple) and (entry := next((e for e in found if getattr(e, "id", None) == step), None)):
            found = entry
        elif is_dataclass(found) and step in {field.name for field in fields(found)} - {"place"}:
            found = getattr(found, step)
        else:
            raise NotThere(path)
    if isinstance(found, Mapping) or (is_dataclass(found) and not isinstance(found, Text)):
        raise NotThere(path)
    return found


def fill(text: str, policy: Policy, language: str) -> str:
    """The sentence with every placeholder filled; what the carrier has not published is said to be so."""
    return PLACEHOLDER.sub(lambda match: say(value_of(match[1], policy), match[1], language), text)


def say(value: object, path: str, language: str) -> str:
    """A value in words."""
    match value:
        case None:
            return UNPUBLISHED[language]
        case Text():
            return in_language(value, language)
        case bool():
            return {"ja": ("いいえ", "はい"), "en": ("no", "yes")}[language][value]
        case date():
            return value.isoformat() if language == "en" else f"{value.year}年{value.month}月{value.day}日"
        case Enum():
            return str(value.value)
        case tuple():
            table = LABELS.get(path.rpartition(".")[2])
            said = [label(table, str(entry), language) if table else str(entry) for entry in value]
            return SEPARATOR[language].join(said) or UNPUBLISHED[language]
    return f"{value:,}" if isinstance(value, int) and path.endswith("_yen") else str(value)


def in_language(text: Text, language: str) -> str:
    """The text in a language; Japanese where there is no English."""
    return text.en if language == "en" and text.en else text.ja
