"""Reading the document with places, and holding it against a policy and against its own lineage."""

from hashlib import sha256
from typing import TYPE_CHECKING, Any, cast

from sekisho.engine.catalog.build import build
from sekisho.engine.catalog.model import DataMap, System
from sekisho.engine.errors import DocumentRefused, Fault, Place
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.reader import Reading, compose, read
from sekisho.registers.datamap.rules.names import FILE, Releases, Stored
from sekisho.registers.datamap.rules.shape import DOCUMENT
from sekisho.registers.datamap.rules.words import vocabulary

if TYPE_CHECKING:
    from sekisho.engine.catalog.inheriting import Inheritance


def check(
    text: str,
    policy: Policy | None,
    path: str = FILE,
    *,
    releases: Releases | None = None,
    stored: Stored | None = None,
) -> tuple[DataMap | None, tuple[Fault, ...]]:
    """The map and every fault of the document, against a policy where one is given.

    With a policy, what is derived is held against its lineage too: `stored` are the views as they stand in the
    systems, `releases` what two people have reclassified.
    """
    reading = Reading()
    node = compose(path, text, reading)
    if node is None:
        return None, tuple(reading.faults)
    data = cast("dict[str, Any]", read(node, DOCUMENT, "", path, reading))
    if reading.faults:
        return None, tuple(sorted(reading.faults, key=_in_order))
    words = vocabulary(policy) if policy else None
    datamap, faults = build(data, sha256=sha256(text.encode()).hexdigest(), place_of=reading.place, vocabulary=words)
    if words is not None:
        unknown = {fault.values["found"] for fault in faults if fault.code == "catalog.unknown-item"}
        faults += tuple(
            fault
            for fault in derived_faults(datamap, words.secret, releases=releases, stored=stored)
            if not unknown or not set(fault.values.get("items", "?").split(", ")) <= unknown  # told where it is written
        )
    return datamap, tuple(sorted(faults, key=_in_order))


def derived_faults(
    datamap: DataMap, secret: frozenset[str], *, releases: Releases | None = None, stored: Stored | None = None
) -> tuple[Fault, ...]:
    """What is wrong with everything derived: undeclared, narrower than its lineage, untraced."""
    if not stored and not any(has_derived(system) for system in datamap.systems.values()):
        return ()
    from sekisho.engine.catalog.checking import derived_faults as faults_of  # the SQL parser loads when it is needed

    return faults_of(inheritance(datamap, secret, releases=releases, stored=stored))


def inheritance(
    datamap: DataMap, secret: frozenset[str], *, releases: Releases | None = None, stored: Stored | None = None
) -> "Inheritance":
    """What every derived column inherits."""
    from sekisho.engine.catalog.inheriting import Inheritance
    from sekisho.engine.catalog.lineage import Lineages

    return Inheritance(lineages=Lineages(datamap=datamap, stored=stored or {}), secret=secret, releases=releases or {})


def has_derived(system: System) -> bool:
    """Whether a system has views or derived tables in the map."""
    return bool(system.views) or any(table.definition for table in system.tables.values())


def load(
    text: str, policy: Policy | None = None, *, releases: Releases | None = None, stored: Stored | None = None
) -> DataMap:
    """The map. Raises: DocumentRefused with every fault."""
    datamap, faults = check(text, policy, releases=releases, stored=stored)
    if datamap is None or faults:
        raise DocumentRefused(faults)
    return datamap


def _in_order(fault: Fault) -> tuple[int, int]:
    place: Place = fault.place
    return (place.line, place.column)
