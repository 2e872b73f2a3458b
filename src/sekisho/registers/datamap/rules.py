"""The data map's document: its shape, reading it with places, and comparing it with what really stands in the systems."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

from sekisho.engine.catalog.build import build
from sekisho.engine.catalog.model import DataMap, SystemKind
from sekisho.engine.catalog.vocabulary import Vocabulary
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.erasure.rules import governing
from sekisho.engine.errors import DocumentRefused, Fault, Place
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import DataKind, Policy
from sekisho.engine.policy.reader import Reading, compose, read
from sekisho.engine.policy.shape import Form, Key, ListOf, MapOf, Record, Scalar, Shape

ROOM = "sekisho.registers.datamap"
FILE = "datamap.yaml"
STRING = Scalar(form=Form.STRING)
NAME = Scalar(form=Form.IDENTIFIER)
INTEGER = Scalar(form=Form.INTEGER, least=0)
BOOLEAN = Scalar(form=Form.BOOLEAN)
DIALECTS = ("sqlite", "postgres", "duckdb", "spark")
COLUMN_TYPES = ("text", "integer", "number", "boolean", "date", "timestamp", "binary")


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
DOCUMENT = Record(
    keys=(
        _must("sekisho_datamap", Scalar(form=Form.INTEGER, choices=("1",)), "version of this format"),
        _must("map", Record(keys=(_must("id", NAME, "name of the map"),)), "what this document is"),
        _must("systems", MapOf(item=SYSTEM, filled=True), "every system that holds personal data"),
    )
)


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
    """All systems against the map. `unread` are systems that could not be opened, with the code of the refusal."""

    columns_seen: int
    differences: tuple[Difference, ...]
    unread: Mapping[str, str]


def check(text: str, policy: Policy | None, path: str = FILE) -> tuple[DataMap | None, tuple[Fault, ...]]:
    """The map and every fault of the document, against a policy where one is given."""
    reading = Reading()
    node = compose(path, text, reading)
    if node is None:
        return None, tuple(reading.faults)
    data = cast("dict[str, Any]", read(node, DOCUMENT, "", path, reading))
    if reading.faults:
        return None, tuple(sorted(reading.faults, key=_in_order))
    datamap, faults = build(
        data,
        sha256=sha256(text.encode()).hexdigest(),
        place_of=reading.place,
        vocabulary=vocabulary(policy) if policy else None,
    )
    return datamap, faults


def load(text: str, policy: Policy | None = None) -> DataMap:
    """The map. Raises: DocumentRefused with every fault."""
    datamap, faults = check(text, policy)
    if datamap is None or faults:
        raise DocumentRefused(faults)
    return datamap


def vocabulary(policy: Policy) -> Vocabulary:
    """The words a map may use under this policy, and what starts the period of each item for each kind of person."""
    items = {class_.id for class_ in policy.classes.values()}
    items |= {f"{class_.id}.{name}" for class_ in policy.classes.values() for name in class_.fields}
    floors = retention_law(law())
    return Vocabulary(
        secret=frozenset(item for item in items if _is_secret(policy, item)),
        items=frozenset(items),
        subject_kinds=frozenset(policy.subjects),
        events={
            (item, subject): _events(policy, floors, item, subject) for item in items for subject in policy.subjects
        },
    )


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


def _is_secret(policy: Policy, item: str) -> bool:
    """Whether it taints what is derived from it. A class is secret if any of its fields is."""
    class_, _, field = item.partition(".")
    data_class = policy.classes[class_]
    if field:
        return data_class.fields[field].kind in SECRET
    return data_class.kind in SECRET or any(one.kind in SECRET for one in data_class.fields.values())


def _in_order(fault: Fault) -> tuple[int, int]:
    place: Place = fault.place
    return (place.line, place.column)
