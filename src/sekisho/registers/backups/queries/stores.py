"""Which of the carrier's systems stand in its home, and are copied with it; and which stand elsewhere."""

from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from sekisho.connectors.opening import located
from sekisho.engine.catalog.model import SystemKind
from sekisho.registers.datamap import queries as datamaps

SERVERS = (SystemKind.POSTGRESQL, SystemKind.MARIADB, SystemKind.ORACLE, SystemKind.SPARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """The carrier's systems: those in the home by id, with kind and place, and those elsewhere."""

    inside: dict[str, tuple[SystemKind, Path]] = field(default_factory=dict)
    foreign: dict[str, SystemKind] = field(default_factory=dict)


def stores() -> Stores:
    """The systems of the data map, by where they stand."""
    found, home = Stores(), Path(settings.HOME).resolve()
    for system in datamaps.current().systems.values():
        kind, path = located(system.kind, datamaps.located(system))
        if kind not in SERVERS and path.resolve().is_relative_to(home):
            found.inside[system.id] = (kind, path.resolve())
        else:
            found.foreign[system.id] = kind
    return found
