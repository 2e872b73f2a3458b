"""What stands in FROM: tables, WITH names, subqueries, row constructors and functions that make rows."""

from collections.abc import Callable

from sqlglot import exp

from sekisho.engine.catalog.expressions import value_of
from sekisho.engine.catalog.flows import NOTHING, Flows, Kind, Relation, influence, union
from sekisho.engine.catalog.scopes import ROOM, Scope
from sekisho.engine.errors import SekishoError

Query = Callable[[exp.Expr, Scope], Relation]
MAKES_ROWS = (exp.Unnest, exp.Explode, exp.GenerateSeries, exp.GenerateDateArray)
ROW_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "string_to_table"})
ROW_FUNCTIONS |= {"jsonb_array_elements", "json_array_elements", "regexp_split_to_table", "jsonb_array_elements_text"}
READ = frozenset({"this", "db", "catalog", "alias", "joins", "sample", "only", "ordinality", "hints", "indexed"})


def add_source(node: exp.Expr, scope: Scope, query: Query, *, is_visible: bool = True) -> None:
    """Add a FROM item to the scope.

    Raises: catalog.unresolved-name, catalog.untraced, and what the query in it raises.
    """
    alias, names = _alias(node)
    match node:
        case exp.Table() if isinstance(node.this, exp.Identifier):
            _require_plain(node)
            scope.add(alias or node.name, _table(node, scope).renamed(names), is_visible=is_visible)
            _more(node, scope, query, is_visible=is_visible)
        case exp.Table():
            _require_plain(node)
            scope.add(alias or _name(node.this), _made(node.this, scope, query, alias, names), is_visible=is_visible)
            _more(node, scope, query, is_visible=is_visible)
        case exp.Subquery() if isinstance(node.this, exp.Table) and not alias:
            add_source(node.this, scope, query, is_visible=is_visible)  # parentheses around a join
            _more(node, scope, query, is_visible=is_visible)
        case exp.Subquery():
            scope.add(alias, query(node, scope).renamed(names), is_visible=is_visible)
        case exp.Lateral() if isinstance(node.this, exp.Subquery):
            scope.add(alias, query(node.this, scope).renamed(names), is_visible=is_visible)
        case exp.Lateral():
            scope.add(alias, _made(node.this, scope, query, alias, names), is_visible=is_visible)
        case exp.Unnest():
            scope.add(alias or "unnest", _made(node, scope, query, alias, names), is_visible=is_visible)
        case exp.Values():
            scope.add(alias, _rows(node, scope, query).renamed(names), is_visible=is_visible)
        case _:
            raise SekishoError("catalog.untraced", room=ROOM, what=type(node).__name__.upper())


def _more(node: exp.Expr, scope: Scope, query: Query, *, is_visible: bool) -> None:
    """Joins that stand within parentheses. Their columns are seen from outside as if there were none."""
    for join in node.args.get("joins") or ():
        add_source(join.this, scope, query, is_visible=is_visible and join.kind not in {"SEMI", "ANTI"})
        if join.method == "NATURAL":
            scope.merge(scope.common())
        if join.args.get("using"):
            scope.merge([column.name.lower() for column in join.args["using"]])
        if join.args.get("on"):
            scope.picks |= influence(Kind.JOIN, value_of(join.args["on"], scope, query))


def _table(node: exp.Table, scope: Scope) -> Relation:
    name = node.name.lower()
    found = scope.cte(name) if not node.db else None
    if found is None and node.catalog:
        raise SekishoError("catalog.unresolved-name", room=ROOM, name=f"{node.catalog}.{node.db}.{node.name}")
    found = found or scope.reader.find(node.db.lower(), name)
    if found is None:
        raise SekishoError("catalog.unresolved-name", room=ROOM, name=f"{node.db}.{node.name}".lstrip("."))
    return found


def _made(node: exp.Expr, scope: Scope, query: Query, alias: str, names: list[str]) -> Relation:
    """Rows made by a function of its arguments alone."""
    if not isinstance(node, MAKES_ROWS) and _name(node) not in ROW_FUNCTIONS:
        raise SekishoError("catalog.untraced", room=ROOM, what=_name(node).upper())
    flows = union(value_of(child, scope, query) for child in _arguments(node))
    relation = Relation(columns=(), rows=influence(Kind.ROWS, flows), anything=flows)
    # One column under the function's or the alias's name, unless a list says otherwise: any other name means it too.
    return (
        relation.renamed(names or [alias or _name(node)]) if names else _single(relation, alias or _name(node), flows)
    )


def _single(relation: Relation, name: str, flows: Flows) -> Relation:
    return Relation(columns=((name, flows),), rows=relation.rows, anything=flows)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    return [child for child in node.iter_expressions() if not isinstance(child, exp.TableAlias)]


def _rows(node: exp.Values, scope: Scope, query: Query) -> Relation:
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    flows = [union(value_of(row[at], scope, query) for row in rows if at < len(row)) for at in range(len(rows[0]))]
    named = "col{}" if scope.reader.dialect == "duckdb" else "column{}"
    start = 0 if scope.reader.dialect == "duckdb" else 1
    return Relation(columns=tuple((named.format(at + start), one) for at, one in enumerate(flows)), rows=NOTHING)


def _alias(node: exp.Expr) -> tuple[str, list[str]]:
    alias = node.args.get("alias")
    if not isinstance(alias, exp.TableAlias):
        return (alias.name if alias else ""), []
    return alias.name, [column.name for column in alias.args.get("columns") or ()]


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return node.name.lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def _require_plain(node: exp.Table) -> None:
    for key, found in node.args.items():
        if found and key not in READ:
            raise SekishoError("catalog.untraced", room=ROOM, what=key.strip("_").upper())
