"""A MariaDB store as one file, and back into a database that is there for it alone: mariadb-dump and mariadb.

The live store is read by mariadb-dump in one snapshot (of its InnoDB tables) and nothing else. What is written to is held to
be empty first, or to carry our mark, its comment. Passwords go by the environment, not by arguments. Events stay behind: they
would run in the copy by themselves. Definers too: views, triggers and routines belong to whoever loads them.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymysql import err
from sqlalchemy import URL, create_engine, exc, make_url

from sekisho.connectors.failures import refusal
from sekisho.connectors.mariadb import CODES

TOOLS = ("mariadb-dump", "mariadb")
MARK = "sekisho_drill"  # comment of a database that a drill emptied and filled
WHICH = "SELECT @@hostname, @@port, @@datadir, lower(DATABASE())"  # the same server and the same database in it
COMMENT = "SELECT schema_comment FROM information_schema.schemata WHERE schema_name = DATABASE()"
TABLES = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE()"
ROUTINES = "SELECT routine_name, routine_type FROM information_schema.routines WHERE routine_schema = DATABASE()"
EVENTS = "SELECT event_name, 'EVENT' FROM information_schema.events WHERE event_schema = DATABASE()"
KINDS = {"VIEW": "VIEW", "SEQUENCE": "SEQUENCE"}  # whatever else stands among the tables is a table
DEFINING = (
    b"/*!50013 DEFINER=",
    b"/*!50003 CREATE*/ /*!50017 DEFINER=",
    b"CREATE DEFINER=",
    b"/*!50106 CREATE DEFINER=",
)
DEFINER = re.compile(rb"DEFINER=`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?")
SAFE = {"ssl_ca": "--ssl-ca", "ssl_cert": "--ssl-cert", "ssl_key": "--ssl-key", "unix_socket": "--socket"}


def are_there() -> bool:
    """Whether this machine has the tools."""
    return all(shutil.which(tool) for tool in TOOLS)


def which(system: str, url: str) -> str:
    """The server and the database in it, however the url spells them. Raises: connector.unreachable."""
    with _connected(system, url) as cursor:
        return _row(cursor, WHICH)


def claim(system: str, url: str, live: str) -> None:
    """Take an empty database, or what a drill left in one, and mark it. Raises: connector.not-empty, connector.unreachable."""
    other = which(system, live)
    with _connected(system, url) as cursor:
        if _row(cursor, WHICH) == other or (_things(cursor) and not _is_marked(cursor)):
            raise refusal("connector.not-empty", system)
        _mark(cursor, url, MARK)


def wipe(system: str, url: str, *, keep_mark: bool = True) -> None:
    """Empty a database that carries the mark. Raises: connector.not-empty where it does not."""
    with _connected(system, url) as cursor:
        if not _is_marked(cursor):
            raise refusal("connector.not-empty", system)
        cursor.execute("SET SESSION foreign_key_checks = 0")
        for name, kind in _things(cursor):
            cursor.execute(f"DROP {kind} {_quoted(name)}")
        if not keep_mark:
            _mark(cursor, url, "")


def dump(system: str, url: str, path: Path) -> None:
    """The store as it is in one snapshot. Raises: connector.tool-failed."""
    told = ("--single-transaction", "--skip-lock-tables", "--routines", "--triggers", "--hex-blob", "--no-tablespaces")
    place = make_url(url)
    command = _command("mariadb-dump", place, *told, "--skip-dump-date", "--default-character-set=utf8mb4")
    with _process(command, place, stdout=subprocess.PIPE) as ran, path.open("wb") as file:
        path.chmod(0o600)
        for line in ran.stdout:
            file.write(DEFINER.sub(b"", line, count=1) if line.startswith(DEFINING) else line)
    if ran.returncode:
        raise refusal("connector.tool-failed", system, tool="mariadb-dump")


def load(system: str, url: str, path: Path) -> None:
    """Put a dump into a marked database, emptied first. Raises: connector.not-empty, connector.tool-failed."""
    wipe(system, url)
    place = make_url(url)
    command = _command("mariadb", place, "--batch", "--default-character-set=utf8mb4")
    with path.open("rb") as file, _process(command, place, stdin=file, stdout=subprocess.DEVNULL) as ran:
        ran.wait()
    if ran.returncode:
        raise refusal("connector.tool-failed", system, tool="mariadb")


def _command(tool: str, place: URL, *told: str) -> list[str]:
    """Nobody's own configuration is read: the url says where."""
    query = {name: value for name, value in place.query.items() if name in SAFE and isinstance(value, str)}
    where = [f"{SAFE[name]}={value}" for name, value in query.items()]
    if "unix_socket" not in query:
        where += ["--protocol=TCP", f"--host={place.host or 'localhost'}", f"--port={place.port or 3306}"]
    return [tool, "--no-defaults", *where, f"--user={place.username or ''}", *told, str(place.database or "")]


@contextmanager
def _process(command: Sequence[str], place: URL, **pipes: Any) -> Iterator[Any]:
    """A tool; what it says on failure is dropped: it may repeat rows."""
    found = {name: value for name, value in os.environ.items() if not name.startswith("MYSQL_")}
    env: Mapping[str, str] = found | {"MYSQL_PWD": str(place.password or "")}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=env, **pipes) as ran:  # noqa: S603  our own
        yield ran


@contextmanager
def _connected(system: str, url: str) -> Iterator[Any]:
    try:
        engine = create_engine(make_url(url).set(drivername="mariadb+pymysql"), connect_args={"connect_timeout": 10})
        connection = engine.raw_connection()
        try:
            yield connection.cursor()
            connection.commit()
        finally:
            connection.close()
            engine.dispose()
    except (exc.DBAPIError, err.Error) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        number = cause.args[0] if cause is not None and cause.args else 0
        raise refusal(CODES.get(number, "connector.failed"), system) from error


def _things(cursor: Any) -> list[tuple[str, str]]:
    """Everything that stands in the database, by name and kind; views first."""
    found: list[tuple[str, str]] = []
    for query in (TABLES, ROUTINES, EVENTS):
        cursor.execute(query)
        rows = [(str(name), str(kind)) for name, kind in cursor.fetchall()]
        found += [(name, KINDS.get(kind, "TABLE")) for name, kind in rows] if query is TABLES else rows
    return sorted(found, key=lambda one: one[1] != "VIEW")


def _is_marked(cursor: Any) -> bool:
    cursor.execute(COMMENT)
    row = cursor.fetchone()
    return bool(row) and row[0] == MARK


def _mark(cursor: Any, url: str, comment: str) -> None:
    cursor.execute(f"ALTER DATABASE {_quoted(str(make_url(url).database))} COMMENT = %s", (comment,))


def _row(cursor: Any, query: str) -> str:
    cursor.execute(query)
    return repr(cursor.fetchone())


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
