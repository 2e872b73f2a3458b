"""The data map's document and what is held against it."""

from sekisho.registers.datamap.rules.cells import COLUMNS, GAP_WORDS, cells
from sekisho.registers.datamap.rules.comparing import Comparison, Difference, compare, compare_system
from sekisho.registers.datamap.rules.dpv import context, processing
from sekisho.registers.datamap.rules.fides_mapping import Imported, exported, imported, rendered
from sekisho.registers.datamap.rules.fides_model import FidesDataset, unreachable
from sekisho.registers.datamap.rules.fides_reading import read_datasets
from sekisho.registers.datamap.rules.flows import KINDS, Inflow, Outflow
from sekisho.registers.datamap.rules.graph import json_ld, turtle
from sekisho.registers.datamap.rules.ledger import GAPS, LedgerRow, Look, item_label, ledger
from sekisho.registers.datamap.rules.names import FILE, ROOM, Releases, Stored
from sekisho.registers.datamap.rules.picture import Picture, picture
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
    "COLUMNS",
    "FILE",
    "GAPS",
    "GAP_WORDS",
    "KINDS",
    "ROOM",
    "Comparison",
    "Crawled",
    "Difference",
    "FidesDataset",
    "Imported",
    "Inflow",
    "LedgerRow",
    "Look",
    "Outflow",
    "Picture",
    "Releases",
    "Signatory",
    "Standing",
    "Stored",
    "cells",
    "check",
    "compare",
    "compare_system",
    "context",
    "derived_faults",
    "exported",
    "has_derived",
    "imported",
    "inheritance",
    "item_label",
    "json_ld",
    "ledger",
    "load",
    "picture",
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
