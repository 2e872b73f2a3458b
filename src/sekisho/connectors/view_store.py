"""A PostgreSQL that holds enforced views: run their statements, replace the facts they read, look at what stands.

Everything a look needs comes from the catalog, with names written out in full; nothing here knows a policy.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self

import psycopg
import pyarrow as pa

from sekisho.connectors.failures import translated
from sekisho.connectors.statements import quoted
from sekisho.engine.errors import SekishoError

TRIES = 3
LOCK_WAIT = "10s"  # readers of a view are never kept waiting longer than this
OBJECTS = """
SELECT n.nspname, c.relname, c.relkind::text, pg_get_userbyid(c.relowner),
       CASE WHEN c.relkind = 'v' THEN concat(array_to_string(c.reloptions, ','), ' ', pg_get_viewdef(c.oid)) ELSE '' END,
       ARRAY(SELECT concat(CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, ':', a.privilege_type)
             FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS a WHERE a.grantee <> c.relowner)
       || ARRAY(SELECT concat(CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, ':',
                              a.privilege_type, '(', t.attname, ')')
                FROM pg_attribute AS t, aclexplode(t.attacl) AS a WHERE t.attrelid = c.oid AND a.grantee <> c.relowner)
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind = ANY('{r,v,m,f,p,S}')
"""
FUNCTIONS = """
SELECT n.nspname, concat(p.proname, '(', pg_get_function_identity_arguments(p.oid), ')'), 'function', pg_get_userbyid(p.proowner), '', '{}'::text[]
FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%s)
"""
SCHEMAS = """
SELECT '', n.nspname, 'schema', pg_get_userbyid(n.nspowner), '',
       ARRAY(SELECT concat(CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, ':', a.privilege_type)
             FROM aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) AS a WHERE a.grantee <> n.nspowner)
FROM pg_namespace AS n WHERE n.nspname = ANY(%s)
"""
MEMBERS = """
WITH RECURSIVE members(oid) AS (
    SELECT oid FROM pg_roles WHERE rolname = %s
    UNION SELECT m.member FROM pg_auth_members AS m JOIN members ON m.roleid = members.oid)
SELECT r.rolname, r.rolcanlogin, r.rolsuper, r.rolbypassrls, r.rolcreaterole FROM members JOIN pg_roles AS r USING (oid)
WHERE r.rolname <> current_user AND (NOT r.rolcanlogin OR has_database_privilege(r.oid, current_database(), 'CONNECT'))
ORDER BY r.rolname
"""
REACH = """
SELECT t.name, has_table_privilege(%s, t.name, 'SELECT'), has_any_column_privilege(%s, t.name, 'SELECT')
FROM unnest(%s::text[]) AS t(name)
"""
KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table", "S": "sequence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An object as the catalog has it. `grants`: "who:what" for everybody but its owner."""

    name: str
    kind: str
    owner: str
    definition: str
    grants: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A role, or who belongs to it, with what would lift it above its limits."""

    name: str
    logs_in: bool
    powers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFacts:
    """Of which version, how far the registers had come, for which Tokyo day, and until when they may be used."""

    era: str
    epoch: int
    change: int
    day: date
    good_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """New content for a whole table."""

    table: str  # written as SQL
    columns: tuple[str, ...]
    rows: pa.Table


class ViewStore:
    """One connection, as a role that may create schemas and roles and grant on the base tables."""

    def __init__(self, system: str, url: str) -> None:
        self.system = system
        with translated(system):
            self._connection = psycopg.connect(
                url, autocommit=True, connect_timeout=10, application_name="sekisho views", options="-c timezone=UTC"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    @property
    def base_schema(self) -> str:
        """The schema in which the system's tables stand."""
        return str(self._one("SELECT current_schema()")[0])

    def run(self, statements: Sequence[str]) -> None:
        """Run the statements in one transaction: all or none."""
        for again in range(TRIES - 1, -1, -1):
            try:
                with translated(self.system), self._transaction():
                    for statement in statements:
                        self._connection.execute(statement.encode())
                return
            except SekishoError as error:
                # Autovacuum may touch a table's row of the catalog while a grant rewrites it ("tuple concurrently updated").
                if not (again and isinstance(error.__cause__, psycopg.errors.InternalError_)):
                    raise

    def replace(self, replacements: Sequence[Replacement]) -> None:
        """Replace the content of tables in one transaction. Old rows leave no images behind in the tables' files."""
        with translated(self.system), self._transaction():
            for one in replacements:
                self._connection.execute(f"TRUNCATE {one.table}".encode())
                columns = ", ".join(map(quoted, one.columns))
                with (
                    self._connection.cursor() as cursor,
                    cursor.copy(f"COPY {one.table} ({columns}) FROM STDIN".encode()) as copy,
                ):
                    for batch in one.rows.to_batches(max_chunksize=50_000):
                        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                            copy.write_row(row)
            for one in replacements:
                self._connection.execute(f"ANALYZE {one.table}".encode())

    def announce(self, epoch: int, change: int) -> None:
        """Tell how far the registers have come: views whose facts are behind give nothing from now on."""
        with translated(self.system):
            self._connection.execute(
                "UPDATE gate_facts.latest SET epoch = greatest(epoch, %s), change = greatest(change, %s)",
                (epoch, change),
            )

    def standing(self, schemas: Sequence[str]) -> tuple[Standing, ...]:
        """Everything in these schemas, and the schemas themselves."""
        with translated(self.system), self._transaction():
            return tuple(self._standing(schemas))

    def tried(self, statements: Sequence[str], schemas: Sequence[str]) -> tuple[Standing, ...]:
        """What would stand in these schemas after the statements, which are taken back."""
        with translated(self.system), self._connection.transaction(force_rollback=True):
            self._connection.execute("SET LOCAL search_path TO pg_catalog")
            for statement in statements:
                self._connection.execute(statement.encode())
            return tuple(self._standing(schemas))

    def members(self, role: str) -> tuple[Member, ...]:
        """The role itself and everybody who belongs to it and can come here, by whatever way; not who asks."""
        names = ("superuser", "bypassrls", "createrole")
        with translated(self.system):
            rows = self._connection.execute(MEMBERS, (role,)).fetchall()
        return tuple(
            Member(name=row[0], logs_in=row[1], powers=tuple(n for n, has in zip(names, row[2:], strict=True) if has))
            for row in rows
        )

    def reached(self, role: str, tables: Sequence[str]) -> dict[str, str]:
        """Which of these tables a role can read, in whole or in part."""
        with translated(self.system):
            rows = self._connection.execute(REACH, (role, role, list(tables))).fetchall()
        return {name: "table" if whole else "columns" for name, whole, part in rows if whole or part}

    def facts(self) -> dict[str, SentFacts]:
        """The facts sent for each purpose; none where there is no such table."""
        with translated(self.system):
            if self._one("SELECT to_regclass('gate_facts.facts')")[0] is None:
                return {}
            rows = self._connection.execute(
                "SELECT purpose, era, epoch, change, day, good_until FROM gate_facts.facts"
            ).fetchall()
        return {
            purpose: SentFacts(era=era, epoch=epoch, change=change, day=day, good_until=until)
            for purpose, era, epoch, change, day, until in rows
        }

    def _standing(self, schemas: Sequence[str]) -> Iterator[Standing]:
        self._connection.execute("SET LOCAL search_path TO pg_catalog")  # so that definitions write names out in full
        for query in (SCHEMAS, OBJECTS, FUNCTIONS):
            for schema, name, kind, owner, definition, grants in self._connection.execute(query, (list(schemas),)):
                yield Standing(
                    name=f"{schema}.{name}" if schema else name,
                    kind=str(KINDS.get(kind, kind)),
                    owner=owner,
                    definition=definition,
                    grants=frozenset(grants),
                )

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._connection.transaction():
            self._connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'".encode())
            yield

    def _one(self, query: str) -> tuple[object, ...]:
        with translated(self.system):
            return self._connection.execute(query.encode()).fetchone() or (None,)
