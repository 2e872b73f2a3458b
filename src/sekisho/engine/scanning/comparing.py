"""What discovery found, held against the data map: personal data in a place the map doesn't declare as such."""

from collections.abc import Iterable, Mapping

from sekisho.engine.catalog.model import DataMap, System
from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning.columns import ColumnFinding
from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.tables import WHOLE

ROOM = "sekisho.engine.scanning"


def system_of(datamap: DataMap, tables: Iterable[str], *, named: str | None = None) -> System:
    """The system of the map that was looked at: the one named, else the one with most of these tables.

    Raises: discover.unknown-system.
    """
    known = ", ".join(datamap.systems)
    if named is not None:
        if named not in datamap.systems:
            raise SekishoError("discover.unknown-system", room=ROOM, system=named, known=known)
        return datamap.systems[named]
    seen = frozenset(tables)
    best = max(datamap.systems.values(), key=lambda system: len(seen & system.tables.keys()), default=None)
    if best is None or not seen & best.tables.keys():
        raise SekishoError("discover.unknown-system", room=ROOM, system="?", known=known)
    return best


def declared(system: System, table: str, column: str) -> tuple[str, ...]:
    """The personal items the map says stand there; none where it calls the column not personal or doesn't know it."""
    known: Mapping[str, object] = system.tables
    if table not in known:
        return ()
    columns = system.tables[table].columns
    if column == WHOLE:
        return tuple(item for one in columns.values() for item in one.items)
    return columns[column].items if column in columns else ()


def is_undeclared(finding: ColumnFinding, items: tuple[str, ...]) -> bool:
    """Whether it is personal data where the map declares none."""
    return finding.grade is not Grade.NOT_PERSONAL and not items
