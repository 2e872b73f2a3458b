"""Everything around the views: roles, schemas, tables of facts, grants and revokes, as statements in order.

Each purpose has two roles that nobody logs in as: one owns its views and reads exactly the base columns they need, the
other may read the views and nothing else. A statement may be run again.
"""

from dataclasses import dataclass

from sekisho.engine.gate.view_columns import quoted
from sekisho.engine.gate.view_plan import ViewPlan
from sekisho.engine.gate.view_sql import STANDING, Schemas, View, role_of, views_of
from sekisho.engine.gate.view_word import FACTS, text, words_of

FACT_TABLES = ("facts", "latest", "logins", "bounds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, and what it is for."""

    about: str
    sql: str


# Operators are looked up when a view is made: one of somebody's own, that fits the types better, must not be found.
PINNED = Statement(about="session", sql="SET LOCAL search_path TO pg_catalog")


def definer_of(purpose: str) -> str:
    """The role that owns a purpose's views."""
    return f"sekisho_definer_{purpose}"


def ddl(plan: ViewPlan, schemas: Schemas = STANDING) -> tuple[Statement, ...]:
    """All statements that make the views of a plan stand, from nothing or an earlier version; for one transaction."""
    views = views_of(plan, schemas)
    return (PINNED, *store_ddl(plan.purpose), *purpose_ddl(plan.purpose), *view_ddl(plan, views, schemas))


def store_ddl(purpose: str) -> tuple[Statement, ...]:
    """The schema of facts and its tables."""
    definer = quoted(definer_of(purpose))
    tables = {
        "facts": "purpose text PRIMARY KEY, era text NOT NULL, epoch bigint NOT NULL, change bigint NOT NULL, day date NOT NULL,"
        " loaded_at timestamptz NOT NULL, good_until timestamptz NOT NULL, people bigint NOT NULL, sha256 text NOT NULL",
        "latest": "one boolean PRIMARY KEY DEFAULT true CHECK (one), epoch bigint NOT NULL, change bigint NOT NULL",
        "logins": "login name PRIMARY KEY, known bigint NOT NULL, value bigint NOT NULL, role text, shop text NOT NULL",
        "bounds": "purpose text, source text, item text, of_column text, before date NOT NULL,"
        " PRIMARY KEY (purpose, source, item, of_column)",
    }
    made = [Statement(about="table", sql=f"CREATE TABLE IF NOT EXISTS {FACTS}.{n} ({c})") for n, c in tables.items()]
    return (
        _role(definer_of(purpose)),
        _role(role_of(purpose)),
        Statement(about="schema", sql=f"CREATE SCHEMA IF NOT EXISTS {FACTS}"),
        Statement(about="schema", sql=f"REVOKE ALL ON SCHEMA {FACTS} FROM PUBLIC"),
        Statement(about="schema", sql=f"GRANT USAGE, CREATE ON SCHEMA {FACTS} TO {definer}"),
        *made,
        *(Statement(about="grant", sql=f"GRANT SELECT ON {FACTS}.{name} TO {definer}") for name in FACT_TABLES),
    )


def purpose_ddl(purpose: str) -> tuple[Statement, ...]:
    """The words of everybody for a purpose, and the schema that its role may use."""
    words, definer, role = words_of(purpose), quoted(definer_of(purpose)), quoted(role_of(purpose))
    columns = (
        'class text NOT NULL, "by" text NOT NULL, identifier text NOT NULL, person bigint NOT NULL, since timestamptz,'
        " until timestamptz, sole boolean NOT NULL, kind text NOT NULL, known bigint NOT NULL, value bigint NOT NULL,"
        " shop text NOT NULL"
    )
    key = 'class, "by", identifier'
    return (
        Statement(about="table", sql=f"CREATE TABLE IF NOT EXISTS {words} ({columns})"),
        Statement(
            about="table",
            sql=f"CREATE UNIQUE INDEX IF NOT EXISTS {quoted(f'words_{purpose}_sole')} ON {words} ({key}) WHERE sole",
        ),
        Statement(about="table", sql=f"CREATE INDEX IF NOT EXISTS {quoted(f'words_{purpose}_all')} ON {words} ({key})"),
        Statement(about="grant", sql=f"GRANT SELECT ON {words} TO {definer}"),
        Statement(about="schema", sql=f"CREATE SCHEMA IF NOT EXISTS {role}"),
        Statement(about="schema", sql=f"REVOKE ALL ON SCHEMA {role} FROM PUBLIC"),
        Statement(about="schema", sql=f"GRANT USAGE, CREATE ON SCHEMA {role} TO {definer}"),
        Statement(about="schema", sql=f"GRANT USAGE ON SCHEMA {role} TO {role}"),
    )


def view_ddl(plan: ViewPlan, views: tuple[View, ...], schemas: Schemas) -> tuple[Statement, ...]:
    """The views, made anew: owned by the definer, read by the role, out of reach of everybody else."""
    definer, role = quoted(definer_of(plan.purpose)), quoted(role_of(plan.purpose))
    found: list[Statement] = [
        Statement(about="view", sql=f"DROP VIEW IF EXISTS {name}")
        for names in ([view.outer_name for view in views], [view.inner_name for view in views])
        for name in names
    ]
    found.append(Statement(about="grant", sql=f"GRANT USAGE ON SCHEMA {quoted(schemas.base)} TO {definer}"))
    for view in views:
        columns = ", ".join(map(quoted, view.needs))
        lines = (
            ("grant", f"REVOKE ALL ON {view.base} FROM PUBLIC, {role}, {definer}"),
            ("grant", f"GRANT SELECT ({columns}) ON {view.base} TO {definer}"),
            ("view", view.inner),
            ("view", f"ALTER VIEW {view.inner_name} OWNER TO {definer}"),
            ("view", view.outer),
            ("view", f"ALTER VIEW {view.outer_name} OWNER TO {definer}"),
            ("view", f"COMMENT ON VIEW {view.outer_name} IS {text(view.comment)}"),
            ("grant", f"REVOKE ALL ON {view.inner_name}, {view.outer_name} FROM PUBLIC, {role}"),
            ("grant", f"GRANT SELECT ON {view.outer_name} TO {role}"),
        )
        found += [Statement(about=about, sql=sql) for about, sql in lines]
    return tuple(found)


def _role(name: str) -> Statement:
    """A role that nobody logs in as. Roles belong to the whole cluster and may be there already."""
    lines = (
        f"IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {text(name)}) THEN",
        f"BEGIN CREATE ROLE {quoted(name)} NOLOGIN;",
        "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END; END IF;",
        f"IF NOT pg_catalog.pg_has_role({text(name)}, 'MEMBER') THEN GRANT {quoted(name)} TO CURRENT_USER; END IF;",
    )
    return Statement(about="role", sql=f"DO $sekisho$ BEGIN {' '.join(lines)} END $sekisho$")
