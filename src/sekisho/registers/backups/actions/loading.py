"""Load the tables of a backup into an empty PostgreSQL, in one transaction, in the form they had on the backup's day."""

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from psycopg import sql

from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.actions.restoring import TABLES, Opened, number_of, sealed_part
from sekisho.registers.backups.actions.sealed import unseal
from sekisho.registers.backups.rules import ROOM


def load_tables(opened: Opened) -> int:
    """Bring the schema to the backup's migrations and copy every table in; returns how many. A repeat starts over.

    Migrations that came later are applied when the home is opened. Raises: backups.part-altered,
    backups.newer-version.
    """
    executor = MigrationExecutor(connection)
    known = set(executor.loader.disk_migrations)
    targets = list(opened.manifest.migrations.items())
    if not known.issuperset(targets):
        raise SekishoError("backups.newer-version", room=ROOM, backup=opened.manifest.ref)
    executor.migrate(targets)
    parts = [part for part in opened.manifest.parts if part.path.startswith(f"{TABLES}/")]
    names = [part.path.removeprefix(f"{TABLES}/") for part in parts]
    with transaction.atomic(), connection.cursor() as cursor:
        for name in names:  # the ledger's triggers refuse what a restore has to do: empty, and insert with numbers
            cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(name)))
        cursor.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(map(sql.Identifier, names))))
        for part, name in zip(parts, names, strict=True):
            into = sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(sql.Identifier(name))
            with cursor.copy(into) as copy:
                for chunk in unseal(sealed_part(opened, part), opened.key, opened.manifest.ref, number_of(part)):
                    copy.write(chunk)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # references are checked now, all tables being there
        for name in names:
            cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)))
            _advance(name)
    return len(parts)


def _advance(table: str) -> None:
    """Numbers given out from now on come after those that are there."""
    with connection.cursor() as asked:
        asked.execute(
            "SELECT pg_get_serial_sequence(%s, 'id') WHERE EXISTS (SELECT 1 FROM information_schema.columns "
            "WHERE table_name = %s AND column_name = 'id' AND table_schema = current_schema())",
            [f'"{table}"', table],
        )
        row = asked.fetchone()
        if row and row[0]:
            asked.execute(
                sql.SQL("SELECT setval(%s, (SELECT COALESCE(max(id), 0) + 1 FROM {}), false)").format(
                    sql.Identifier(table)
                ),
                [row[0]],
            )
