"""What shapes a document can have: the vocabulary in which `document.py` describes the policy format.

One description serves three readers: the loader, the JSON Schema for editors, and the reference page.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Form(StrEnum):
    """What a single value looks like."""

    STRING = "string"
    TEXT = "text"  # a string (Japanese) or {ja, en}
    IDENTIFIER = "identifier"
    NAME = "name"  # letters, digits, underscores: names that callers already use
    STORED = "stored-name"  # a table or column as its store calls it, in any script
    ATTRIBUTE = "attribute"  # actor.name or resource.name
    INTEGER = "integer"
    BOOLEAN = "boolean"
    DATE = "date"
    DURATION = "duration"
    TIME = "time"  # "09:00"
    CLAUSE = "clause"
    CONDITION = "condition"
    PROOF = "proof"  # room.name
    REFERENCE = "reference"  # a name defined elsewhere: see `names`


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """One value. `choices` closes an enumeration; `names` says where a REFERENCE must be defined."""

    form: Form
    choices: tuple[str, ...] = ()
    names: str = ""
    least: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list; `filled` wants at least one entry."""

    item: "Shape"
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """Names chosen by the author, each with a value. `key` names a table the keys must come from; "" = free."""

    item: "Shape"
    filled: bool = False
    key: str = ""
    key_form: Form = Form.IDENTIFIER


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a record. `unknown` allows null or the word `unknown`: the carrier has published nothing."""

    name: str
    shape: "Shape"
    says: str
    required: bool = False
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Fixed keys. With `short`, a bare value stands for {short: value}."""

    keys: tuple[Key, ...]
    short: str = ""


Shape: TypeAlias = Scalar | ListOf | MapOf | Record
