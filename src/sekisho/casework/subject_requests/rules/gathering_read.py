"""What was read for a gathering, before anything of it is sealed."""

from dataclasses import dataclass

from sekisho.casework.subject_requests.rules.gathering import AskedSystem, GatheredColumn
from sekisho.casework.subject_requests.rules.gathering_text import Span
from sekisho.engine.policy.model import Text


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row: when it is of, by what it is known again, its line, and what in it may be somebody else's."""

    at: str
    fingerprint: str
    line: bytes
    spans: tuple[tuple[str, Span], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTable:
    """One table that holds anything of the person."""

    system: str
    system_label: Text
    table: str
    label: Text
    classes: tuple[str, ...]
    columns: tuple[GatheredColumn, ...]
    rows: tuple[ReadRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Everything that was read. `lines`: under contract, used by others without their consent; `unclear`: of nobody."""

    systems: tuple[AskedSystem, ...]
    tables: tuple[ReadTable, ...]
    lines: int
    unclear: int
