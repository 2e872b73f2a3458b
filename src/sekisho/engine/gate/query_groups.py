"""Smallest groups: an answer is made of groups of at least so many people, and of figures that so many people made.

Where a use names a smallest group no row about one person leaves. Every aggregation over people gets a HAVING that counts
them, and each figure's own contributors too. Aggregation by person inside the query is free; what is said of the people
outside of it is not. What this does not stop is written in docs/explanation/sql-isolation.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from sekisho.engine.gate.query_schema import GROUP, PERSON, QueryRefused, QuerySchema
from sekisho.engine.gate.query_words import query_words

CARRIED = "__sekisho_carried_"
DIALECT = "duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """The output columns that tell who stands behind each row, and queries that tell it of groups inside the query."""

    columns: tuple[str, ...] = ()
    probes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person of a row: the column with the number, and which other columns hold nothing but the pseudonym.

    People of one row of one table share a `row`: of these, one may be nobody we know.
    """

    column: exp.Column
    names: frozenset[tuple[str, str]]  # (alias, column)
    row: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What a part of the query hands on: columns that carry people, none if it is made of groups or of no people."""

    persons: tuple[tuple[str, frozenset[str], str], ...] = ()  # carried column, its pseudonym columns, row
    plain: frozenset[str] = frozenset()  # columns that are values or sums of such, so may be summed on


@dataclass(slots=True, kw_only=True)
class _State:
    schema: QuerySchema
    size: int
    carried: int = 0
    columns: list[str] = field(default_factory=list)
    probes: list[str] = field(default_factory=list)


def enforce_groups(tree: exp.Expr, schema: QuerySchema, size: int) -> Grouped:
    """Change the tree so that only groups of `size` people leave. Raises: QueryRefused."""
    state = _State(schema=schema, size=size)
    if not isinstance(tree, exp.Query):
        raise QueryRefused("query.not-understood")
    _require_sources_only(tree, size)
    _query(tree, {}, [], state, is_top=True)
    return Grouped(columns=tuple(state.columns), probes=tuple(state.probes))


def _query(
    query: exp.Expr, known: Mapping[str, Derived], above: list[exp.CTE], state: _State, *, is_top: bool = False
) -> Derived:
    known, above = dict(known), list(above)
    with_ = query.args.get("with_")
    for cte in with_.expressions if with_ else ():
        known[cte.alias] = _query(cte.this, known, above, state)
        above.append(cte)
    if isinstance(query, exp.Subquery):
        derived = _query(query.this, known, above, state, is_top=is_top)
        if derived.persons and any(query.args.get(name) for name in ("limit", "offset")):
            raise QueryRefused("query.rows-under-group", size=state.size)
        return derived
    if isinstance(query, exp.SetOperation):
        sides = [_query(side, known, above, state) for side in (query.this, query.expression)]
        if any(side.persons for side in sides):
            raise QueryRefused("query.rows-under-group", size=state.size)
        return Derived(plain=sides[0].plain & sides[1].plain)
    if not isinstance(query, exp.Select):
        raise QueryRefused("query.not-understood")
    return _Block(query, known, above, state).enforce(is_top=is_top)


class _Block:
    """One SELECT."""

    def __init__(self, select: exp.Select, known: Mapping[str, Derived], above: list[exp.CTE], state: _State) -> None:
        self.select, self.state, self.above = select, state, above
        self.persons: list[Person] = []
        self.plain: set[tuple[str, str]] = set()
        for source in _sources(select):
            self._take(source, known)
        self.aggregates = [node for node in self._walk() if isinstance(node, exp.AggFunc)]
        self.group: list[exp.Expr] = select.args["group"].expressions if select.args.get("group") else []

    def enforce(self, *, is_top: bool) -> Derived:
        select = self.select
        if not self.persons:
            return Derived(plain=frozenset(one.alias_or_name for one in select.selects if self._is_plain(one)))
        if any(isinstance(node, exp.Window) for node in self._walk()):
            raise QueryRefused("query.part-under-group", part=exp.Window.__name__, size=self.state.size)
        if not self.aggregates and not self.group:
            if is_top or select.args.get("distinct") or select.args.get("limit") or select.args.get("offset"):
                raise QueryRefused("query.rows-under-group", size=self.state.size)
            return self._carry(self.persons)
        grouped = {(key.table, key.name) for key in self.group if isinstance(key, exp.Column)}
        by_person = [one for one in self.persons if one.names & grouped]
        if by_person and not is_top and self._are_covered(grouped):
            for one in by_person:
                select.group_by(one.column.copy(), copy=False)
            return self._carry(by_person)
        self._require_sums()
        self._require_size()
        if is_top:
            self._tell_people()
        else:
            self.state.probes.append(self._probe())
        return Derived(plain=frozenset(one.alias_or_name for one in select.selects))

    def _take(self, source: exp.Expr, known: Mapping[str, Derived]) -> None:
        alias = source.alias_or_name
        if isinstance(source, exp.Table) and source.db:
            table = self.state.schema.tables[f"{source.db}.{source.name}".lower()]
            for place, owner in enumerate(table.owners):
                column = exp.column(
                    exp.to_identifier(f"{PERSON}{place}", quoted=True), table=exp.to_identifier(alias, quoted=True)
                )
                names: frozenset[tuple[str, str]] = frozenset({(alias, owner.lower())} if owner else ())
                self.persons.append(Person(column=column, names=names, row=alias))
            self.plain |= {(alias, name.lower()) for name in table.columns}
            return
        derived = known[source.name] if isinstance(source, exp.Table) else _query(source, known, self.above, self.state)
        for carried, inner, row in derived.persons:
            column = exp.column(exp.to_identifier(carried, quoted=True), table=exp.to_identifier(alias, quoted=True))
            self.persons.append(
                Person(column=column, names=frozenset((alias, name) for name in inner), row=f"{alias}.{row}")
            )
        self.plain |= {(alias, name) for name in derived.plain}

    def _walk(self) -> Iterator[exp.Expr]:
        """Every node of this block's own clauses, not of its sources."""
        args = self.select.args
        own = [*self.select.expressions]
        own += [args[name] for name in ("where", "group", "having", "order", "qualify") if args.get(name)]
        own += [join.args["on"] for join in args.get("joins") or () if join.args.get("on")]
        for clause in own:
            yield from clause.walk()

    def _carry(self, persons: list[Person]) -> Derived:
        """Hand the people on beside the columns."""
        plain = {one.alias_or_name for one in self.select.selects if self._is_plain(one)}
        shown: dict[tuple[str, str], set[str]] = {}
        for one in self.select.selects:
            inner = one.unalias()
            if isinstance(inner, exp.Column):
                shown.setdefault((inner.table, inner.name), set()).add(one.alias_or_name)
        carried = []
        for person in persons:
            name = f"{CARRIED}{self.state.carried}"
            self.state.carried += 1
            self.select.append("expressions", exp.alias_(person.column.copy(), name, quoted=True))
            names = frozenset(name for key in person.names for name in shown.get(key, ()))
            carried.append((name, names, person.row))
        return Derived(persons=tuple(carried), plain=frozenset(plain))

    def _is_plain(self, selected: exp.Expr) -> bool:
        inner = selected.unalias()
        if isinstance(inner, exp.AggFunc):
            return True
        return self._is_sum(inner)

    def _is_sum(self, node: exp.Expr) -> bool:
        words = query_words()
        return all(
            type(one) in words.group_arguments
            and (not isinstance(one, exp.Column) or (one.table, one.name) in self.plain)
            and (not isinstance(one, exp.Div) or _is_number(one.expression))  # by zero tells that a value occurs
            for one in node.walk()
        )

    def _are_covered(self, grouped: set[tuple[str, str]]) -> bool:
        """Whether the grouped columns tell of everybody in a row: by themselves, or by joins on equality.

        What an outer join adds is told by the side that stays, never the other way round.
        """
        tells: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for one, other, new, side in self._equalities():
            if side in ("", "LEFT") and (side == "" or other[0] == new):
                tells.setdefault(one, set()).add(other)
            if side in ("", "RIGHT") and (side == "" or one[0] == new):
                tells.setdefault(one, set()).add(other)
        reached, waiting = set(grouped), list(grouped)
        while waiting:
            fresh = tells.get(waiting.pop(), set()) - reached
            reached |= fresh
            waiting += fresh
        return all(person.names & reached for person in self.persons)

    def _equalities(self) -> Iterator[tuple[tuple[str, str], tuple[str, str], str, str]]:
        """Columns held equal, in both directions, with the source that the join adds and its side."""
        joins = self.select.args.get("joins") or ()
        conditions = [(join.args["on"], join.this.alias_or_name, join.side) for join in joins if join.args.get("on")]
        if self.select.args.get("where"):
            conditions.append((self.select.args["where"].this, "", ""))
        for condition, new, side in conditions:
            for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
                one = part.unnest()
                if isinstance(one, exp.EQ) and isinstance(one.left, exp.Column) and isinstance(one.right, exp.Column):
                    left, right = ((side_.table, side_.name) for side_ in (one.left, one.right))
                    if not side or (new in (left[0], right[0]) and left[0] != right[0]):
                        yield left, right, new, side
                        yield right, left, new, side

    def _require_sums(self) -> None:
        """Only figures that many make: no smallest, largest or first, and nothing that picks people by their values."""
        words = query_words()
        for aggregate in self.aggregates:
            if type(aggregate) not in words.group_aggregates:
                raise QueryRefused("query.figure-under-group", part=aggregate.key.upper(), size=self.state.size)
            for argument in aggregate.iter_expressions():
                if not self._is_sum(argument):
                    raise QueryRefused("query.argument-under-group", part=aggregate.key.upper(), size=self.state.size)

    def _require_size(self) -> None:
        tests = dict.fromkeys(self._enough(None))
        for aggregate in self.aggregates:
            over = aggregate.parent if isinstance(aggregate.parent, exp.Filter) else None
            test = over.expression.this if over is not None else None
            columns = list(aggregate.find_all(exp.Column))
            conditions: list[exp.Expr] = [
                exp.Not(this=exp.Is(this=column.copy(), expression=exp.null())) for column in columns
            ]
            if test is not None:
                conditions.append(exp.paren(test.copy()))
            if conditions:
                tests |= dict.fromkeys(self._enough(exp.and_(*conditions)))
        for test in tests:
            self.select.having(test, copy=False, dialect=DIALECT)

    def _enough(self, condition: exp.Expr | None) -> Iterator[exp.Expr]:
        """Enough people behind a figure: of one row's people, some may be nobody we know, but then all of them."""
        rows: dict[str, list[exp.Expr]] = {}
        for person in self.persons:
            column: exp.Expr = person.column.copy()
            if condition is not None:
                column = exp.Case(ifs=[exp.If(this=condition.copy(), true=column)])
            rows.setdefault(person.row, []).append(exp.Count(this=exp.Distinct(expressions=[column])))
        size = exp.Literal.number(self.state.size)
        for counts in rows.values():
            enough = [exp.GTE(this=count.copy(), expression=size.copy()) for count in counts]
            if len(counts) == 1:
                yield enough[0]
                continue
            none = [exp.EQ(this=count.copy(), expression=exp.Literal.number(0)) for count in counts]
            yield exp.paren(exp.or_(*(one.copy() for one in enough)))
            for one, other in zip(none, enough, strict=True):
                yield exp.paren(exp.or_(one, other))

    def _tell_people(self) -> None:
        for place, person in enumerate(self.persons):
            name = f"{GROUP}{place}"
            people = exp.ArrayAgg(this=exp.Distinct(expressions=[person.column.copy()]))
            self.select.append("expressions", exp.alias_(people, name, quoted=True))
            self.state.columns.append(name)

    def _probe(self) -> str:
        """Who stands behind the groups of a block inside the query."""
        probe = self.select.copy()
        for name in ("order", "limit", "offset", "distinct"):
            probe.set(name, None)
        people = [exp.ArrayAgg(this=exp.Distinct(expressions=[one.column.copy()])) for one in self.persons]
        probe.set("expressions", [exp.alias_(one, f"{GROUP}{place}", quoted=True) for place, one in enumerate(people)])
        if self.above:
            own = probe.args.get("with_")
            ctes = [cte.copy() for cte in self.above]
            probe.set(
                "with_",
                exp.With(
                    expressions=ctes
                    + [one for one in (own.expressions if own else ()) if one.alias not in {c.alias for c in ctes}]
                ),
            )
        return probe.sql(DIALECT, comments=False)


def _require_sources_only(tree: exp.Expr, size: int) -> None:
    """A query inside another stands in FROM or WITH: in a condition, a value or an order nobody would count its people."""
    for node in tree.walk():
        if isinstance(node, exp.Exists) or (isinstance(node, exp.In) and node.args.get("query")):
            raise QueryRefused("query.part-under-group", part=type(node).__name__, size=size)
        if isinstance(node, exp.Subquery | exp.Query) and node.parent is not None:
            holder = node.parent
            if not isinstance(holder, exp.From | exp.Join | exp.CTE | exp.SetOperation | exp.Subquery):
                raise QueryRefused("query.part-under-group", part=type(node).__name__, size=size)
            if node.arg_key not in ("this", "expression"):
                raise QueryRefused("query.part-under-group", part=type(node).__name__, size=size)


def _is_number(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string and float(node.name) != 0


def _sources(select: exp.Select) -> Iterator[exp.Expr]:
    from_ = select.args.get("from_")
    if from_ is not None:
        yield from_.this
    for join in select.args.get("joins") or ():
        yield join.this
