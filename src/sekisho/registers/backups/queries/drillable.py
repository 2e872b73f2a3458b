"""Which of the systems outside the home a drill can take along, and how; of the others, why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sekisho.connectors.dumps import DUMPERS, server_of
from sekisho.connectors.opening import SCHEMES, located
from sekisho.connectors.spark_url import parts_of
from sekisho.engine.catalog.model import SystemKind
from sekisho.registers.backups.queries.configured import drill_places
from sekisho.registers.backups.queries.stores import SERVERS, stores
from sekisho.registers.datamap import queries as datamaps

FOLDER = "systems/drill"  # of the scratch home: where stores stand that are systems of the data map, not files of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """A system outside the home. `why` a drill can't take it along; then an empty store stands in for it."""

    system: str
    kind: SystemKind
    url: str
    path: Path
    place: str = ""  # a server's: the empty database it is put into
    why: str = ""  # left-out, kind, no-place, no-tools, not-there, remote

    @property
    def is_file(self) -> bool:
        """Whether it is copied as files."""
        return not self.why and not self.place


def outside(without: frozenset[str] = frozenset()) -> tuple[Outside, ...]:
    """Every system outside the home. `without`: those the operator leaves out, for their size."""
    places, datamap, found = drill_places(), datamaps.current(), []
    for id_ in sorted(stores().foreign):
        url = datamaps.located(datamap.systems[id_])
        kind, path = located(datamap.systems[id_].kind, url)
        why = "left-out" if id_ in without else _why(kind, path, places.get(id_, ""))
        place = places.get(id_, "") if kind in DUMPERS and not why else ""
        if (
            kind is SystemKind.SPARK and not why
        ):  # its files, as what they are: no cluster is asked to write into a copy
            kind = SCHEMES[parts_of(url)[2]]
        found.append(Outside(system=id_, kind=kind, url=url, path=path, place=place, why=why))
    return tuple(found)


def absolute() -> Mapping[str, tuple[SystemKind, Path]]:
    """Systems in the home: in a copy of it they must be found by their place in it, whatever carrier.yaml says."""
    return stores().inside


def _why(kind: SystemKind, path: Path, place: str) -> str:
    if kind in DUMPERS:
        return "no-place" if server_of(place) is not kind else "" if DUMPERS[kind].are_there() else "no-tools"
    if kind is SystemKind.SPARK:
        return "" if path.is_absolute() and path.is_dir() else "remote"
    if kind in SERVERS:
        return "kind"
    return "" if path.exists() else "not-there"
