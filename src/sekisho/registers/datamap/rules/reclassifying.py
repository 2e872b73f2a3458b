"""Who may say what a derived column is, and what may be said."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sekisho.engine.catalog.model import DataMap
from sekisho.engine.catalog.vocabulary import Vocabulary
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap.rules.names import ROOM

if TYPE_CHECKING:
    from sekisho.engine.catalog.inheriting import Inheritance


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """Who proposes or approves, as the people register (which stands above this room) knows them that day."""

    ref: str
    role: str
    is_active: bool  # registered, working here, and no machine


class Standing(StrEnum):
    """What became of a reclassification."""

    PROPOSED = "proposed"
    HOLDS = "holds"
    LAPSED = "lapsed"  # the definition changed
    REPLACED = "replaced"  # a later one took its place
    WITHDRAWN = "withdrawn"


def require_may_reclassify(by: Signatory, datamap: DataMap) -> None:
    """Raises: datamap.not-registered, datamap.role-may-not."""
    if not by.is_active:
        raise SekishoError("datamap.not-registered", room=ROOM, by=by.ref)
    if by.role not in datamap.reclassified_by:
        roles = ", ".join(datamap.reclassified_by)
        raise SekishoError("datamap.role-may-not", room=ROOM, by=by.ref, role=by.role, roles=roles)


def require_reclassifiable(
    known: "Inheritance", *, place: tuple[str, str, str], items: tuple[str, ...], reason: str, words: Vocabulary
) -> tuple[str, ...]:
    """What the column inherits now. Raises where there is nothing to reclassify, or no reason, or no such item."""
    if not known.lineages.is_derived_column(*place):
        raise SekishoError("datamap.unknown-derived-column", room=ROOM, column=".".join(place))
    if not reason.strip():
        raise SekishoError("datamap.no-reason", room=ROOM, column=".".join(place))
    for item in items:
        if item not in words.items:
            raise SekishoError("datamap.unknown-item", room=ROOM, item=item)
    inherited = tuple(one.item for one in known.inherited(*place))
    if set(inherited) <= set(items):
        raise SekishoError("datamap.nothing-to-reclassify", room=ROOM, column=".".join(place))
    return inherited
