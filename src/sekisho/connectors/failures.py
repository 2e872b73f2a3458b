"""Errors of foreign stores become ours: a stable code and the system's id, never the store's message.

A store's own message may quote the row that failed; the message stays behind as the cause and is not printed.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import psycopg
from deltalake import exceptions as delta

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.connectors"
READ_ONLY_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}
NO_SPACE_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SIGNS = (  # what the stores' messages say, folded to codes; the first that fits
    ("connector.read-only", ("read-only", "readonly", "read only", "permission denied")),
    (
        "connector.no-space",
        ("disk is full", "no space left", "full disk", "disk full", "file too large", "disk i/o error"),
    ),
    ("connector.referenced", ("foreign key",)),
    ("connector.busy", ("locked", "could not set lock", "conflicting lock", "different configuration")),
)
STORE_ERRORS = (sqlite3.Error, duckdb.Error, psycopg.Error, delta.DeltaError, OSError)


@contextmanager
def translated(system: str) -> Iterator[None]:
    """Whatever the store raises inside leaves as a coded error that names the system only."""
    try:
        yield
    except STORE_ERRORS as error:
        raise refusal(_code_of(error), system) from error


def refusal(code: str, system: str, **values: object) -> SekishoError:
    """A coded error of this room."""
    return SekishoError(code, room=ROOM, system=system, **values)


def _code_of(error: Exception) -> str:
    if isinstance(error, OSError):
        if error.errno in READ_ONLY_ERRNOS:
            return "connector.read-only"
        if error.errno in NO_SPACE_ERRNOS:
            return "connector.no-space"
    if isinstance(error, delta.CommitFailedError):
        return "connector.conflict"
    said = str(error).lower()
    for code, signs in SIGNS:
        if any(sign in said for sign in signs):
            return code
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "connector.read-only"
    unreachable = (FileNotFoundError, psycopg.OperationalError, duckdb.IOException, delta.TableNotFoundError)
    cannot_open = "unable to open database" in said or "not a database" in said
    return "connector.unreachable" if isinstance(error, unreachable) or cannot_open else "connector.failed"
