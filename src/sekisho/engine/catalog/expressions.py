"""What the value of an expression is made of. What is not known to be mere influence counts as value."""

import tomllib
from collections.abc import Callable
from functools import cache
from importlib import resources

from sqlglot import exp

from sekisho.engine.catalog.flows import NOTHING, ROWS, Flows, Kind, Relation, counted, influence, union, valued
from sekisho.engine.catalog.scopes import ROOM, Scope
from sekisho.engine.errors import SekishoError

Query = Callable[[exp.Expr, Scope], Relation]  # how to read a query within a scope
READS_ELSEWHERE = (exp.ReadCSV, exp.ReadParquet, exp.DML, exp.Command, exp.Pivot, exp.Columns)
WHETHER = (exp.Exists, exp.In, exp.Any, exp.All)  # the answer is whether there are such rows


def value_of(node: exp.Expr, scope: Scope, query: Query) -> Flows:
    """The flows of an expression.

    Raises: catalog.unresolved-name, catalog.untraced, catalog.unknown-function.
    """
    return _Reading(scope=scope, query=query).value(node)


class _Reading:
    def __init__(self, scope: Scope, query: Query) -> None:
        self.scope = scope
        self.query = query

    def value(self, node: exp.Expr) -> Flows:
        match node:
            case exp.Column():
                return self._column(node)
            case exp.Star():
                return union(flows for _, flows in self.scope.star(None)) | counted(self.scope.picks)
            case exp.Count(this=exp.Star()) | exp.CountIf(this=exp.Star()):
                return counted(self.scope.picks)
            case exp.Query():
                found = self.query(node, self.scope)
                return found.all_values() | found.rows
            case exp.Window():
                return self._window(node)
            case exp.Filter():
                return self.value(node.this) | influence(Kind.FILTER, self.value(node.expression))
            case exp.Lambda() | exp.Comprehension():
                return self._lambda(node)
            case exp.Identifier():
                return self.scope.look_up([node.name.lower()]) or NOTHING
            case exp.Anonymous() | exp.AnonymousAggFunc() | exp.CombinedAggFunc():
                self._require_known(node)
                return self._children(node)
        if isinstance(node, READS_ELSEWHERE):
            raise SekishoError("catalog.untraced", room=ROOM, what=type(node).__name__.upper())
        if isinstance(node, WHETHER):
            return self._whether(node)
        return self._children(node)

    def _children(self, node: exp.Expr) -> Flows:
        found = union(self.value(child) for child in node.iter_expressions())
        if isinstance(node, exp.AggFunc) and not found:
            return counted(self.scope.picks)  # count(1), sum(1): made of the rows alone
        return found

    def _column(self, node: exp.Column) -> Flows:
        if isinstance(node.this, exp.Star):
            return union(flows for _, flows in self.scope.star(node.table.lower() or None))
        return self.scope.resolve([part.name.lower() for part in node.parts])

    def _whether(self, node: exp.Expr) -> Flows:
        found = NOTHING
        for child in node.iter_expressions():
            inner = child.unnest() if isinstance(child, exp.Subquery) else child
            if isinstance(inner, exp.Query):
                relation = self.query(child, self.scope)
                seen = NOTHING if isinstance(node, exp.Exists) else relation.all_values()
                found |= valued(seen | relation.rows)
            else:
                found |= self.value(child)
        return found

    def _window(self, node: exp.Window) -> Flows:
        inner = node.this
        named = inner if isinstance(inner, exp.Identifier) else node.args.get("alias")
        parts = [node]
        while isinstance(named, exp.Identifier):
            above = self.scope.window(named.name.lower())
            if above is None:
                raise SekishoError("catalog.unresolved-name", room=ROOM, name=named.name)
            parts.append(above)
            named = above.args.get("alias")
        found = NOTHING if isinstance(inner, exp.Identifier) else self.value(inner)
        order = union(self.value(part.args["order"]) for part in parts if part.args.get("order"))
        by = union(self.value(key) for part in parts for key in part.args.get("partition_by") or ())
        frame = union(self.value(part.args["spec"]) for part in parts if part.args.get("spec"))
        if not any(flow.kind is Kind.VALUE and flow.origin.column != ROWS for flow in found):
            found |= order | counted(self.scope.picks)  # a rank has no argument: it is made of the order
        return found | influence(Kind.ORDER, order) | influence(Kind.WINDOW, by | frame)

    def _lambda(self, node: exp.Lambda | exp.Comprehension) -> Flows:
        if isinstance(node, exp.Lambda):
            names = {name.name.lower() for name in node.expressions}
        else:
            names = {node.expression.name.lower()}
            position = node.args.get("position")
            names |= {position.name.lower()} if position else set()
        inside = Scope(reader=self.scope.reader, parent=self.scope, bound=frozenset(names), picks=self.scope.picks)
        reading = _Reading(scope=inside, query=self.query)
        return union(reading.value(child) for child in node.iter_expressions())

    def _require_known(self, node: exp.Expr) -> None:
        name = str(node.this if isinstance(node.this, str) else node.name).lower()
        if name not in _known_functions():
            raise SekishoError("catalog.unknown-function", room=ROOM, name=name)


@cache
def _known_functions() -> frozenset[str]:
    """Functions that look at nothing but their arguments, where the parser does not know them by itself."""
    text = resources.files(ROOM).joinpath("functions.toml").read_text(encoding="utf-8")
    return frozenset(name for names in tomllib.loads(text).values() for name in names)
