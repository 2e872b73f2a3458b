"""What is wrong with how a table says its rows are counted before they go (集計して消去)."""

from collections.abc import Iterator, Mapping

from sekisho.engine.catalog.model import System, SystemKind, Table

# Stores that take rows of ours: those of the first line together with the deletion, in one transaction.
TOGETHER = (SystemKind.SQLITE, SystemKind.POSTGRESQL, SystemKind.MARIADB, SystemKind.DUCKDB)
APART = (SystemKind.DELTA,)
LEAST = 2  # of one person there is no group

Wrong = tuple[str, str, Mapping[str, str]]  # place under `totals`, code, values


def wrong_in(system: System, table: Table) -> Iterator[Wrong]:
    """Everything that keeps the totals from being written, or from being nobody's."""
    said = table.totals
    if said is None:
        return
    values = {"table": table.name, "into": said.into}
    if system.kind not in {*TOGETHER, *APART}:
        yield "", "catalog.totals-kind", values | {"kind": system.kind.value}
    elif system.kind in APART and (len(table.key) != 1 or _is_personal(table, table.key[0])):
        yield "", "catalog.totals-key", values
    if not table.owners:
        yield "", "catalog.totals-people", values
    if said.minimum < LEAST:
        yield ".minimum", "catalog.totals-minimum", values | {"least": str(LEAST)}
    for name, one in (*((name, by.column) for name, by in said.by.items()), *said.sums.items()):
        if one not in table.columns:
            yield f".{'by' if name in said.by else 'sums'}.{name}", "catalog.no-such-column", values | {"column": one}
    into = system.tables.get(said.into)
    if into is None or into.name == table.name:
        yield ".into", "catalog.totals-into", values
        return
    for name in said.columns:
        if name not in into.columns:
            yield ".into", "catalog.no-such-column", {"table": into.name, "column": name}
        elif into.columns[name].items:
            yield ".into", "catalog.totals-personal", {"table": into.name, "column": name}


def _is_personal(table: Table, name: str) -> bool:
    return name in table.columns and bool(table.columns[name].items)
