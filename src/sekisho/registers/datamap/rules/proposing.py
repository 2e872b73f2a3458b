"""What a crawl proposes for the map: what stands in a store and nobody has declared, with types and keys.

Nothing is guessed: class, kind of person, day of acquisition and owners stay `unknown` until somebody says them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml.comments import CommentedMap

from sekisho.engine.catalog.model import Reference, System
from sekisho.registers.datamap.rules.fragment import column_row, table_row, written

Columns = Mapping[str, str]  # column -> plain type


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """A store as it really is. `references` are by (table, column)."""

    tables: Mapping[str, Columns]
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    references: Mapping[tuple[str, str], tuple[Reference, ...]] = field(default_factory=dict)


def proposal(system: System, crawled: Crawled, *, comment: str) -> str:
    """The undeclared tables and columns of a system as a piece of a map; "" where all is declared.

    Column names a map cannot hold are left to the comparison, which names them.
    """
    tables = CommentedMap()
    for name, columns in crawled.tables.items():
        declared = system.tables.get(name)
        known = declared.columns if declared else {}
        rows = {
            column: column_row(type=plain, references=crawled.references.get((name, column), ()))
            for column, plain in columns.items()
            if column not in known
        }
        if rows and declared:
            tables[name] = CommentedMap({"columns": CommentedMap(rows)})
        elif rows:
            tables[name] = table_row(label=name, key=crawled.keys.get(name, ()), columns=rows)
    if not tables:
        return ""
    row = CommentedMap({"tables": tables})
    if not system.tables:
        row = CommentedMap({"label": system.label, "kind": system.kind.value, "url": system.url, "tables": tables})
    return written({"systems": CommentedMap({system.id: row})}, comment=comment)
