"""The data map's document: its shape, reading it with places, and comparing it with what really stands in the systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from sekisho.engine.catalog.build import build
from sekisho.engine.catalog.model import DataMap, StoredView, System, SystemKind
from sekisho.engine.catalog.vocabulary import Vocabulary
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.erasure.rules import governing
from sekisho.engine.errors import DocumentRefused, Fault, Place, SekishoError
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import DataKind, Policy
from sekisho.engine.policy.reader import Reading, compose, read
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape

if TYPE_CHECKING:
    from sekisho.engine.catalog.inheriting import Inheritance, Release

ROOM = "sekisho.registers.datamap"
FILE = "datamap.yaml"
STRING = Scalar(form=Form.STRING)
NAME = Scalar(form=Form.IDENTIFIER)
INTEGER = Scalar(form=Form.INTEGER, least=0)
BOOLEAN = Scalar(form=Form.BOOLEAN)
DIALECTS = ("sqlite", "postgres", "duckdb", "spark")
COLUMN_TYPES = ("text", "integer", "number", "boolean", "date", "timestamp", "binary")


Stored: TypeAlias = Mapping[str, Mapping[str, StoredView]]  # system -> view -> as it stands there
Releases: TypeAlias = Mapping[tuple[str, str, str], "Release"]  # system, table, column -> what two people called it
SECRET = (DataKind.COMMUNICATIONS_SECRECY, DataKind.LOCATION)


def _must(name: str, shape: Shape, says: str) -> Key:
    return Key(name=name, shape=shape, says=says, required=True)


def _may(name: str, shape: Shape, says: str) -> Key:
    return Key(name=name, shape=shape, says=says)


OWNER = Record(
    keys=(
        _must("by", NAME, "kind of identifier"),
        _must("column", NAME, "column that holds it"),
        _must("role", NAME, "what the person is in this row"),
        _may("at", NAME, "column with the instant at which it counts; absent where it is never reused"),
        _may("blanks", ListOf(item=NAME), "columns blanked instead of removing the row"),
    )
)
COLUMN = Record(
    keys=(
        _may("item", STRING, "class or class.field of the policy, or none"),
        _may("type", Scalar(form=Form.STRING, choices=COLUMN_TYPES), "text if absent"),
        _may("reason", STRING, "why it is not personal"),
        _may("free_text", BOOLEAN, "people write in it"),
    ),
    short="item",
)
TABLE = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _must("subject", NAME, "kind of data subject whose rows these are"),
        _must("key", ListOf(item=NAME, filled=True), "columns that name one row"),
        _must("acquired", NAME, "column with the day of acquisition: it decides the row's era"),
        _may("triggers", MapOf(item=NAME), "event that starts a period -> column"),
        _may("settled", NAME, "column that is filled once the claim no longer lives"),
        _may("partition", NAME, "column by which the store is divided; never personal"),
        _must("owners", ListOf(item=OWNER), "ways from a row to a person"),
        _must("columns", MapOf(item=COLUMN, filled=True), "every column"),
    )
)
DERIVED_COLUMN = Record(
    keys=(*COLUMN.keys, _may("items", ListOf(item=STRING), "where it carries several: each of them")), short="item"
)
DERIVED = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _must("kind", Scalar(form=Form.STRING, choices=("view", "table")), "view, or table: a stored copy"),
        _may("sql", STRING, "its SELECT; a view may leave it to the store"),
        _may("dialect", Scalar(form=Form.STRING, choices=DIALECTS), "of the SQL; the store's own if absent"),
        _may("subject", NAME, "kind of data subject whose rows these are; a copy must say"),
        _may("key", ListOf(item=NAME), "columns that name one row; a copy must say"),
        _may("acquired", NAME, "column with the day of acquisition; a copy must say"),
        *(key for key in TABLE.keys if key.name in {"triggers", "settled", "partition"}),
        _may("owners", ListOf(item=OWNER), "ways from a row to a person; a copy must say"),
        _must("columns", MapOf(item=DERIVED_COLUMN, filled=True), "every column"),
    )
)
SYSTEM = Record(
    keys=(
        _must("label", STRING, "what it is called"),
        _must("kind", Scalar(form=Form.STRING, choices=tuple(kind.value for kind in SystemKind)), "kind of store"),
        _must("url", STRING, "where it stands; may hold {home}"),
        _may("erase_order", INTEGER, "leaf stores low, those that tell who is who high"),
        _must("tables", MapOf(item=TABLE, filled=True), "tables, file sets, collections"),
        _may("derived", MapOf(item=DERIVED), "views, and tables made from others"),
    )
)
MAP = Record(
    keys=(
        _must("id", NAME, "name of the map"),
        _may("reclassified_by", ListOf(item=NAME), "roles that may reclassify; officer and deputy if absent"),
    )
)
DOCUMENT = Record(
    keys=(
        _must("sekisho_datamap", Scalar(form=Form.INTEGER, choices=("1",)), "version of this format"),
        _must("map", MAP, "what this document is"),
        _must("systems", MapOf(item=SYSTEM, filled=True), "every system that holds personal data"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Who proposes or approves, as the people register (which stands above this room) knows them that day."""

    ref: str
    role: str
    is_active: bool  # registered, and working here


class Standing(StrEnum):
    """What became of a reclassification."""

    PROPOSED = "proposed"
    HOLDS = "holds"
    LAPSED = "lapsed"  # the definition changed
    REPLACED = "replaced"  # a later one took its place
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing in which a system and the map don't agree. `column` is empty where a whole table is meant."""

    code: str  # datamap.undeclared-column, datamap.undeclared-table, datamap.missing-column, datamap.missing-table
    system: str
    table: str
    column: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All systems against the map. `unread` are systems that could not be opened, with the code of the refusal.

    `derived` is what is wrong with views and derived tables.
    """

    columns_seen: int
    differences: tuple[Difference, ...]
    unread: Mapping[str, str]
    derived: tuple[Fault, ...] = ()


def check(
    text: str,
    policy: Policy | None,
    path: str = FILE,
    *,
    releases: Releases | None = None,
    stored: Stored | None = None,
) -> tuple[DataMap | None, tuple[Fault, ...]]:
    """The map and every fault of the document, against a policy where one is given.

    With a policy, what is derived is held against its lineage too: `stored` are the views as they stand in the
    systems, `releases` what two people have reclassified.
    """
    reading = Reading()
    node = compose(path, text, reading)
    if node is None:
        return None, tuple(reading.faults)
    data = cast("dict[str, Any]", read(node, DOCUMENT, "", path, reading))
    if reading.faults:
        return None, tuple(sorted(reading.faults, key=_in_order))
    words = vocabulary(policy) if policy else None
    datamap, faults = build(data, sha256=sha256(text.encode()).hexdigest(), place_of=reading.place, vocabulary=words)
    if words is not None:
        unknown = {fault.values["found"] for fault in faults if fault.code == "catalog.unknown-item"}
        faults += tuple(
            fault
            for fault in derived_faults(datamap, words.secret, releases=releases, stored=stored)
            if not unknown or not set(fault.values.get("items", "?").split(", ")) <= unknown  # told where it is written
        )
    return datamap, tuple(sorted(faults, key=_in_order))


def derived_faults(
    datamap: DataMap, secret: frozenset[str], *, releases: Releases | None = None, stored: Stored | None = None
) -> tuple[Fault, ...]:
    """What is wrong with everything derived: undeclared, narrower than its lineage, untraced."""
    if not stored and not any(has_derived(system) for system in datamap.systems.values()):
        return ()
    from sekisho.engine.catalog.checking import derived_faults as faults_of  # the SQL parser loads when it is needed

    return faults_of(inheritance(datamap, secret, releases=releases, stored=stored))


def inheritance(
    datamap: DataMap, secret: frozenset[str], *, releases: Releases | None = None, stored: Stored | None = None
) -> "Inheritance":
    """What every derived column inherits."""
    from sekisho.engine.catalog.inheriting import Inheritance
    from sekisho.engine.catalog.lineage import Lineages

    return Inheritance(lineages=Lineages(datamap=datamap, stored=stored or {}), secret=secret, releases=releases or {})


def has_derived(system: System) -> bool:
    """Whether a system has views or derived tables in the map."""
    return bool(system.views) or any(table.definition for table in system.tables.values())


def load(
    text: str, policy: Policy | None = None, *, releases: Releases | None = None, stored: Stored | None = None
) -> DataMap:
    """The map. Raises: DocumentRefused with every fault."""
    datamap, faults = check(text, policy, releases=releases, stored=stored)
    if datamap is None or faults:
        raise DocumentRefused(faults)
    return datamap


def require_may_reclassify(by: Signatory, datamap: DataMap) -> None:
    """Raises: datamap.not-registered, datamap.role-may-not."""
    if not by.is_active:
        raise SekishoError("datamap.not-registered", room=ROOM, by=by.ref)
    if by.role not in datamap.reclassified_by:
        roles = ", ".join(datamap.reclassified_by)
        raise SekishoError("datamap.role-may-not", room=ROOM, by=by.ref, role=by.role, roles=roles)


def require_reclassifiable(
    known: "Inheritance", *, place: tuple[str, str, str], items: tuple[str, ...], reason: str, words: Vocabulary
) -> tuple[str, ...]:
    """What the column inherits now. Raises where there is nothing to reclassify, or no reason, or no such item."""
    if not known.lineages.is_derived_column(*place):
        raise SekishoError("datamap.unknown-derived-column", room=ROOM, column=".".join(place))
    if not reason.strip():
        raise SekishoError("datamap.no-reason", room=ROOM, column=".".join(place))
    for item in items:
        if item not in words.items:
            raise SekishoError("datamap.unknown-item", room=ROOM, item=item)
    inherited = tuple(one.item for one in known.inherited(*place))
    if set(inherited) <= set(items):
        raise SekishoError("datamap.nothing-to-reclassify", room=ROOM, column=".".join(place))
    return inherited


def vocabulary(policy: Policy) -> Vocabulary:
    """The words a map may use under this policy, and what starts the period of each item for each kind of person."""
    items = {class_.id for class_ in policy.classes.values()}
    items |= {f"{class_.id}.{name}" for class_ in policy.classes.values() for name in class_.fields}
    floors = retention_law(law())
    return Vocabulary(
        secret=secret_items(policy),
        items=frozenset(items),
        subject_kinds=frozenset(policy.subjects),
        events={
            (item, subject): _events(policy, floors, item, subject) for item in items for subject in policy.subjects
        },
    )


def secret_items(policy: Policy) -> frozenset[str]:
    """What taints whatever is derived from it. A class is secret if any of its fields is. Source: TBA 4."""
    found = set()
    for class_ in policy.classes.values():
        fields = {f"{class_.id}.{one.id}" for one in class_.fields.values() if one.kind in SECRET}
        found |= fields | ({class_.id} if fields or class_.kind in SECRET else set())
    return frozenset(found)


def compare(datamap: DataMap, real: Mapping[str, Mapping[str, Mapping[str, str]] | str]) -> Comparison:
    """The map against what was crawled: system -> table -> column -> type, or the code why it could not be."""
    differences: list[Difference] = []
    seen = 0
    for id_, system in datamap.systems.items():
        tables = real[id_]
        if isinstance(tables, str):
            continue
        seen += sum(len(columns) for columns in tables.values())
        for name, columns in tables.items():
            if name not in system.tables:
                differences.append(Difference(code="datamap.undeclared-table", system=id_, table=name))
                continue
            known = system.tables[name].columns
            differences += [
                Difference(code="datamap.undeclared-column", system=id_, table=name, column=column, type=plain)
                for column, plain in columns.items()
                if column not in known
            ]
            differences += [
                Difference(code="datamap.missing-column", system=id_, table=name, column=column)
                for column in known
                if column not in columns
            ]
        differences += [
            Difference(code="datamap.missing-table", system=id_, table=name)
            for name in system.tables
            if name not in tables
        ]
    unread = {id_: tables for id_, tables in real.items() if isinstance(tables, str)}
    return Comparison(columns_seen=seen, differences=tuple(differences), unread=unread)


def _events(policy: Policy, floors: RetentionLaw, item: str, subject: str) -> frozenset[str]:
    """What starts a period of the policy, and of the law where the policy has one: a floor needs its day as well."""
    rules = governing(policy, floors, item, subject)
    periods = frozenset(rule.after for rule in rules.periods)
    return periods | {floor.after for floor in rules.floors} if periods else periods


def _in_order(fault: Fault) -> tuple[int, int]:
    place: Place = fault.place
    return (place.line, place.column)
