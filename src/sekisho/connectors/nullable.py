"""Which columns of a store may be empty, as the store says: an erasure may undo a reference only there."""

from sekisho.connectors import values
from sekisho.connectors.failures import translated
from sekisho.connectors.relational import RelationalSource
from sekisho.connectors.source import Source

TYPES = {"place": values.TEXT, "own": values.TEXT}
SQLITE = (
    "SELECT t.name AS place, c.name AS own FROM sqlite_schema AS t, pragma_table_info(t.name) AS c "
    "WHERE t.type = 'table' AND c.\"notnull\" = 0 AND c.pk = 0"
)
STANDARD = (
    "SELECT table_name AS place, column_name AS own FROM information_schema.columns "
    "WHERE is_nullable = 'YES' AND table_schema = {schema}"
)
QUESTIONS = {
    "sqlite": SQLITE,
    "postgres": STANDARD.format(schema="current_schema()"),
    "duckdb": STANDARD.format(schema="'main'"),
    "mysql": STANDARD.format(schema="database()"),
}


def nullable(source: Source) -> frozenset[tuple[str, str]]:
    """Every (table, column) that may be empty; none where the store does not say. Raises what the store refuses."""
    if not isinstance(source, RelationalSource) or source.sql not in QUESTIONS:
        return frozenset()
    with translated(source.system):
        batches = list(source.ask(QUESTIONS[source.sql], TYPES))
    return frozenset((row["place"], row["own"]) for batch in batches for row in batch.to_pylist())
