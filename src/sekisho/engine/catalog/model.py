"""The data map as values: where personal data stands, of which class, whose it is and since when.

Ownership is plural and temporal: a call has two parties, and a number belongs to a person only over an interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sekisho.engine.errors import Place

NOT_PERSONAL = "none"
UNKNOWN_ITEM = "unknown"  # no policy has an item of this name: whatever carries it is refused
RECLASSIFIED_BY = ("privacy_officer", "deputy_officer")  # unless the map says otherwise


class SystemKind(StrEnum):
    """What kind of store a system is."""

    SQLITE = "sqlite"
    POSTGRESQL = "postgresql"
    DUCKDB = "duckdb"
    DELTA = "delta"
    JSONL = "jsonl"
    MARIADB = "mariadb"
    ORACLE = "oracle"
    PARQUET = "parquet"
    CSV = "csv"  # and TSV
    XLSX = "xlsx"
    PDF = "pdf"
    TEXT = "text"
    SPARK = "spark"


class PartyErasure(StrEnum):
    """What erasing one owner does to a row."""

    DELETE_ROW = "delete_row"
    BLANK = "blank"  # blank the owner's own columns, keep the row for the other party


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    """One way from a row to a person: the value of `column` is an identifier of kind `by`, at the instant in `at`.

    `by` is a kind of external identifier the identities register knows: customer_no, number, staff_no,
    applicant_no, shareholder_no, contact_no, recipient_no. `at` is None where the identifier is never reused.
    """

    by: str
    column: str
    role: str  # contractor, caller, callee, bill_recipient, staff, …
    at: str | None = None
    erasure: PartyErasure = PartyErasure.DELETE_ROW
    blanks: tuple[str, ...] = ()  # columns blanked when erasure is BLANK


class Direction(StrEnum):
    """Which way a reference may be followed when a person's rows are looked for. None of them: both ways."""

    FROM = "from"  # from what is referred to, to the column that refers
    TO = "to"  # from the column that refers, to what it refers to


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A column's values stand for rows elsewhere. `system` is empty where it is the column's own."""

    table: str
    column: str
    system: str = ""
    direction: Direction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column: `item` is "class" or "class.field" of the policy, or "none" with a reason for what is not personal.

    A derived column may carry several: the others stand in `also`.
    """

    name: str
    type: str
    item: str
    reason: str = ""
    free_text: bool = False
    control: bool = False  # serves the carrier's own safeguards only: whoever could filter by it could pick people out
    also: tuple[str, ...] = ()
    references: tuple[Reference, ...] = ()
    many: bool = False  # a value is a list of such values
    erasure: str = ""  # a strategy instead of deleting the row: blank, year, month, prefecture, pseudonym
    label: str = ""  # what it is called, where its name does not say
    values: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)  # code -> what it means: ja, en
    categories: tuple[str, ...] = ()  # what another inventory calls it (fideslang), kept for the way back
    imported_type: str = ""  # its type there
    place: Place | None = None

    @property
    def items(self) -> tuple[str, ...]:
        """Every personal item it carries; empty where it is not personal."""
        return tuple(item for item in (self.item, *self.also) if item and item != NOT_PERSONAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """By what rows are counted together: a column of theirs, made coarse (`year`, `month`, `prefecture`) or as it is."""

    column: str
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What stays of rows that are due: counts in a table of the same system, written before they go (集計して消去).

    A group of fewer than `minimum` different people is never written. People are told by the table's first owner.
    """

    into: str
    by: Mapping[str, Grouping]  # column of `into` -> by what
    count: str  # columns of `into`: how many rows,
    people: str  # of how many people,
    batch: str  # under which sweep's step,
    written_on: str  # on which day
    minimum: int
    sums: Mapping[str, str] = field(default_factory=dict)  # column of `into` -> column that is added up

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of `into` that is written."""
        return (self.batch, self.written_on, *self.by, self.count, self.people, *self.sums)


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """How a derived table comes to be. `sql` is empty where the store's own definition is the only one.

    Unqualified names are tables of its own system; `system.table` is another system's. A view keeps nothing, a stored
    copy (`is_stored`) keeps rows of people and needs owners and a deletion rule like any other table.
    """

    sql: str
    dialect: str  # of sqlglot: sqlite, postgres, duckdb, spark
    is_stored: bool
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredView:
    """A view as it stands in a store. `keeps_rows`: a materialised view, which is a copy."""

    sql: str
    dialect: str  # as in Definition
    columns: Mapping[str, str]  # with plain types
    keeps_rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, file set, collection, or (with `definition`) what is derived from others by SQL."""

    name: str
    label: str
    subject: str  # kind of data subject whose rows these are
    key: tuple[str, ...]
    columns: Mapping[str, Column]
    owners: tuple[Ownership, ...]
    acquired: str  # column holding the acquisition date: it decides the row's era
    triggers: Mapping[str, str] = field(default_factory=dict)  # retention event -> column of this table
    settled: str | None = None  # column that is non-null once the claim no longer lives
    partition: str | None = None
    definition: Definition | None = None
    totals: Totals | None = None  # what is counted before rows whose period is over go
    source: str = ""  # how the rows were acquired: on which paper, page or call
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system of the carrier. `url` may hold {home}, filled by the carrier's configuration.

    `tables` hold what is stored, derived copies among them; `views` keep nothing and stand apart, so that nobody tries
    to erase from them. A view may leave owners, key and acquisition open.
    """

    id: str
    label: str
    kind: SystemKind
    url: str
    tables: Mapping[str, Table]
    views: Mapping[str, Table] = field(default_factory=dict)
    erase_order: int = 0  # leaf stores first (low), identity map last (high)
    custodian: str = ""  # the department that answers for it
    users: tuple[str, ...] = ()  # the departments that work in it
    location: str = ""  # where it stands
    country: str = ""  # ISO 3166-1 where it stands abroad; empty = Japan
    operated_by: tuple[str, ...] = ()  # recipients of the policy to whom running it is entrusted
    measures: tuple[str, ...] = ()  # what keeps it safe
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMap:
    """All systems of a carrier. `reclassified_by`: roles of which two people may say what a derived column is."""

    id: str
    sha256: str
    systems: Mapping[str, System]
    reclassified_by: tuple[str, ...] = RECLASSIFIED_BY
