"""A copy of everything a home holds, each store as it was at one instant, as streams of bytes with their places.

SQLite by its online backup; PostgreSQL by COPY in one snapshot; DuckDB, Delta and JSON Lines as files while nobody else
writes them. A store of the carrier's that is not in the home is named, not copied: its backup is the carrier's own.
"""

import sqlite3
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import connection

from sekisho.connectors import locks
from sekisho.connectors.failures import translated
from sekisho.engine.catalog.model import SystemKind
from sekisho.evidence.folder import Folder
from sekisho.registers.backups.actions.sealed import file_chunks
from sekisho.registers.backups.queries.stores import stores
from sekisho.registers.backups.rules.limits import limits

PRODUCT = "sekisho"
LEDGER = "ledger"
TABLES = "tables"
SKIPPED = (".lock", ".new")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file to come: its place in the home (or `tables/<name>` of PostgreSQL), its store, and its bytes."""

    path: str
    system: str
    chunks: Iterator[bytes]


def product(work: Path) -> Iterator[Piece]:
    """The product database in one snapshot."""
    if connection.vendor == "postgresql":
        with _snapshot() as tables:
            for table in tables:
                yield Piece(path=f"{TABLES}/{table}", system=PRODUCT, chunks=_copied_out(table))
        return
    path = Path(connection.settings_dict["NAME"])
    yield Piece(path=path.name, system=PRODUCT, chunks=_sqlite(path, work, PRODUCT))


def ledger() -> Iterator[Piece]:
    """The ledger's files, while nobody lengthens them."""
    home = Path(settings.HOME)
    with Folder(home / LEDGER).alone():
        yield from _files(home, home / LEDGER, LEDGER)


def systems(work: Path) -> Iterator[Piece]:
    """Every store in the home, one after another."""
    home = Path(settings.HOME).resolve()
    for id_, (kind, path) in stores().inside.items():
        yield from BY_KIND.get(kind, _plain_store)(home, id_, path, work)


def rest() -> Iterator[Piece]:
    """Keys, configuration and whatever else stands in the home and is not left out."""
    home = Path(settings.HOME).resolve()
    out = [home / one.path for one in limits().left_out]
    out += [home / LEDGER, *(path for _, path in stores().inside.values())]
    database = Path(str(connection.settings_dict["NAME"])).name if connection.vendor == "sqlite" else ""
    for path in sorted(home.rglob("*")):
        if not path.is_file() or any(path.is_relative_to(one) or _beside(path, one) for one in out):
            continue
        if path.name.startswith((".", database or "\0")) or path.name.endswith(SKIPPED):
            continue
        yield Piece(path=path.relative_to(home).as_posix(), system="", chunks=file_chunks(path))


def _beside(path: Path, store: Path) -> bool:
    """What a store writes beside its file: journals, locks."""
    return (path.parent == store.parent and path.name.startswith(f"{store.name}-")) or path.name == f"{store.name}.lock"


def _sqlite(path: Path, work: Path, system: str) -> Iterator[bytes]:
    """The copy stands in the home for a moment, never unsealed where the backup goes."""
    with tempfile.NamedTemporaryFile(dir=work, suffix=".sqlite3") as copy:
        with translated(system):
            source = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=30)
            target = sqlite3.connect(copy.name)
            try:
                source.backup(target)
            finally:
                target.close()
                source.close()
        yield from file_chunks(Path(copy.name))


def _sqlite_store(home: Path, id_: str, path: Path, work: Path) -> Iterator[Piece]:
    yield Piece(path=path.relative_to(home).as_posix(), system=id_, chunks=_sqlite(path, work, id_))


def _duckdb_store(home: Path, id_: str, path: Path, work: Path) -> Iterator[Piece]:  # noqa: ARG001  one shape for all
    """An open read-only connection keeps writers of other processes out, our lock those of this one."""
    with locks.held(id_, Path(f"{path}.lock")):
        with translated(id_):
            reader = duckdb.connect(str(path), read_only=True)
        try:
            for file in (path, path.with_name(f"{path.name}.wal")):
                if file.exists():
                    yield Piece(path=file.relative_to(home).as_posix(), system=id_, chunks=file_chunks(file))
        finally:
            reader.close()


def _plain_store(home: Path, id_: str, path: Path, work: Path) -> Iterator[Piece]:  # noqa: ARG001  one shape for all
    if path.is_file():
        yield Piece(path=path.relative_to(home).as_posix(), system=id_, chunks=file_chunks(path))
        return
    with locks.held(id_, path / ".lock"):
        yield from _files(home, path, id_)


def _files(home: Path, folder: Path, system: str) -> Iterator[Piece]:
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        if not path.name.endswith(SKIPPED) and not path.name.startswith(".new-"):
            yield Piece(path=path.relative_to(home).as_posix(), system=system, chunks=file_chunks(path))


@contextmanager
def _snapshot() -> Generator[list[str]]:
    """Every table of the product database, all as of one instant."""
    from django.db import transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield sorted(connection.introspection.table_names(cursor))


def _copied_out(table: str) -> Iterator[bytes]:
    from psycopg import sql

    with (
        connection.cursor() as cursor,
        cursor.copy(sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(table))) as copy,
    ):
        for chunk in copy:
            yield bytes(chunk)


BY_KIND = {SystemKind.SQLITE: _sqlite_store, SystemKind.DUCKDB: _duckdb_store}
