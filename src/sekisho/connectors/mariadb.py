"""A MariaDB database, through SQLAlchemy and PyMySQL. Every value of a statement stands in a key table (`mariadb_keys`).

`purge` rebuilds each table's file. What no client can clean, and the certificate says so: the binary log keeps row images
until it expires, the redo log and the undo spaces until they are written over, the general and slow logs no values of ours.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import pyarrow as pa
from pymysql import err
from pymysql.constants import CLIENT
from pymysql.cursors import SSCursor
from sqlalchemy import create_engine, exc, make_url

from sekisho.connectors import mariadb_keys, values
from sekisho.connectors.failures import refusal
from sekisho.connectors.mariadb_keys import Keys
from sekisho.connectors.mariadb_statements import condition, same
from sekisho.connectors.relational import BATCH_ROWS, RelationalSource
from sekisho.connectors.source import Scalar, Where
from sekisho.connectors.statements import MARIADB, quoted

NATIVE_TYPES = (
    "SELECT c.table_name, c.column_name, c.data_type, c.collation_name FROM information_schema.columns AS c "
    "JOIN information_schema.tables AS t ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
    "WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE' ORDER BY c.table_name, c.ordinal_position"
)
VIEWS = (
    "SELECT v.table_name, v.view_definition, c.column_name, c.data_type FROM information_schema.views AS v "
    "LEFT JOIN information_schema.columns AS c ON c.table_schema = v.table_schema AND c.table_name = v.table_name "
    "WHERE v.table_schema = DATABASE() ORDER BY v.table_name, c.ordinal_position"
)
SESSION = (
    "SET SESSION sql_mode = 'ANSI_QUOTES,STRICT_ALL_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO', "
    "SESSION time_zone = '+00:00', SESSION innodb_lock_wait_timeout = 30"
)
CODES = {  # the server's numbers, which its messages' language does not change
    1142: "connector.read-only",
    1143: "connector.read-only",
    1227: "connector.read-only",
    1290: "connector.read-only",
    1036: "connector.read-only",
    1021: "connector.no-space",
    1114: "connector.no-space",
    1205: "connector.busy",
    1213: "connector.conflict",
    1044: "connector.unreachable",
    1045: "connector.unreachable",
    1049: "connector.unreachable",
    2003: "connector.unreachable",
    2006: "connector.unreachable",
    2013: "connector.unreachable",
}


class MariadbSource(RelationalSource):
    """A `Source` over one database of a MariaDB server, 10.6 or newer."""

    dialect = MARIADB
    sql = "mysql"

    def __init__(self, system: str, url: str) -> None:
        super().__init__(system)
        self._collations: dict[tuple[str, str], str] = {}
        self._held: Any = None  # the connection of a transaction over several statements
        with _told(system):
            place = make_url(url).set(drivername="mariadb+pymysql")
            self._engine = create_engine(
                place,
                connect_args={
                    "client_flag": CLIENT.LOCAL_FILES,  # allowed by the flag, answered by mariadb_keys alone
                    "charset": "utf8mb4",
                    "connect_timeout": 10,
                    "init_command": SESSION,
                },
            )
            self._engine.connect().close()

    def erase(self, table: str, where: Where) -> None:
        """Remove the matching rows; the form over several tables lets the server join the keys."""
        text, bound = self._condition(table, where)
        self._write(f"DELETE {quoted(table)} FROM {quoted(table)} WHERE {text}", [bound])

    def rewrite_text(
        self, table: str, column: str, key: Sequence[str], texts: Mapping[tuple[Scalar, ...], str]
    ) -> None:
        """Replace the text in the rows with these keys, by one join with them."""
        types = self._types(table, [column, *key])
        rows = [
            (*(values.fit(value, types[name]) for name, value in zip(key, at, strict=True)), text)
            for at, text in texts.items()
        ]
        if not rows:
            return
        keys = Keys("sekisho_texts", (*(types[name] for name in key), values.TEXT), rows)
        on = " AND ".join(same(name, types[name], f"k.c{place}") for place, name in enumerate(key))
        changed = f"{quoted(table)}.{quoted(column)} = k.c{len(key)}"
        self._write(f"UPDATE {quoted(table)} JOIN {keys.name} AS k ON {on} SET {changed}", [[keys]])  # noqa: S608

    def append(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> None:
        """Add these rows; their values stand in a key table first, like all values."""
        types = self._types(table, columns)
        plain = tuple(types[name] for name in columns)
        told = [tuple(values.fit(value, kind) for value, kind in zip(row, plain, strict=True)) for row in rows]
        if not told:
            return
        keys = Keys("sekisho_rows", plain, told)
        names, taken = ", ".join(map(quoted, columns)), ", ".join(f"c{place}" for place in range(len(plain)))
        self._write(f"INSERT INTO {quoted(table)} ({names}) SELECT {taken} FROM {keys.name}", [[keys]])  # noqa: S608

    @contextmanager
    def together(self) -> Iterator[None]:
        """One transaction in which what was read stays as it was read: writers of those rows, and of new ones, wait.

        A snapshot is not enough here: InnoDB deletes what stands when it deletes, also rows that came after the snapshot.
        """
        with _told(self.system):
            pooled = self._engine.raw_connection()
            try:
                connection: Any = pooled.driver_connection
                connection.cursor().execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                connection.begin()
                self._held = connection
                yield
                connection.commit()
            except BaseException:
                pooled.invalidate()  # the server undoes it
                raise
            finally:
                self._held = None
                pooled.close()

    def purge(self) -> None:
        """Rebuild every table's file, and renew the column statistics where the server keeps some."""
        for table in self.crawl():
            with _told(self.system), self._session() as connection:
                connection.cursor().execute(f"ALTER TABLE {quoted(table)} FORCE")
                self._renew_statistics(connection, table)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _renew_statistics(self, connection: Any, table: str) -> None:
        cursor = connection.cursor()
        try:
            cursor.execute("SELECT table_name FROM mysql.column_stats WHERE db_name = DATABASE()")
        except err.Error:  # no right to look: renewed in any case, which needs none
            known = {table}
        else:
            known = {name for (name,) in cursor.fetchall()}
        if table in known:
            cursor.execute(f"ANALYZE TABLE {quoted(table)} PERSISTENT FOR ALL")

    def _native_types(self) -> Iterable[tuple[str, str, str]]:
        with _told(self.system), self._session() as connection:
            cursor = connection.cursor()
            cursor.execute(NATIVE_TYPES)
            rows = cursor.fetchall()
        self._collations = {(table, column): collation or "" for table, column, _, collation in rows}
        return [(table, column, native) for table, column, native, _ in rows]

    def _definitions(self) -> Iterable[tuple[str, str, bool, Mapping[str, str]]]:
        with _told(self.system), self._session() as connection:
            cursor = connection.cursor()
            cursor.execute(VIEWS)
            rows = cursor.fetchall()
        found: dict[str, tuple[str, dict[str, str]]] = {}
        for name, text, column, native in rows:
            found.setdefault(name, (text, {}))[1].update({column: native} if column else {})
        return [(name, text, False, columns) for name, (text, columns) in found.items()]

    def _where(self, table: str, where: Where, types: Mapping[str, str]) -> tuple[str, list[object]]:
        text, keys = condition(where, types, {name: self._collations.get((table, name), "") for name in types})
        return text, list(keys)

    def _select(self, text: str, bound: Sequence[object], types: Mapping[str, str]) -> Iterator[pa.RecordBatch]:
        schema = pa.schema([(name, values.ARROW[plain]) for name, plain in types.items()])
        with _told(self.system), self._session(bound) as connection, connection.cursor(SSCursor) as cursor:
            cursor.execute(text)
            seen = False
            while (rows := cursor.fetchmany(BATCH_ROWS)) or not seen:
                seen = True
                columns = zip(*rows, strict=True) if rows else ((),) * len(types)
                arrays = [_array(column, plain) for column, plain in zip(columns, types.values(), strict=True)]
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _write(self, text: str, many: Sequence[Sequence[object]]) -> None:
        for bound in many:
            with _told(self.system), self._session(bound) as connection:
                if self._held is not None:
                    connection.cursor().execute(text)
                    continue
                connection.begin()
                try:
                    connection.cursor().execute(text)
                    connection.commit()
                except BaseException:
                    connection.rollback()
                    raise

    @contextmanager
    def _session(self, bound: Sequence[object] = ()) -> Iterator[Any]:
        """A connection of the pool in which these key tables stand. One that failed is not given back."""
        keys = [one for one in bound if isinstance(one, Keys)]
        if self._held is not None:  # what fails in it ends it as a whole
            for one in keys:
                mariadb_keys.load(self._held, one)
            yield self._held
            mariadb_keys.drop(self._held, [one.name for one in keys])
            return
        pooled = self._engine.raw_connection()
        connection: Any = pooled.driver_connection
        try:
            for one in keys:
                mariadb_keys.load(connection, one)
            yield connection
            mariadb_keys.drop(connection, [one.name for one in keys])
        except BaseException:
            pooled.invalidate()
            raise
        finally:
            pooled.close()


@contextmanager
def _told(system: str) -> Iterator[None]:
    """The server's errors as ours."""
    try:
        yield
    except exc.DBAPIError as error:
        _refuse(system, error.orig or error)
    except exc.SQLAlchemyError as error:
        raise refusal("connector.unreachable", system) from error
    except err.Error as error:
        _refuse(system, error)


def _refuse(system: str, error: BaseException) -> NoReturn:
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    raise refusal(CODES.get(number, "connector.failed"), system) from error


def _array(column: Iterable[object], plain: str) -> pa.Array:
    if plain == values.TEXT:
        told = [value if value is None or isinstance(value, str) else _text(value) for value in column]
        return pa.array(told, pa.string())
    if plain == values.NUMBER:
        return pa.array([None if value is None else float(str(value)) for value in column], pa.float64())
    return pa.array([values.fit(value, plain) for value in column], values.ARROW[plain])


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
