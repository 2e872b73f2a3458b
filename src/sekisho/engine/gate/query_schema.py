"""What a purpose may see, and what a checked query is: values that the query's parts share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.engine.gate"
RESERVED = "__sekisho"  # names of ours, in the tree and in projections
PERSON = "__sekisho_person_"  # column of a projection: whose the row is, by number; one for each owner
GROUP = "__sekisho_group_"  # output column: who stands behind a group

Used = tuple[str, str, str]  # system, table, column
_TYPES = {  # plain types as the engine that runs queries calls them
    "text": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMPTZ",
    "binary": "BLOB",
}


def column_type(plain: str) -> str:
    """A plain type of the data map as the engine that runs queries calls it."""
    return _TYPES.get(plain, "VARCHAR")


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaColumn:
    """A column of the data map, and whether this purpose may see it; if not, the rule that says so."""

    name: str
    type: str  # as the projection holds it, after transforms
    shown: bool
    item: str = ""  # empty where it is not personal
    code: str = ""
    clause: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaTable:
    """A table of the data map as a purpose may see it.

    `owners`: for each person in a row, the column that holds nothing but this person's pseudonym, else an empty name.
    """

    system: str
    name: str
    columns: Mapping[str, SchemaColumn]
    owners: tuple[str, ...] = ()

    @property
    def persons(self) -> int:
        """How many people stand in one row."""
        return len(self.owners)

    @property
    def full_name(self) -> str:
        """As a query writes it."""
        return f"{self.system}.{self.name}"

    def column(self, name: str) -> SchemaColumn | None:
        """The column of this name, whatever its letter case."""
        return next((column for column in self.columns.values() if column.name.lower() == name.lower()), None)

    @property
    def is_shown(self) -> bool:
        """Whether anything of it may be seen: its mere rows tell what its columns are about.

        Rows about people of which no column has an item can't be judged, so they aren't shown.
        """
        personal = [column for column in self.columns.values() if column.item]
        return any(column.shown for column in personal) if personal else not self.owners


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaView:
    """A view of the data map by its definition; names without a system are of its own. `sql` is empty where nobody knows it."""

    system: str
    name: str
    sql: str
    dialect: str

    @property
    def full_name(self) -> str:
        """As a query writes it."""
        return f"{self.system}.{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuerySchema:
    """Every table and view of the data map, by `system.table` in small letters."""

    tables: Mapping[str, SchemaTable]
    views: Mapping[str, SchemaView] = field(default_factory=dict)
    kept: dict[str, object] = field(default_factory=dict, compare=False)  # what planning makes of it once


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """One column of the answer and the columns it is made from."""

    name: str
    sources: tuple[Used, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPlan:
    """A query that may run: the text made anew from the checked tree, never what somebody wrote."""

    text: str
    shape: str  # the same with every literal replaced, to keep
    used: frozenset[Used]
    tables: tuple[tuple[str, str], ...]
    output: tuple[OutputColumn, ...]
    persons: Mapping[tuple[str, str], int] = field(default_factory=dict)  # how many people stand in a row, by table
    minimum_group: int = 0
    groups: tuple[str, ...] = ()  # trailing output columns that tell who stands behind a row
    probes: tuple[str, ...] = ()  # queries that tell who stands behind groups inside the query

    def columns_of(self, system: str, table: str) -> tuple[str, ...]:
        """The columns of one table that the query touches, in order."""
        return tuple(sorted(column for s, t, column in self.used if (s, t) == (system, table)))


class QueryRefused(SekishoError):
    """A query that may not run. `column` and `clause` say what it names and which sentence forbids it."""

    def __init__(self, code: str, *, column: str = "", clause: str = "", **values: object) -> None:
        self.column = column
        self.clause = clause
        super().__init__(code, room=ROOM, column=column, clause=clause, **values)

    def as_json(self, language: str = "ja") -> dict[str, str]:
        """The `refused` of DESIGN.md section 8."""
        told = {"code": self.code, "message": self.message(language), "remedy": self.remedy(language)}
        return told | {key: value for key, value in (("column", self.column), ("clause", self.clause)) if value}
