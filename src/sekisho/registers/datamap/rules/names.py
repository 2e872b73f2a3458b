"""Names the room's rules share."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

from sekisho.engine.catalog.model import StoredView

if TYPE_CHECKING:
    from sekisho.engine.catalog.inheriting import Release

ROOM = "sekisho.registers.datamap"
FILE = "datamap.yaml"
Stored: TypeAlias = Mapping[str, Mapping[str, StoredView]]  # system -> view -> as it stands there
Releases: TypeAlias = Mapping[tuple[str, str, str], "Release"]  # system, table, column -> what two people called it
