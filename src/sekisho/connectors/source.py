"""The one port: a store of somebody else's that can be asked, counted, and made to forget.

Values never enter statement text: they are bound parameters, keys of a key table, or Arrow arrays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

import pyarrow as pa

from sekisho.engine.catalog.model import StoredView

Scalar: TypeAlias = object  # a Python value the store can bind: str, int, float, bool, date, datetime, None


@dataclass(frozen=True, slots=True)
class In:
    """The column's value is one of `values`."""

    column: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class NotIn:
    """The column's value is null or none of `values`: exactly what `In` leaves, so that held rows can be left out."""

    column: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Before:
    """The column's value is not null and before `value` (dates, instants, numbers)."""

    column: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Within:
    """`since` <= the column's value < `until`; None = open on that side."""

    column: str
    since: Scalar
    until: Scalar


@dataclass(frozen=True, slots=True)
class Contains:
    """The text column holds one of `values` as a substring."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IsNull:
    """The column is null."""

    column: str
    negated: bool = False


Test: TypeAlias = In | NotIn | Before | Within | Contains | IsNull
Where: TypeAlias = Sequence[Test]  # all must hold


class Source(Protocol):
    """A store. Every method names tables and columns of the data map; unknown ones raise `connector.unknown-name`."""

    def crawl(self) -> Mapping[str, Mapping[str, str]]:
        """Tables and their columns with types, as they really are."""
        ...

    def views(self) -> Mapping[str, StoredView]:
        """The views that stand in the store, with their own definitions; where it knows no views, none."""
        ...

    def count(self, table: str, where: Where = ()) -> int:
        """How many rows match, by a query of its own."""
        ...

    def rows(self, table: str, columns: Sequence[str], where: Where = ()) -> Iterator[pa.RecordBatch]:
        """The matching rows, in batches."""
        ...

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows. A repeat is a no-op."""
        ...

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows. A repeat is a no-op."""
        ...

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys."""
        ...

    def purge(self) -> None:
        """Make what was removed physically gone: vacuum, rewrite, drop old versions and logs. Idempotent."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


@runtime_checkable
class Partitioned(Protocol):
    """What a source may be besides: it lets go of whole partitions at once, which costs no rewriting."""

    def drop_partitions(self, table: str, where: Where) -> int:
        """Drop every partition of which each row matches `where`, asked of its rows; how many went.

        Partitions with any other row in them, one on hold say, stay as they are: `erase` with the same `where` does the
        rest. 0 where the table has no partitions. A repeat is a no-op.
        """
        ...

    def purge_changed(self) -> None:
        """`purge`, of what this source itself changed and dropped: enough where one source does the whole work.

        What another one left undone, in a process that died say, only `purge` makes gone.
        """
        ...


@runtime_checkable
class Taking(Source, Protocol):
    """What a source may be besides: it takes rows that are nobody's, totals say."""

    def append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
        """Add these rows, all of them in one commit."""
        ...


@runtime_checkable
class Together(Taking, Protocol):
    """What a source may be besides: several reads and writes of it are one transaction."""

    def together(self) -> AbstractContextManager[None]:
        """Everything inside sees one state of the store, and becomes durable as a whole or not at all."""
        ...
