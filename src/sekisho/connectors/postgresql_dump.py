"""A PostgreSQL store as one file, and back into a database that is there for it alone: pg_dump and pg_restore.

The live store is read by pg_dump in one snapshot and nothing else. What is written to is held to be empty first, or to
carry our mark: a database that anybody uses is never touched. Passwords go by the environment, not by arguments.
"""

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from sekisho.connectors.failures import refusal, translated

TOOLS = ("pg_dump", "pg_restore")
MARK = "sekisho_drill"  # schema of a database that a drill emptied and filled
VARIABLES = {
    "host": "PGHOST",
    "port": "PGPORT",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "dbname": "PGDATABASE",
    "options": "PGOPTIONS",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}
WHICH = (  # the same server process and the same database in it
    "SELECT pg_postmaster_start_time()::text, oid::text FROM pg_database WHERE datname = current_database()"
)
SCHEMAS = (
    "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY nspname"
)
ANYTHING = (
    "SELECT EXISTS (SELECT FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
    "WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')"
)


def are_there() -> bool:
    """Whether this machine has the tools."""
    return all(shutil.which(tool) for tool in TOOLS)


def schema_of(system: str, url: str) -> str:
    """The schema that the store's tables stand in. Raises: connector.unreachable."""
    with translated(system), psycopg.connect(url) as connection:
        row = connection.execute("SELECT current_schema()").fetchone()
    return str(row[0]) if row and row[0] else "public"


def which(system: str, url: str) -> str:
    """The server and the database in it, however the url spells them. Raises: connector.unreachable."""
    with translated(system), psycopg.connect(url) as connection:
        return repr(connection.execute(WHICH).fetchone())


def count_of(system: str, url: str, table: str) -> int:
    """Rows of a table; 0 where there is none. Raises: connector.unreachable."""
    with translated(system), psycopg.connect(url) as connection:
        there = connection.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
        if not (there and there[0]):
            return 0
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))).fetchone()
    return int(row[0]) if row else 0


def claim(system: str, url: str, live: str) -> None:
    """Take an empty database, or what a drill left in one, and mark it. Raises: connector.not-empty, connector.unreachable."""
    other = which(system, live)
    with translated(system), psycopg.connect(url) as connection:
        marked = MARK in _schemas(connection)
        same = repr(connection.execute(WHICH).fetchone()) == other
        row = connection.execute(ANYTHING).fetchone()
        if same or (row and row[0] and not marked):
            raise refusal("connector.not-empty", system)
        connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(MARK)))


def wipe(system: str, url: str, *, keep_mark: bool = True) -> None:
    """Empty a database that carries the mark. Raises: connector.not-empty where it does not."""
    with translated(system), psycopg.connect(url) as connection:
        schemas = _schemas(connection)
        if MARK not in schemas:
            raise refusal("connector.not-empty", system)
        for schema in schemas:
            if schema != MARK or not keep_mark:
                connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))
        connection.execute("CREATE SCHEMA IF NOT EXISTS public")


def dump(system: str, url: str, path: Path) -> None:
    """The store's schema as it is in one snapshot. Raises: connector.tool-failed, connector.unreachable."""
    schema = schema_of(system, url)
    _run(
        system,
        url,
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        f"--schema={schema}",
        f"--file={path}",
    )
    path.chmod(0o600)


def load(system: str, url: str, path: Path) -> None:
    """Put a dump into a marked database, emptied first. Raises: connector.not-empty, connector.tool-failed."""
    wipe(system, url)
    listed = _run(system, url, "pg_restore", "--list", str(path))
    with translated(system), psycopg.connect(url) as connection:
        if " SCHEMA - public " in listed:
            connection.execute("DROP SCHEMA public")
    _run(
        system,
        url,
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={_name(url)}",
        str(path),
    )


def _schemas(connection: "psycopg.Connection[tuple[object, ...]]") -> list[str]:
    return [str(row[0]) for row in connection.execute(SCHEMAS).fetchall()]


def _name(url: str) -> str:
    return str(conninfo_to_dict(url).get("dbname") or "")


def _run(system: str, url: str, *command: str) -> str:
    """Run a tool; what it says on failure is dropped: it may repeat rows."""
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(url))  # noqa: S603  our own
    if ran.returncode:
        raise refusal("connector.tool-failed", system, tool=command[0])
    return ran.stdout


def _environment(url: str) -> Mapping[str, str]:
    told = conninfo_to_dict(url)
    found = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return found | {VARIABLES[key]: str(value) for key, value in told.items() if key in VARIABLES and value is not None}
