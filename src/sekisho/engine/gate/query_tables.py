"""Names of a query against the data map: which tables it means, and why a column could not be seen."""

from sqlglot import exp

from sekisho.engine.gate.query_schema import QueryRefused, QuerySchema, SchemaTable
from sekisho.engine.gate.query_views import hidden_in_views, with_views


def require_known_tables(tree: exp.Expr, schema: QuerySchema) -> tuple[SchemaTable, ...]:
    """The tables of the data map that the query names. Raises: QueryRefused.

    A name without a system is one of the query's own WITH names, which may not be a catalogued one.
    """
    own = _own_names(tree, schema)
    found: dict[str, SchemaTable] = {}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier):
            raise QueryRefused("query.part-not-allowed", part=type(table.this).__name__)
        name = table.name.lower()
        if not table.db:
            if name not in own:
                raise _unknown(table, schema)
            continue
        known = schema.tables.get(f"{table.db}.{table.name}".lower())
        if known is None:
            raise _unknown(table, schema)
        if not known.is_shown:
            raise _hidden(known)
        found[known.full_name] = known
    return tuple(found.values())


def told_why_unresolved(tree: exp.Query, schema: QuerySchema) -> QueryRefused:
    """The refusal for a query whose names do not all resolve in what the purpose may see."""
    names = [*(column.name for column in tree.find_all(exp.Column)), *_using(tree)]
    fallen = hidden_in_views(tree, schema)
    for name in names:
        if name.lower() in fallen:
            view, fell = fallen[name.lower()]
            return QueryRefused("query.hidden-column", column=f"{view}.{name}", clause=fell.clause, why=fell.message)
    tree = with_views(tree, schema)
    tables = require_known_tables(tree, schema)
    for name in [*(column.name for column in tree.find_all(exp.Column)), *_using(tree)]:
        for table in tables:
            hidden = table.column(name)
            if hidden is not None and not hidden.shown:
                column = f"{table.full_name}.{hidden.name}"
                return QueryRefused("query.hidden-column", column=column, clause=hidden.clause, why=hidden.message)
    names = sorted({column.name for column in tree.find_all(exp.Column)})
    unknown = [name for name in names if not any(table.column(name) for table in tables)]
    seen = [
        f"{table.full_name}: {', '.join(one.name for one in table.columns.values() if one.shown)}" for table in tables
    ]
    column = next((name for name in unknown if name.isascii()), "")
    return QueryRefused("query.unknown-column", column=column, seen="; ".join(seen))


def _own_names(tree: exp.Expr, schema: QuerySchema) -> frozenset[str]:
    catalogued = {table.name.lower() for table in schema.tables.values()}
    catalogued |= {table.system.lower() for table in schema.tables.values()}
    own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    for name in sorted(own & catalogued):
        raise QueryRefused("query.name-taken", name=name if name.isascii() else "?")
    return frozenset(own)


def _hidden(table: SchemaTable) -> QueryRefused:
    first = next((column for column in table.columns.values() if column.item), None)
    if first is None:
        return QueryRefused("query.table-without-items", table=table.full_name)
    return QueryRefused(
        "query.hidden-table",
        column=f"{table.full_name}.{first.name}",
        clause=first.clause,
        table=table.full_name,
        why=first.message,
    )


def _unknown(table: exp.Table, schema: QuerySchema) -> QueryRefused:
    near = [one.full_name for one in schema.tables.values() if one.name.lower() == table.name.lower()]
    written = ".".join(part for part in (table.catalog, table.db, table.name) if part)
    return QueryRefused(
        "query.unknown-table",
        table=written if written.isascii() and written.isprintable() else "?",
        near=near[0] if near else next(iter(schema.tables), "system.table"),
    )


def _using(tree: exp.Expr) -> list[str]:
    return [name.name for join in tree.find_all(exp.Join) for name in join.args.get("using") or ()]
