"""What a gathering says: how a system answered, what of a value may leave, and where a redaction stands."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.casework.subject_requests.rules.gathering_images import Attached
from sekisho.engine.policy.model import Text


class SystemState(StrEnum):
    """How a system answered."""

    ANSWERED = "answered"
    EMPTY = "empty"
    FAILED = "failed"  # what it holds is unknown: the answer is not complete


class RedactionState(StrEnum):
    """Proposed by a rule or a clerk; then kept black, or lifted by somebody."""

    PROPOSED = "proposed"
    KEPT = "kept"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Closed:
    """In place of a value that did not leave. `why` is a key of `closed` in gathering.toml."""

    why: str


Value: TypeAlias = str | int | float | bool | date | datetime | bytes | Closed | Attached | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredColumn:
    """A column of a section. `type` is the map's; `items` are empty for what is not personal."""

    name: str
    label: Text
    type: str
    items: tuple[str, ...]
    is_free_text: bool = False
    many: bool = False  # a value is a list
    is_code: bool = False  # what stands in it are codes, named or not
    labels: Mapping[str, Text] = field(default_factory=dict)  # code -> what it means


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredSection:
    """One table of one system: its rows in order of time, each as wide as `columns`."""

    number: int
    system: str
    table: str
    system_label: Text
    label: Text
    classes: tuple[str, ...]
    columns: tuple[GatheredColumn, ...]
    rows: Sequence[tuple[Value, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSystem:
    """How one system answered."""

    system: str
    label: Text
    state: SystemState
    code: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RedactionRecord:
    """A place in what was gathered that is somebody else's. `number` counts from 1 and stays."""

    number: int
    section: int
    row: int
    column: str
    start: int
    end: int
    why: str
    state: RedactionState
    reason: str  # on what it was lifted
    decided_by: str
    decided_at: datetime | None


@cache
def gathering_words() -> Mapping[str, Any]:
    """`gathering.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("gathering.toml").read_text(encoding="utf-8"))


def words_of(table: str, key: str) -> Text:
    """A text of gathering.toml; the key itself where it has none."""
    found = gathering_words()[table].get(key)
    return Text(found["ja"], found["en"]) if found else Text(key)
