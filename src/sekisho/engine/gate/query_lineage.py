"""From which columns each column of an answer is made: the catalog's lineage over a planned query. Off the planning path."""

from dataclasses import dataclass, replace

from sekisho.engine.catalog.definitions import outputs
from sekisho.engine.catalog.flows import ROWS, Flow, Kind, Origin, Relation
from sekisho.engine.gate.query_schema import PERSON, QueryPlan, QuerySchema

DIALECT = "duckdb"


def with_sources(plan: QueryPlan, schema: QuerySchema) -> QueryPlan:
    """The plan, each output column with the columns whose values it is made of.

    Raises: catalog.untraced where a construct can't be followed.
    """
    found = outputs(plan.text, _SchemaReader(schema=schema), name="query")
    traced = [
        tuple(
            sorted(
                (flow.origin.system, flow.origin.table, flow.origin.column)
                for flow in flows
                if flow.kind is Kind.VALUE and flow.origin.column != ROWS and not flow.origin.column.startswith(PERSON)
            )
        )
        for _, flows in found.columns
    ]
    told = [replace(column, sources=sources) for column, sources in zip(plan.output, traced, strict=False)]
    return replace(plan, output=tuple(told))


@dataclass(slots=True, kw_only=True)
class _SchemaReader:
    """Names of a planned query: `system.table`, with the columns a projection has."""

    schema: QuerySchema
    dialect: str = DIALECT

    def find(self, qualifier: str, name: str) -> Relation | None:
        table = self.schema.tables.get(f"{qualifier}.{name}".lower())
        if table is None:
            return None
        names = [*table.columns, *(f"{PERSON}{place}" for place in range(table.persons))]
        return Relation(
            columns=tuple((one, frozenset({Flow(Origin(table.system, table.name, one), Kind.VALUE)})) for one in names),
            rows=frozenset({Flow(Origin(table.system, table.name, ROWS), Kind.ROWS)}),
            is_ordered=False,
        )
