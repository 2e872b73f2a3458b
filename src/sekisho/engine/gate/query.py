"""Check a query and make it anew: one SELECT over tables of the data map, of listed parts only.

What the user wrote is never run: the answer is text rendered from the checked tree. A name that the purpose may not see
is refused with the column and the clause. Source: DESIGN.md section 5, "SQL is isolation".
"""

from collections.abc import Callable

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, traverse_scope
from sqlglot.schema import MappingSchema

from sekisho.engine.gate.query_groups import Grouped, enforce_groups
from sekisho.engine.gate.query_parts import parse, require_listed, shape_of, tokens_of
from sekisho.engine.gate.query_schema import (
    OutputColumn,
    QueryPlan,
    QueryRefused,
    QuerySchema,
    SchemaTable,
    Used,
    column_type,
)
from sekisho.engine.gate.query_tables import require_known_tables, told_why_unresolved
from sekisho.engine.gate.query_views import with_views
from sekisho.engine.gate.query_words import query_words

DIALECT = "duckdb"
SmallestGroup = Callable[[frozenset[Used], tuple[tuple[str, str], ...]], int]  # columns and tables in use


def plan_query(text: str, schema: QuerySchema, *, minimum_group: SmallestGroup | None = None) -> QueryPlan:
    """The query as it may run. `minimum_group` tells the smallest group that the columns in use allow; 0 = rows may leave.

    Raises: QueryRefused.
    """
    tokens = tokens_of(text)
    tree = parse(text, tokens)
    require_listed(tree)
    tree = with_views(tree, schema)
    require_known_tables(tree, schema)
    try:
        qualified = qualify(
            tree, schema=_shown(schema), dialect=DIALECT, validate_qualify_columns=True, quote_identifiers=True
        )
    except OptimizeError:
        raise told_why_unresolved(parse(text), schema) from None
    except (SqlglotError, RecursionError, ValueError, KeyError, TypeError):
        raise QueryRefused("query.not-understood") from None
    try:
        _require_qualified(qualified)
    except QueryRefused as refused:
        why = told_why_unresolved(parse(text), schema)
        raise (why if why.code == "query.hidden-column" else refused) from None
    scopes = list(traverse_scope(qualified))
    used, tables = _used(scopes, schema)
    outputs = _outputs(scopes[-1])
    size = minimum_group(used, tables) if minimum_group else 0
    grouped = enforce_groups(qualified, schema, size) if size else Grouped()
    return QueryPlan(
        text=qualified.sql(DIALECT, comments=False),
        shape=shape_of(tokens),
        used=used,
        tables=tables,
        output=outputs,
        persons={(t.system, t.name): t.persons for t in schema.tables.values() if (t.system, t.name) in tables},
        minimum_group=size,
        groups=grouped.columns,
        probes=grouped.probes,
    )


def tables_of(text: str, schema: QuerySchema) -> tuple[SchemaTable, ...]:
    """The tables a query names. Raises: QueryRefused."""
    tree = parse(text)
    require_listed(tree)
    return require_known_tables(with_views(tree, schema), schema)


def _shown(schema: QuerySchema) -> MappingSchema:
    """The columns that may be seen, as the parser's library wants them; made once for a schema."""
    kept = schema.kept.get("shown")
    if not isinstance(kept, MappingSchema):
        tables: dict[str, dict[str, dict[str, str]]] = {}
        for table in schema.tables.values():
            columns = {one.name: column_type(one.type) for one in table.columns.values() if one.shown}
            if columns:
                tables.setdefault(table.system, {})[table.name] = columns
        kept = schema.kept["shown"] = MappingSchema(dict(tables), dialect=DIALECT)
    return kept


def _require_qualified(tree: exp.Expr) -> None:
    """Every column names its table: what does not is an output's own name in ORDER BY, or a whole row."""
    words = query_words()
    for node in tree.walk():
        if type(node) not in words.parts and type(node) not in words.plain:  # what qualifying made of a whole row
            raise QueryRefused("query.whole-row", column=_ascii(node.name))
    for column in tree.find_all(exp.Column):
        if column.table:
            continue
        order = column.find_ancestor(exp.Order)
        query = order.parent if order is not None else None
        named = query.named_selects if isinstance(query, exp.Query) else ()
        if column.name not in named:
            raise QueryRefused("query.whole-row", column=column.name)
    for star in tree.find_all(exp.Star):
        if not isinstance(star.parent, exp.Count):
            raise QueryRefused("query.star")


def _used(scopes: list[Scope], schema: QuerySchema) -> tuple[frozenset[Used], tuple[tuple[str, str], ...]]:
    """Columns and tables of the data map that the tree touches."""
    used: set[Used] = set()
    tables: dict[tuple[str, str], None] = {}
    for scope in scopes:
        for source in scope.sources.values():
            if isinstance(source, exp.Table):
                table = _table(source, schema)
                tables[table.system, table.name] = None
        for column in scope.columns:
            of = scope.sources.get(column.table)
            if isinstance(of, exp.Table):
                used.add(_column(of, column, schema))
    return frozenset(used), tuple(sorted(tables))


def _table(source: exp.Table, schema: QuerySchema) -> SchemaTable:
    found = schema.tables.get(f"{source.db}.{source.name}".lower())
    if found is None:
        raise QueryRefused("query.unknown-table", table=_ascii(f"{source.db}.{source.name}"))
    return found


def _column(source: exp.Table, column: exp.Column, schema: QuerySchema) -> Used:
    table = _table(source, schema)
    found = table.column(column.name)
    if found is None or not found.shown:  # the schema shows only what may be seen: this can't be, and must not be
        raise QueryRefused("query.not-understood")
    return table.system, table.name, found.name


def _outputs(root: Scope) -> tuple[OutputColumn, ...]:
    """The answer's columns; their sources come with the lineage."""
    query = root.expression
    if not isinstance(query, exp.Query):
        raise QueryRefused("query.not-a-select")
    return tuple(OutputColumn(name=name) for name in query.named_selects)


def _ascii(name: str) -> str:
    return name if name.isascii() else "?"
