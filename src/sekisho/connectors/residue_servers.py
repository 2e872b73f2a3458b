"""Looking into servers: every row as a client sees it, sample values, and what lies in the files where that is allowed.

Dead rows stay in the files of a PostgreSQL table until it is vacuumed. Whoever may read the server's files (a role in
pg_read_server_files) has them looked at byte by byte; else the place says that they were not.
"""

from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import psycopg

from sekisho.connectors.needles import Needles
from sekisho.connectors.residue_files import OVERLAP_BYTES, Found
from sekisho.connectors.residue_tables import ROWS, in_rows, quoted

PIECE = 16 * 1024 * 1024
SEGMENT = 1 << 30  # PostgreSQL cuts its files here
TABLES = (
    "SELECT n.nspname, c.relname, n.nspname = current_schema() FROM pg_class AS c "
    "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') "
    "ORDER BY 1, 2"
)
SAMPLES = (
    "SELECT tablename || '.' || attname, concat_ws(chr(31), most_common_vals::text, histogram_bounds::text, "
    "most_common_elems::text) FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
)
FILES = (  # tables, their long values, their indexes, those of copies too
    "SELECT CASE WHEN n.nspname = 'pg_toast' THEN 'long values of ' || coalesce(o.relname, '?') ELSE c.relname END, "
    "pg_relation_filepath(c.oid), pg_relation_size(c.oid) FROM pg_class AS c "
    "JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN pg_class AS o ON o.reltoastrelid = c.oid "
    "WHERE c.relkind IN ('r', 'm', 't', 'i') AND n.nspname NOT IN ('pg_catalog', 'information_schema') "
    "AND c.relpersistence <> 't' AND pg_relation_size(c.oid) > 0 "
    "AND (n.nspname <> 'pg_toast' OR o.oid >= 16384 OR c.relkind = 'i') ORDER BY 1"
)
MAY_READ = (
    "SELECT pg_has_role(current_user, 'pg_read_server_files', 'USAGE') "
    "AND has_function_privilege('pg_read_binary_file(text, bigint, bigint, boolean)', 'EXECUTE')"
)
SUPERUSER = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def postgresql(url: str, needles: Needles) -> Iterator[Found]:
    """Every row of every table of every schema, the sample values the planner keeps, and dead rows in the files."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        for schema, table, is_here in connection.execute(TABLES).fetchall():
            name = f"{quoted(schema)}.{quoted(table)}"
            place = table if is_here else f"{schema}: {table}"
            with connection.transaction(), connection.cursor(name="sekisho_residue") as cursor:
                cursor.execute(f"SELECT * FROM {name}".encode())  # noqa: S608 names from the catalogue
                while rows := cursor.fetchmany(ROWS):
                    names = [column.name for column in cursor.description or ()]
                    yield from in_rows(place, names, rows, needles)
        for place, values in connection.execute(SAMPLES).fetchall():
            for label in sorted(needles.in_text(values or "")):
                yield str(place), label, "statistics"
        if may_read_files(connection):
            yield from _in_files(connection, needles)


def beyond(url: str) -> tuple[str, ...]:
    """What of a PostgreSQL was out of reach of the look, in codes: the certificate says so."""
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        files = () if may_read_files(connection) else ("files",)
    return ("write-ahead-log", "backups", *files)


def may_read_files(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    """Whether this role may read the server's own files, and make it write them out first."""
    answer = connection.execute(MAY_READ.encode()).fetchone()
    is_super = connection.execute(SUPERUSER.encode()).fetchone()
    return bool(answer and answer[0] and is_super and is_super[0])


def _in_files(connection: "psycopg.Connection[tuple[object, ...]]", needles: Needles) -> Iterator[Found]:
    connection.execute(b"CHECKPOINT")  # what only stands in memory is written out
    for name, path, size in connection.execute(FILES.encode()).fetchall():
        found: set[str] = set()
        for number in range(-(-int(str(size)) // SEGMENT)):
            file, tail, at = f"{path}.{number}" if number else str(path), b"", 0
            while True:
                row = connection.execute(b"SELECT pg_read_binary_file(%s, %s, %s, true)", (file, at, PIECE)).fetchone()
                piece = bytes(row[0]) if row and isinstance(row[0], bytes | memoryview) else b""
                if not piece:
                    break
                found |= needles.in_bytes(tail + piece)
                tail, at = piece[-OVERLAP_BYTES:], at + len(piece)
        for label in sorted(found):
            yield f"file of {name}", label, "bytes"


def mariadb(url: str, needles: Needles) -> Iterator[Found]:
    """Every row of every table of the database. Its files can't be read by a client."""
    import pymysql

    place = urlsplit(url)
    connection = pymysql.connect(
        host=place.hostname,
        port=place.port or 3306,
        user=unquote(place.username or ""),
        password=unquote(place.password or ""),
        database=place.path.strip("/"),
        charset="utf8mb4",
        cursorclass=pymysql.cursors.SSCursor,
    )
    with connection:
        with connection.cursor() as cursor:
            cursor.execute("SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'")
            tables = [row[0] for row in cursor.fetchall()]
        for table in tables:
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT * FROM `{table.replace('`', '``')}`")  # noqa: S608 names from the catalogue
                names = [column[0] for column in cursor.description]
                while rows := cursor.fetchmany(ROWS):
                    yield from in_rows(table, names, rows, needles)


MARIADB_BEYOND = ("files", "undo-and-binary-logs", "backups")
