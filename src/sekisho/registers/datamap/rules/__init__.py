"""The data map's document and what is held against it."""

from sekisho.registers.datamap.rules.comparing import Comparison, Difference, compare, compare_system
from sekisho.registers.datamap.rules.names import FILE, ROOM, Releases, Stored
from sekisho.registers.datamap.rules.proposing import Crawled, proposal
from sekisho.registers.datamap.rules.reading import check, derived_faults, has_derived, inheritance, load
from sekisho.registers.datamap.rules.reclassifying import (
    Signatory,
    Standing,
    require_may_reclassify,
    require_reclassifiable,
)
from sekisho.registers.datamap.rules.words import secret_items, vocabulary

__all__ = [
    "FILE",
    "ROOM",
    "Comparison",
    "Crawled",
    "Difference",
    "Releases",
    "Signatory",
    "Standing",
    "Stored",
    "check",
    "compare",
    "compare_system",
    "derived_faults",
    "has_derived",
    "inheritance",
    "load",
    "proposal",
    "require_may_reclassify",
    "require_reclassifiable",
    "secret_items",
    "vocabulary",
]
