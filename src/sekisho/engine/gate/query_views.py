"""Views of the data map in a query: each becomes the query it stands for, over tables, before anything is judged.

A view keeps nothing, so what it shows is what its tables show. Of its columns those made from something this purpose may
not see fall away; a condition on such a thing refuses the whole query, as if somebody had written it out.
"""

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import MappingSchema

from sekisho.engine.catalog.definitions import query_of
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.query_parts import require_listed
from sekisho.engine.gate.query_schema import QueryRefused, QuerySchema, SchemaColumn, SchemaView, column_type

DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class _Expanded:
    """A view as a query over tables, and the columns that fell away, each with what forbids it."""

    query: exp.Query
    hidden: dict[str, SchemaColumn]


def with_views(tree: exp.Query, schema: QuerySchema) -> exp.Query:
    """The tree with every view replaced. Raises: QueryRefused."""
    if not schema.views:
        return tree
    for table in list(tree.find_all(exp.Table)):
        view = schema.views.get(f"{table.db}.{table.name}".lower()) if table.db else None
        if view is None:
            continue
        alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
        table.replace(exp.Subquery(this=_expanded(view, schema).query.copy(), alias=alias))
    return tree


def hidden_in_views(tree: exp.Query, schema: QuerySchema) -> dict[str, tuple[str, SchemaColumn]]:
    """Columns that fell away from the views a query names: by name, with the view."""
    named = [schema.views.get(f"{table.db}.{table.name}".lower()) for table in tree.find_all(exp.Table)]
    return {
        name: (view.full_name, column)
        for view in named
        if view is not None
        for name, column in _expanded(view, schema).hidden.items()
    }


def view_columns(view: SchemaView, schema: QuerySchema) -> dict[str, SchemaColumn | None]:
    """What a view gives: every column with what forbids it, None where nothing does.

    Raises: QueryRefused where nobody can tell.
    """
    found = _expanded(view, schema)
    return dict.fromkeys(found.query.named_selects) | dict(found.hidden)


def _expanded(view: SchemaView, schema: QuerySchema, above: tuple[str, ...] = ()) -> _Expanded:
    key = f"view {view.full_name}"
    if key not in schema.kept:
        schema.kept[key] = _expand(view, schema, (*above, view.full_name))
    found = schema.kept[key]
    if not isinstance(found, _Expanded):
        raise QueryRefused("query.view-not-understood", table=view.full_name)
    return found


def _expand(view: SchemaView, schema: QuerySchema, above: tuple[str, ...]) -> _Expanded | None:
    """None where nobody can tell what the view is."""
    try:
        tree, names = query_of(view.sql, view.dialect, view.full_name)
        if not isinstance(tree, exp.Query):
            return None
        own = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
        for table in list(tree.find_all(exp.Table)):
            if not table.db and table.name.lower() in own:
                continue
            name = f"{table.db}.{table.name}".lower()
            if name not in schema.tables and name not in schema.views:
                table.set("db", exp.to_identifier(view.system))
                name = f"{view.system}.{table.name}".lower()
            inner = schema.views.get(name)
            if inner is not None and inner.full_name in above:
                return None
            if inner is not None:
                alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
                table.replace(exp.Subquery(this=_expanded(inner, schema, above).query.copy(), alias=alias))
        require_listed(tree)
        whole = _qualified(tree, schema)
        if names:
            whole = exp.select(*names).from_(
                exp.Subquery(this=whole, alias=exp.TableAlias(this="v", columns=[exp.to_identifier(n) for n in names]))
            )
            whole = _qualified(whole, schema)
        return _without_hidden(whole, schema)
    except (SekishoError, SqlglotError, RecursionError):
        return None


def _qualified(tree: exp.Query, schema: QuerySchema) -> exp.Query:
    """Raises: OptimizeError, also for what the library stumbles over."""
    try:
        return qualify(tree, schema=_everything(schema), dialect=DIALECT, quote_identifiers=True)
    except (ValueError, KeyError, TypeError) as error:
        raise OptimizeError from error


def _without_hidden(tree: exp.Query, schema: QuerySchema) -> _Expanded:
    scope = build_scope(tree)
    hidden = _hidden(scope, schema) if scope is not None else {}
    if not hidden or not isinstance(tree, exp.Select) or tree.args.get("distinct"):
        return _Expanded(query=tree, hidden=hidden)
    shown = [one for one in tree.selects if one.alias_or_name not in hidden]
    if shown:
        tree.set("expressions", shown)
        pushdown_projections(tree)
    return _Expanded(query=tree, hidden=hidden)


def _hidden(scope: Scope, schema: QuerySchema) -> dict[str, SchemaColumn]:
    """Outputs made from what may not be seen, each with the first such column."""
    names = [one.alias_or_name for one in _selects(scope)]
    if scope.set_operation_scopes:
        found: dict[str, SchemaColumn] = {}
        for part in scope.set_operation_scopes:
            forbidden = _hidden(part, schema)
            places = [one.alias_or_name for one in _selects(part)]
            found |= {names[place]: forbidden[name] for place, name in enumerate(places) if name in forbidden}
        return found
    found = {}
    for one in _selects(scope):
        for column in one.find_all(exp.Column):
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                table = schema.tables.get(f"{source.db}.{source.name}".lower())
                known = table.column(column.name) if table else None
                if known is not None and not known.shown:
                    found[one.alias_or_name] = known
            elif isinstance(source, Scope) and (inner := _hidden(source, schema).get(column.name)) is not None:
                found[one.alias_or_name] = inner
    return found


def _selects(scope: Scope) -> list[exp.Expr]:
    return list(scope.expression.selects) if isinstance(scope.expression, exp.Query) else []


def _everything(schema: QuerySchema) -> MappingSchema:
    """All columns of all tables, hidden ones too: what a definition was written against."""
    kept = schema.kept.get("everything")
    if not isinstance(kept, MappingSchema):
        tables: dict[str, dict[str, dict[str, str]]] = {}
        for table in schema.tables.values():
            columns = {one.name: column_type(one.type) for one in table.columns.values()}
            tables.setdefault(table.system, {})[table.name] = columns
        kept = schema.kept["everything"] = MappingSchema(dict(tables), dialect=DIALECT)
    return kept
