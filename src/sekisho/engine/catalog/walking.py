"""Walking a query: which flows reach each of its columns, and what decides its rows.

Whatever is met that this file does not know refuses the whole definition: an untraced column is unknown, not clean.
"""

from collections.abc import Iterator
from dataclasses import replace

from sqlglot import exp

from sekisho.engine.catalog.expressions import value_of
from sekisho.engine.catalog.flows import NOTHING, Flows, Kind, Relation, influence, union
from sekisho.engine.catalog.scopes import ROOM, Reader, Scope
from sekisho.engine.catalog.sources import add_source
from sekisho.engine.errors import SekishoError

READ = frozenset({"with_", "expressions", "hint", "distinct", "from_", "joins", "laterals", "where", "group", "having"})
READ |= {"qualify", "windows", "order", "sort", "distribute", "cluster", "limit", "offset", "sample", "alias"}
READ_OF_SET = READ | {"this", "expression", "by_name", "side", "kind", "on"}
SPREAD = (exp.Unnest, exp.Explode, exp.Inline)  # in SELECT they may become several columns
ROUNDS = 100  # a recursive WITH settles in as many rounds as it has columns and origins; more is refused


def read(query: exp.Expr, reader: Reader) -> Relation:
    """What a whole query yields.

    Raises: catalog.unresolved-name, catalog.untraced, catalog.unknown-function, catalog.uneven-union.
    """
    return _query(query, Scope(reader=reader))


def _query(node: exp.Expr, outer: Scope) -> Relation:
    scope = Scope(reader=outer.reader, parent=outer)
    if node.args.get("with_"):
        _bind(node.args["with_"], scope)
    match node:
        case exp.Select():
            _require_read(node, READ)
            return _select(node, scope)
        case exp.SetOperation():
            _require_read(node, READ_OF_SET)
            return _shaped(node, _both(node, scope), scope)
        case exp.Subquery():
            _require_read(node, READ | {"this"})
            if isinstance(node.this, exp.Query | exp.Values) and not node.args.get("joins"):
                return _shaped(node, _query(node.this, scope), scope)
            add_source(node.this, scope, _query)
            _joins(node, scope)
            return _everything(scope)
        case exp.Values():
            add_source(node, scope, _query)
            return scope.sources[0].relation
        case exp.Table():
            add_source(node, scope, _query)
            return _everything(scope)
    raise SekishoError("catalog.untraced", room=ROOM, what=type(node).__name__.upper())


def _everything(scope: Scope) -> Relation:
    return Relation(columns=tuple(scope.star(None)), rows=scope.picks, is_ordered=scope.is_ordered())


def _select(node: exp.Select, scope: Scope) -> Relation:
    if node.args.get("from_"):
        add_source(node.args["from_"].this, scope, _query)
    _joins(node, scope)
    scope.windows = {window.this.name.lower(): window for window in node.args.get("windows") or ()}
    columns: list[tuple[str, Flows]] = []
    has_star = any(
        isinstance(one, exp.Star) or (isinstance(one, exp.Column) and one.is_star) for one in node.expressions
    )
    is_ordered = (scope.is_ordered() or not has_star) and not any(one.find(*SPREAD) for one in node.expressions)
    for projection in node.expressions:
        for name, flows in _projected(projection, scope):
            columns.append((name, flows))
            if name:
                scope.named[name.lower()] = scope.named.get(name.lower(), NOTHING) | flows
    found = Relation(columns=tuple(columns), is_ordered=is_ordered)
    return replace(found, rows=scope.picks | _picks(node, scope, found))


def _joins(node: exp.Expr, scope: Scope) -> None:
    for join in node.args.get("joins") or ():
        is_visible = join.kind not in {"SEMI", "ANTI"} and join.side not in {"SEMI", "ANTI"}
        add_source(join.this, scope, _query, is_visible=is_visible)
        if join.args.get("pivots"):
            raise SekishoError("catalog.untraced", room=ROOM, what="PIVOT")
        if join.method == "NATURAL":
            scope.merge(scope.common())
        if join.args.get("using"):
            scope.merge([column.name.lower() for column in join.args["using"]])
        for key in ("on", "match_condition"):
            if join.args.get(key):
                scope.picks |= influence(Kind.JOIN, value_of(join.args[key], scope, _query))
    for lateral in node.args.get("laterals") or ():
        add_source(lateral, scope, _query)


def _projected(node: exp.Expr, scope: Scope) -> Iterator[tuple[str, Flows]]:
    star = node.this if isinstance(node, exp.Column) else node
    if not isinstance(star, exp.Star):
        if isinstance(node, exp.Dot) and node.is_star:
            raise SekishoError("catalog.untraced", room=ROOM, what="(…).*")
        yield _name(node), value_of(node.this if isinstance(node, exp.Alias) else node, scope, _query)
        return
    alias = node.table.lower() or None if isinstance(node, exp.Column) else None
    if star.args.get("ilike"):
        raise SekishoError("catalog.untraced", room=ROOM, what="* ILIKE")
    left_out = {column.name.lower() for column in star.args.get("except_") or ()}
    replaced = {one.alias.lower(): value_of(one.this, scope, _query) for one in star.args.get("replace") or ()}
    renamed = {one.this.name.lower(): one.alias for one in star.args.get("rename") or ()}
    for name, flows in scope.star(alias):
        if name.lower() not in left_out:
            yield renamed.get(name.lower(), name), replaced.get(name.lower(), flows)


def _name(node: exp.Expr) -> str:
    """What SELECT calls a column; "" where only the store can say."""
    if isinstance(node, exp.Alias):
        return node.alias
    return node.name if isinstance(node, exp.Column | exp.Dot) else ""


def _picks(node: exp.Expr, scope: Scope, relation: Relation) -> Flows:
    """What decides which rows there are, apart from FROM. `relation`: what is selected, so far."""
    found = NOTHING
    for key in ("where", "having", "qualify", "limit", "offset", "sample"):
        if node.args.get(key):
            found |= influence(Kind.FILTER, value_of(node.args[key], scope, _query))
    if node.args.get("group"):
        group = node.args["group"]
        keys = union(_key(key, scope, relation) for key in group.iter_expressions())
        keys |= relation.all_values() if group.args.get("all") else NOTHING
        found |= influence(Kind.GROUP, keys)
    distinct = node.args.get("distinct")
    if distinct:
        chosen = distinct.args.get("on") if isinstance(distinct, exp.Distinct) else None
        keys = value_of(chosen, scope, _query) if chosen else relation.all_values()
        found |= influence(Kind.GROUP, keys)
    for key in ("order", "sort", "distribute", "cluster"):
        if node.args.get(key):
            by = union(_key(one, scope, relation) for one in node.args[key].expressions)
            found |= influence(Kind.ORDER, by)
    return found


def _key(node: exp.Expr, scope: Scope, relation: Relation) -> Flows:
    """A key of GROUP BY or ORDER BY: an expression, or the number of a column, or ALL."""
    bare = node.this if isinstance(node, exp.Ordered) else node
    if isinstance(bare, exp.Literal) and not bare.is_string and bare.name.isdigit():
        positions = relation.positions()
        return positions[int(bare.name) - 1] if 0 < int(bare.name) <= len(positions) else NOTHING
    if isinstance(bare, exp.Var) and bare.name.upper() == "ALL":
        return relation.all_values()
    if isinstance(bare, exp.GroupingSets | exp.Rollup | exp.Cube | exp.Tuple | exp.Paren):
        return union(_key(key, scope, relation) for key in bare.iter_expressions())
    return value_of(bare, scope, _query)


def _both(node: exp.SetOperation, scope: Scope) -> Relation:
    if node.args.get("side") or node.args.get("kind") or node.args.get("on"):
        raise SekishoError("catalog.untraced", room=ROOM, what="CORRESPONDING")
    left, right = _query(node.this, scope), _query(node.expression, scope)
    if left.anything is not None or right.anything is not None:
        raise SekishoError("catalog.untraced", room=ROOM, what="UNION")
    if node.args.get("by_name"):
        names = dict.fromkeys([name.lower() for name, _ in (*left.columns, *right.columns)])
        columns = tuple((name, (left.named(name) or NOTHING) | (right.named(name) or NOTHING)) for name in names)
    elif len(left.columns) != len(right.columns):
        raise SekishoError("catalog.uneven-union", room=ROOM, left=len(left.columns), right=len(right.columns))
    else:
        pairs = zip(left.columns, left.positions(), right.positions(), strict=True)
        columns = tuple((name, flows | others) for (name, _), flows, others in pairs)
    rows = left.rows | right.rows
    if node.args.get("distinct") or not isinstance(node, exp.Union):
        rows |= influence(Kind.GROUP, left.all_values() | right.all_values())
    return Relation(columns=columns, rows=rows, is_ordered=bool(node.args.get("by_name")) or left.is_ordered)


def _shaped(node: exp.Expr, relation: Relation, scope: Scope) -> Relation:
    """ORDER BY and LIMIT around a query, whose names are those of its columns."""
    scope.add("", relation)
    return replace(relation, rows=relation.rows | _picks(node, scope, relation))


def _bind(node: exp.With, scope: Scope) -> None:
    is_recursive = node.args.get("recursive") or scope.reader.dialect == "sqlite"  # SQLite needs no such word
    for cte in node.expressions:
        if cte.args.get("key_expressions") or cte.args.get("scalar"):
            raise SekishoError("catalog.untraced", room=ROOM, what="WITH … USING KEY")
        names = [column.name for column in cte.args["alias"].args.get("columns") or ()]
        name = cte.alias.lower()
        relation = _settled(cte.this, name, names, scope) if is_recursive else _query(cte.this, scope).renamed(names)
        scope.ctes[name] = relation


def _settled(query: exp.Expr, name: str, names: list[str], scope: Scope) -> Relation:
    """A WITH that may read itself: read again until nothing more flows in."""
    if not any(table.name.lower() == name and not table.db for table in query.find_all(exp.Table)):
        return _query(query, scope).renamed(names)
    known = _anchor(query, scope).renamed(names)
    for _ in range(ROUNDS):
        scope.ctes[name] = known
        found = _query(query, scope).renamed(names)
        if found == known:
            return known
        known = found
    raise SekishoError("catalog.untraced", room=ROOM, what="WITH RECURSIVE")


def _anchor(node: exp.Expr, outer: Scope) -> Relation:
    """The first branch, where reading starts, under whatever WITH stands around it."""
    if not isinstance(node, exp.SetOperation):
        return _query(node, outer)
    scope = Scope(reader=outer.reader, parent=outer)
    if node.args.get("with_"):
        _bind(node.args["with_"], scope)
    return _anchor(node.this, scope)


def _require_read(node: exp.Expr, known: frozenset[str]) -> None:
    for key, found in node.args.items():
        if found and key not in known:
            raise SekishoError("catalog.untraced", room=ROOM, what=key.strip("_").upper())
