"""A PostgreSQL database, through psycopg; parameters are bound by the server.

The write-ahead log keeps old row images until it is recycled; that lies outside what a client can clean, and the
certificate says so. Column statistics hold sample values: `purge` renews them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import psycopg
import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.failures import translated
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.statements import POSTGRESQL, quoted

NATIVE_TYPES = (
    "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c "
    "JOIN information_schema.tables AS t USING (table_schema, table_name) "
    "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
    "ORDER BY c.table_name, c.ordinal_position"
)
VIEWS = (
    "SELECT c.relname, pg_get_viewdef(c.oid), c.relkind = 'm', a.attname, format_type(a.atttypid, NULL) "
    "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
    "WHERE n.nspname = current_schema() AND c.relkind IN ('v', 'm') "
    "AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e') "  # an extension's own
    "ORDER BY c.relname, a.attnum"
)


class PostgresSource(RelationalSource):
    """A `Source` over the current schema of one database."""

    dialect = POSTGRESQL
    sql = "postgres"

    def __init__(self, system: str, url: str) -> None:
        super().__init__(system)
        with translated(system):
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=10, application_name="sekisho", options="-c timezone=UTC"
            )

    def purge(self) -> None:
        """Rewrite every table and its indexes, and renew the planner's sample values."""
        for table in self.crawl():
            with translated(self.system):
                self._connection.execute(f"VACUUM (FULL, ANALYZE) {quoted(table)}".encode())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        return self._connection.execute(NATIVE_TYPES).fetchall()

    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        rows = self._connection.execute(VIEWS).fetchall()
        for (name, text, keeps_rows), columns in groupby(rows, key=lambda row: row[:3]):
            yield name, text, keeps_rows, {column: native for *_, column, native in columns}

    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([(name, values.ARROW[plain]) for name, plain in types.items()])
        with self._connection.transaction(), self._connection.cursor(name="sekisho_rows") as cursor:
            cursor.itersize = BATCH_ROWS
            cursor.execute(text.encode(), tuple(bound))
            seen = False
            while (rows := cursor.fetchmany(BATCH_ROWS)) or not seen:
                seen = True
                columns = zip(*rows, strict=True) if rows else ((),) * len(types)
                arrays = [
                    pa.array([values.fit(value, plain) for value in column], values.ARROW[plain])
                    for column, plain in zip(columns, types.values(), strict=True)
                ]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(text.encode(), [tuple(bound) for bound in many])
