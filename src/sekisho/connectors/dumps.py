"""Which servers' stores can be taken along as one file, and by whose tools."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from sekisho.connectors import mariadb_dump, postgresql_dump
from sekisho.connectors.opening import SCHEMES
from sekisho.engine.catalog.model import SystemKind


class Dumper(Protocol):
    """What a kind of server can do for a drill. See `postgresql_dump`."""

    def are_there(self) -> bool:
        """Whether this machine has the tools."""

    def which(self, system: str, url: str) -> str:
        """The server and the database in it, however the url spells them."""

    def claim(self, system: str, url: str, live: str) -> None:
        """Take an empty database and mark it."""

    def wipe(self, system: str, url: str, *, keep_mark: bool = True) -> None:
        """Empty a marked database."""

    def dump(self, system: str, url: str, path: Path) -> None:
        """The store as one file, in one snapshot."""

    def load(self, system: str, url: str, path: Path) -> None:
        """Put a dump into a marked database."""


DUMPERS: Mapping[SystemKind, Dumper] = {
    SystemKind.POSTGRESQL: postgresql_dump,
    SystemKind.MARIADB: mariadb_dump,
}


def server_of(url: str) -> SystemKind | None:
    """The kind of server that a url names; None where it names no server that can be taken along."""
    kind = SCHEMES.get(url.partition("://")[0])
    return kind if kind in DUMPERS else None


def dumper_of(url: str) -> Dumper:
    """Who takes this store along. A url of another kind is a fault of the caller."""
    return DUMPERS[SCHEMES[url.partition("://")[0]]]
