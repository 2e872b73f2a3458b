"""Primary and foreign keys as a store knows them: what a crawl proposes beside columns and types.

A store that knows no keys (a lake, a folder) gives none; nothing is guessed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sekisho.connectors import values
from sekisho.connectors.failures import translated
from sekisho.connectors.relational import RelationalSource
from sekisho.connectors.source import Source

PRIMARY = "p"
TYPES = {  # of the answer to every question below, in this order
    "kind": values.TEXT,
    "place": values.TEXT,
    "name": values.TEXT,
    "seq": values.INTEGER,
    "own": values.TEXT,
    "other": values.TEXT,
    "theirs": values.TEXT,
}
SQLITE = (
    "SELECT 'p' AS kind, t.name AS place, '' AS name, c.pk AS seq, c.name AS own, NULL AS other, NULL AS theirs "
    "FROM sqlite_schema AS t, pragma_table_info(t.name) AS c WHERE t.type = 'table' AND c.pk > 0 "
    "UNION ALL "
    'SELECT \'f\', t.name, CAST(f.id AS TEXT), f.seq, f."from", f."table", coalesce(f."to", '
    '(SELECT p.name FROM pragma_table_info(f."table") AS p WHERE p.pk = f.seq + 1)) '
    "FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f WHERE t.type = 'table' ORDER BY 1, 2, 3, 4"
)
POSTGRES = (
    "SELECT k.contype::text AS kind, c.relname::text AS place, k.conname::text AS name, n.seq AS seq, "
    "a.attname::text AS own, o.relname::text AS other, b.attname::text AS theirs "
    "FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid "
    "JOIN pg_namespace AS s ON s.oid = c.relnamespace AND s.nspname = current_schema() "
    "CROSS JOIN LATERAL unnest(k.conkey) WITH ORDINALITY AS n (number, seq) "
    "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = n.number "
    "LEFT JOIN pg_class AS o ON o.oid = k.confrelid "
    "LEFT JOIN pg_attribute AS b ON b.attrelid = o.oid AND b.attnum = k.confkey[n.seq] "
    "WHERE k.contype IN ('p', 'f') ORDER BY 1, 2, 3, 4"
)
DUCKDB = (
    "SELECT kind, place, name, seq, own_names[seq] AS own, other, their_names[seq] AS theirs FROM ("
    "SELECT CASE constraint_type WHEN 'PRIMARY KEY' THEN 'p' ELSE 'f' END AS kind, table_name AS place, "
    "CAST(constraint_index AS VARCHAR) AS name, unnest(range(1, len(constraint_column_names) + 1)) AS seq, "
    "constraint_column_names AS own_names, referenced_table AS other, referenced_column_names AS their_names "
    "FROM duckdb_constraints() WHERE database_name = current_catalog() "
    "AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')) ORDER BY 1, 2, 3, 4"
)
MYSQL = (
    "SELECT CASE WHEN constraint_name = 'PRIMARY' THEN 'p' ELSE 'f' END AS kind, table_name AS place, "
    "constraint_name AS name, ordinal_position AS seq, column_name AS own, referenced_table_name AS other, "
    "referenced_column_name AS theirs FROM information_schema.key_column_usage WHERE table_schema = database() "
    "AND (constraint_name = 'PRIMARY' OR referenced_table_name IS NOT NULL) ORDER BY 1, 2, 3, 4"
)
QUESTIONS = {"sqlite": SQLITE, "postgres": POSTGRES, "duckdb": DUCKDB, "mysql": MYSQL}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Columns whose values stand for rows of another table; both sides in the same order."""

    columns: tuple[str, ...]
    table: str
    theirs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableKeys:
    """The keys of one table. `primary` is empty where it has none."""

    primary: tuple[str, ...] = ()
    foreign: tuple[ForeignKey, ...] = ()


def keys_of(source: Source) -> Mapping[str, TableKeys]:
    """The keys of every table that has any. Raises what the store refuses."""
    if not isinstance(source, RelationalSource) or source.sql not in QUESTIONS:
        return {}
    primary: dict[str, list[str]] = {}
    foreign: dict[str, dict[str, list[dict[str, str]]]] = {}
    for row in _answers(source):
        if row["kind"] == PRIMARY:
            primary.setdefault(row["place"], []).append(row["own"])
        elif row["theirs"]:
            foreign.setdefault(row["place"], {}).setdefault(row["name"], []).append(row)
    return {
        table: TableKeys(
            primary=tuple(primary.get(table, ())),
            foreign=tuple(_foreign(rows) for rows in foreign.get(table, {}).values()),
        )
        for table in sorted({*primary, *foreign})
    }


def _answers(source: RelationalSource) -> Iterator[dict[str, str]]:
    with translated(source.system):
        for batch in source.ask(QUESTIONS[source.sql], TYPES):
            yield from batch.to_pylist()


def _foreign(rows: list[dict[str, str]]) -> ForeignKey:
    return ForeignKey(
        columns=tuple(row["own"] for row in rows),
        table=rows[0]["other"],
        theirs=tuple(row["theirs"] for row in rows),
    )
