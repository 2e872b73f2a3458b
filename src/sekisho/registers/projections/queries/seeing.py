"""What one purpose may see of every table, and under which duties: the rule table read column by column."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sekisho.engine.catalog.model import Column, DataMap, Table
from sekisho.engine.gate.ask import Act, Obligation
from sekisho.engine.gate.query_schema import QuerySchema, SchemaColumn, SchemaTable, SchemaView, Used
from sekisho.engine.gate.table import Cell
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.projections import rules

CellKey = tuple[str, str]  # era, kind of person


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a purpose may see."""

    policy: Policy
    datamap: DataMap
    purpose: str
    at: datetime
    eras: tuple[tuple[str, date], ...]  # every version with its first day, oldest first
    schema: QuerySchema
    kept: dict[tuple[str, str], tuple[Obligation, ...]] = field(default_factory=dict, compare=False)

    @property
    def on(self) -> date:
        """The Tokyo date."""
        return tokyo_date(self.at)

    def cells(self, item: str, kinds: tuple[str, ...]) -> Mapping[tuple[str, str], Cell]:
        """The cells of an item, by era and kind of person."""
        table = policies.table()
        return {
            (era, kind): table.cell(
                in_force=self.policy.era,
                era=era,
                purpose=self.purpose,
                item=item,
                subject_kind=kind,
                on=self.on,
                act=Act.USE,
            )
            for era, _ in self.eras
            for kind in kinds
        }

    def cell_without_era(self, item: str, kind: str) -> Cell:
        """The cell of a row whose era nobody knows: it refuses."""
        return policies.table().cell(
            in_force=self.policy.era,
            era=None,
            purpose=self.purpose,
            item=item,
            subject_kind=kind,
            on=self.on,
        )

    def obligations(self, item: str, kind: str) -> tuple[Obligation, ...]:
        """What a permit for an item obliges to, whatever the era."""
        if (item, kind) in self.kept:
            return self.kept[item, kind]
        found: dict[str, Obligation] = {}
        for cell in self.cells(item, (kind,)).values():
            if not cell.failures:
                found |= {one.id: one for one in cell.permit.obligations}
        told = self.kept[item, kind] = tuple(found.values())
        return told

    def coarsened(self, item: str, kind: str) -> str | None:
        """How an item has to be coarsened; empty if not at all, None where nobody could do it in a column."""
        asked = {
            str(one.properties.get("to", one.type))
            for one in self.obligations(item, kind)
            if one.type in ("transform", "mask") and one.properties.get("item", item) == item
        }
        within = {one.type for one in self.obligations(item, kind) if one.properties.get("item", item) != item}
        others = {one.type for one in self.obligations(item, kind)} - rules.UNDERSTOOD
        if within & {"transform", "mask"} or others or len(asked) > 1 or asked - set(rules.COARSE_TYPE):
            return None
        return next(iter(asked), "")

    def shown(self, system: str, table: str) -> Mapping[str, SchemaColumn]:
        """The columns of a table, seen or not."""
        return self.schema.tables[f"{system}.{table}".lower()].columns

    def minimum_group(self, used: frozenset[Used], tables: tuple[tuple[str, str], ...]) -> int:
        """The largest smallest group that the columns in use ask for; mere rows ask as all of their table does."""
        sizes = [0]
        for system, name in tables:
            table = self.datamap.systems[system].tables[name]
            named = {item for s, t, column in used if (s, t) == (system, name) for item in table.columns[column].items}
            for one in named or self.items_of(system, table):
                for obligation in self.obligations(one, table.subject):
                    size = obligation.properties.get("size")
                    sizes += [size] if obligation.type == "minimum_group" and isinstance(size, int) else []
        return max(sizes)

    def items_of(self, system: str, table: Table) -> tuple[str, ...]:
        """The items of a table that the purpose may see: what its mere rows tell."""
        seen = [name for name, column in self.shown(system, table.name).items() if column.shown]
        return tuple(sorted({item for name in seen for item in table.columns[name].items}))


def seen_by(purpose: str, *, at: datetime) -> Seen:
    """What a purpose may see at `at`. Raises: policies.none-in-force, datamap.none-adopted."""
    policy, datamap = policies.in_force(at), datamap_queries.governed()
    history = [(one.era, one.in_force_from or date.min) for one in policies.history()]
    bare = Seen(
        policy=policy, datamap=datamap, purpose=purpose, at=at, eras=tuple(history), schema=QuerySchema(tables={})
    )
    known = rules.references(datamap)
    tables = {}
    for system in datamap.systems.values():
        for table in system.tables.values():
            if table.definition is not None and not table.definition.is_stored:
                continue  # a view has no rows of its own: a query over it becomes one over what it is made of
            shown = SchemaTable(
                system=system.id,
                name=table.name,
                columns={column.name: column for column in _columns(bare, table, known)},
                owners=tuple("" if table.columns[owner.column].items else owner.column for owner in table.owners),
            )
            tables[shown.full_name.lower()] = shown
    return Seen(
        policy=policy,
        datamap=datamap,
        purpose=purpose,
        at=at,
        eras=tuple(history),
        schema=QuerySchema(tables=tables, views=_views(datamap)),
    )


def why_not(cells: Mapping[tuple[str, str], Cell]) -> tuple[str, str, str] | None:
    """Code, clause and message of what forbids an item whatever the facts; None where some era permits it."""
    if any(not cell.failures for cell in cells.values()):
        return None
    failures = [ranked for cell in cells.values() for ranked in cell.failures]
    if not failures:
        return ("gate.era-unknown", "", "")
    first = min(failures, key=lambda ranked: ranked.order).reason
    return first.code, first.clause, first.message


def _views(datamap: DataMap) -> Mapping[str, SchemaView]:
    """The views by their definitions; one that only its store knows is read there."""
    found = {}
    for system in datamap.systems.values():
        for view in system.views.values():
            made = view.definition
            if made is not None and not made.sql:
                standing = datamap_queries.standing_views(datamap).get(system.id, {}).get(view.name)
                sql, dialect = (standing.sql, standing.dialect) if standing else ("", made.dialect)
            else:
                sql, dialect = (made.sql, made.dialect) if made else ("", "")
            known = SchemaView(system=system.id, name=view.name, sql=sql, dialect=dialect)
            found[known.full_name.lower()] = known
    return found


def _columns(seen: Seen, table: Table, known: "rules.References") -> Iterator[SchemaColumn]:
    why: dict[str, tuple[str, str, str] | None] = {}
    for column in table.columns.values():
        if column.control or (column.free_text and "." not in column.item):
            code, message = rules.CONTROL if column.control else rules.FREE_TEXT
            yield SchemaColumn(
                name=column.name,
                type=column.type,
                shown=False,
                item=column.item if column.items else "",
                code=code,
                clause=_clause(seen),
                message=message,
            )
            continue
        if not column.items:
            replaced = rules.stands_for(table, column.name, known) is not None
            yield SchemaColumn(name=column.name, type="text" if replaced else column.type, shown=True)
            continue
        for item in column.items:
            if item not in why:
                why[item] = _why_hidden(seen, table, item)
        found = next((told for item in column.items if (told := why[item]) is not None), None)
        if found is None and (
            column.type == "binary" or (len(column.items) > 1 and _is_coarsened(seen, table, column))
        ):
            found = ("projections.not-coarsened", _clause(seen), rules.NOT_COARSENED)
        code, clause, message = found or ("", "", "")
        how = seen.coarsened(column.item, table.subject) or ""
        yield SchemaColumn(
            name=column.name,
            type=rules.COARSE_TYPE.get(how, column.type),
            shown=found is None,
            item=column.item,
            code=code,
            clause=clause,
            message=message,
        )


def _why_hidden(seen: Seen, table: Table, item: str) -> tuple[str, str, str] | None:
    found = why_not(seen.cells(item, (table.subject,)))
    if found is None and seen.coarsened(item, table.subject) is None:
        return ("projections.not-coarsened", _clause(seen), rules.NOT_COARSENED)
    return found


def _is_coarsened(seen: Seen, table: Table, column: Column) -> bool:
    return any(seen.coarsened(item, table.subject) for item in column.items)


def _clause(seen: Seen) -> str:
    purpose = seen.policy.purposes.get(seen.purpose)
    return purpose.clause if purpose else ""
