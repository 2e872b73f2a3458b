"""A PostgreSQL database, through psycopg; parameters are bound by the server.

The write-ahead log keeps old row images until it is recycled; that lies outside what a client can clean, and the
certificate says so. Column statistics hold sample values: `purge` renews them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby

import psycopg
import pyarrow as pa

from sekisho.connectors import values
from sekisho.connectors.failures import refusal, translated
from sekisho.connectors.postgresql_horizon import wait_for_older
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.source import Scalar, Where
from sekisho.connectors.statements import POSTGRESQL, quoted, unmatched

OPTIONS = "-c timezone=UTC -c constraint_exclusion=on"  # the second: a partition's bounds may answer for its rows
NATIVE_TYPES = (
    "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c "
    "JOIN information_schema.tables AS t USING (table_schema, table_name) "
    "JOIN pg_class AS p ON p.relname = c.table_name AND p.relnamespace = current_schema()::regnamespace "
    "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' AND NOT p.relispartition "
    "ORDER BY c.table_name, c.ordinal_position"
)
LEAVES = (  # a partition for whatever fits no other is never let go as a whole
    "SELECT t.relid::regclass::text FROM pg_partition_tree(%s::regclass) AS t JOIN pg_class AS c ON c.oid = t.relid "
    "WHERE t.isleaf AND c.relispartition AND pg_get_expr(c.relpartbound, c.oid) <> 'DEFAULT' ORDER BY 1"
)
SAMPLED = (
    "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute AS a JOIN pg_stats AS s "
    "ON s.attname = a.attname JOIN pg_class AS c ON c.oid = a.attrelid AND c.relname = s.tablename "
    "JOIN pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = s.schemaname "
    "WHERE a.attrelid = %s::regclass AND a.attnum > 0"
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
        self._changed: set[str] = set()  # tables and partitions, as statements name them
        self._sampled: set[str] = set()  # partitioned tables, of which only the samples are their own
        with translated(system):
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=10, application_name="sekisho", options=OPTIONS
            )

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows."""
        self._mark(table, where)
        super().erase(table, where)

    def blank(self, table: str, columns: Sequence[str], where: Where) -> None:
        """Null these columns in the matching rows."""
        self._mark(table, where)
        super().blank(table, columns, where)

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys."""
        self._mark(table, ())
        super().rewrite_text(table, column, key, texts)

    def drop_partitions(self, table: str, where: Where) -> int:
        """Drop the partitions of which every row matches; those with no row at all stay for what may come."""
        if not where:
            raise refusal("connector.no-condition", self.system, table=table)
        text, bound = unmatched(self.dialect, where, self._types(table, [test.column for test in where]))
        gone = 0
        with translated(self.system):
            for (leaf,) in self._connection.execute(LEAVES, (quoted(table),)).fetchall():
                gone += self._let_go(leaf, text, bound)
        if gone:
            self._sampled.add(quoted(table))
        return gone

    def purge(self) -> None:
        """Rewrite every table with its indexes, and renew the planner's sample values."""
        self._rewrite({quoted(table) for table in self.crawl()}, set())

    def purge_changed(self) -> None:
        """The same, of the tables and partitions this source itself changed; for what somebody left undone there is `purge`."""
        self._rewrite(self._changed, self._sampled)

    def _rewrite(self, names: set[str], sampled: set[str]) -> None:
        with translated(self.system):
            if names:
                with self._connection.cursor() as cursor:
                    wait_for_older(cursor)
            for name in sorted(names):
                self._connection.execute(f"VACUUM (FULL, ANALYZE) {name}".encode())
                self._forget_samples(name)
            for name in sorted(sampled - names):
                self._connection.execute(f"ANALYZE {name}".encode())
        self._changed, self._sampled = set(), set()

    def _forget_samples(self, name: str) -> None:
        """An empty table keeps the samples of what it held, whoever analyses it; a column given its own type anew has none."""
        found = self._connection.execute(f"SELECT EXISTS (SELECT FROM {name})".encode()).fetchone()  # noqa: S608
        if found == (True,):
            return
        for column, native in self._connection.execute(SAMPLED, (name,)).fetchall():
            with suppress(
                psycopg.errors.FeatureNotSupported, psycopg.errors.InvalidTableDefinition
            ):  # used by a view, say
                text = f"ALTER TABLE {name} ALTER COLUMN {quoted(column)} TYPE {native}"
                self._connection.execute(text.encode())

    def _let_go(self, leaf: str, text: str, bound: Sequence[object]) -> bool:
        """A look first, which takes no locks; then under one that keeps out whoever would put a row in meanwhile."""
        look = f"SELECT EXISTS (SELECT FROM {leaf}), EXISTS (SELECT FROM {leaf} WHERE {text})".encode()  # noqa: S608
        if self._connection.execute(look, tuple(bound)).fetchone() != (True, False):
            return False
        with self._connection.transaction():
            self._connection.execute(f"LOCK TABLE {leaf} IN ACCESS EXCLUSIVE MODE".encode())
            if self._connection.execute(look, tuple(bound)).fetchone() != (True, False):
                return False
            self._connection.execute(f"DROP TABLE {leaf}".encode())  # emptied, it would keep its sample values
            return True

    def _mark(self, table: str, where: Where) -> None:
        """Remember what `purge` has to rewrite: of a partitioned table the partitions with rows that match, or all."""
        types = self._types(table, [test.column for test in where])
        names = {quoted(table)}
        with translated(self.system):
            partitioned = where and self._connection.execute(LEAVES, (quoted(table),)).fetchone()
            if partitioned:
                text, bound = self._where(table, where, types)
                found = self._connection.execute(
                    f"SELECT DISTINCT tableoid::regclass::text FROM {quoted(table)} WHERE {text}".encode(),  # noqa: S608
                    tuple(bound),
                ).fetchall()
                names = {name for (name,) in found}
                self._sampled.add(quoted(table))
        self._changed |= names

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction over one snapshot; a row that comes meanwhile is neither read nor written."""
        with translated(self.system), self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

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
