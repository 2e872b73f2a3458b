"""The data map's document and what is held against it."""

from sekisho.registers.datamap.rules.comparing import Comparison, Difference, compare, compare_system
from sekisho.registers.datamap.rules.dpv import context, processing
from sekisho.registers.datamap.rules.fides_mapping import Imported, exported, imported, rendered
from sekisho.registers.datamap.rules.fides_model import FidesDataset, unreachable
from sekisho.registers.datamap.rules.fides_reading import read_datasets
from sekisho.registers.datamap.rules.graph import json_ld, turtle
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
    "FidesDataset",
    "Imported",
    "Releases",
    "Signatory",
    "Standing",
    "Stored",
    "check",
    "compare",
    "compare_system",
    "context",
    "derived_faults",
    "exported",
    "has_derived",
    "imported",
    "inheritance",
    "json_ld",
    "load",
    "processing",
    "proposal",
    "read_datasets",
    "rendered",
    "require_may_reclassify",
    "require_reclassifiable",
    "secret_items",
    "turtle",
    "unreachable",
    "vocabulary",
]
