"""The gate: may this be done, with this, of these people, for this purpose, now. One compiled table, several executions.

`compile_table(policies, law())` makes the table; `decide(table, ask, facts)` answers with every failing rule, or with a
permit and its obligations. Facts are slots in two words (`facts_words`). Source: APPI on purpose and provision; TBA on secrecy.
"""

from sekisho.engine.gate.ask import (
    Act,
    Ask,
    Decision,
    Facts,
    NeedsApproval,
    NeedsConsent,
    Obligation,
    Permit,
    Reason,
    Refuse,
    RowFacts,
)
from sekisho.engine.gate.compile import compile_table
from sekisho.engine.gate.decide import decide
from sekisho.engine.gate.saying import reasons_json
from sekisho.engine.gate.slots import SLOT, SLOTS, facts_words
from sekisho.engine.gate.table import Cell, Table

__all__ = [
    "SLOT",
    "SLOTS",
    "Act",
    "Ask",
    "Cell",
    "Decision",
    "Facts",
    "NeedsApproval",
    "NeedsConsent",
    "Obligation",
    "Permit",
    "Reason",
    "Refuse",
    "RowFacts",
    "Table",
    "compile_table",
    "decide",
    "facts_words",
    "reasons_json",
]
