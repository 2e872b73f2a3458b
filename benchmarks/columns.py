"""Many rows: `decide_columns` against a dense table in NumPy on the same columns. `python benchmarks/columns.py [--write] [--rows N]`.

The dense table is what one would write by hand: need, want and the cure of every slot by kind and era, looked up for each
row; it tells the failing word and the effect, no reasons, no counts by rule. Both must agree on every row. One core.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from measuring import machine, table, tell

from sekisho.connectors.documents import read_folder
from sekisho.engine.gate import SLOTS, Act, compile_table, facts_words
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.columns import Columns, decide_columns
from sekisho.engine.gate.slots import WANT, Cure
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

ROOT = Path(__file__).resolve().parents[1]
POLICY = load(read_folder(ROOT / "policies" / "arlink"))
TABLE = compile_table([POLICY], law())
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
KNOWN, IN_ORDER = facts_words({slot.name: slot.want for slot in SLOTS})
GOAL = 30
OF_PEOPLE = SLOTS[:17]  # slots that differ by person
Words = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Case:
    """One set of columns and the ask over them."""

    name: str
    ask: BulkAsk
    columns: Columns


def main() -> None:
    """Answers first, then time."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--rows", type=int, default=4_000_000)
    given = arguments.parse_args()
    rows, goals = [], []
    for case in cases(np.random.default_rng(20261120), given.rows):
        dense = Dense(case) if len(case.ask.items) == 1 and not case.columns.values else None
        outcomes = agree(case, dense)
        ours, theirs = [], []
        gate = partial(decide_columns, TABLE, case.ask, case.columns, in_force=POLICY.era)
        for _ in range(given.rounds):
            ours.append(core_seconds(gate))
            if dense is not None:
                theirs.append(core_seconds(dense.decide))
        speed = [given.rows / one / 1e6 for one in ours]
        against = statistics.median(theirs) / statistics.median(ours) if theirs else None
        rows.append(
            (
                case.name,
                f"{statistics.median(speed):.1f}",
                f"{min(speed):.1f}-{max(speed):.1f}",
                f"{given.rows / statistics.median(theirs) / 1e6:.1f}" if theirs else "",
                f"{against:.2f}" if against else "",
                outcomes,
            )
        )
        if dense is not None:
            met = "met" if statistics.median(speed) >= GOAL else "not met"
            goals.append((case.name, f"{statistics.median(speed):.1f}", f"≥ {GOAL}", met))
    heads = (
        "",
        "decide_columns, M rows/s",
        "by round",
        "dense table, M rows/s",
        "of the dense table's speed",
        "answers",
    )
    lines = [
        *machine("numpy", "pyarrow"),
        f"{given.rounds} rounds of {given.rows:,} rows, processor time; failing word and effect equal on every row compared",
        "",
        *table(heads, rows),
        "",
        *table(("million rows a second", "measured", "goal", ""), goals),
    ]
    tell("columns", lines, write=given.write)


def core_seconds(call: Callable[[], object]) -> float:
    """The processor time of one call, all threads together: what others do on the machine is not counted."""
    began = time.process_time()
    call()
    return time.process_time() - began


def cases(random: np.random.Generator, count: int) -> list[Case]:
    """Customers for a campaign by mail, one in three of whom fail something."""
    off = np.zeros(count, dtype=np.int64)
    for slot in OF_PEOPLE:
        off |= np.where(random.random(count) < 0.025, slot.mask, 0)
    unknown = np.where(random.random(count) < 0.02, SLOTS[7].mask, 0)
    one, two = np.zeros(count, dtype=np.int16), (random.random(count) < 0.1).astype(np.int16)
    known, value = np.full(count, KNOWN, dtype=np.int64), IN_ORDER ^ off
    customers: dict[str, Any] = {"kinds": ("customer",), "kind": one, "eras": (POLICY.era,), "era": one}
    mixed: dict[str, Any] = {
        "kinds": ("customer", "applicant"),
        "kind": two,
        "eras": (POLICY.era, None),
        "era": two,
    }
    mail = BulkAsk(
        actor="s-1", act=Act.USE, items=("identity.mail",), purpose="marketing", at=AT, channel="mail"
    )  # fmt: skip
    three = BulkAsk(
        actor="s-1", act=Act.USE, items=("identity.mail", "identity.name", "bill"), purpose="marketing", at=AT, channel="mail"
    )  # fmt: skip
    way = next(way for way in POLICY.ways_out.values() if way.when)
    debts = BulkAsk(
        actor="s-1", act=Act(way.kind.value), items=way.items[:1], purpose=way.purpose, at=AT, recipient=way.to[0]
    )  # fmt: skip
    bills = {
        "bill.due_on": pa.array(random.integers(20_000, 21_000, count).astype(np.int32)).cast(pa.date32()),
        "bill.unpaid_yen": pa.array(random.integers(0, 3, count)),
    }
    said = {"recipient.assignment_contract": True, "recipient.foreign": False}
    return [
        Case("one kind, one version, all known", mail, Columns(known=known, value=value, **customers)),
        Case("one kind, one version, 2% unknown", mail, Columns(known=known & ~unknown, value=value, **customers)),
        Case("two kinds, two versions, 2% unknown", mail, Columns(known=known & ~unknown, value=value, **mixed)),
        Case("three items", three, Columns(known=known, value=value, **customers)),
        Case(
            "a condition on dates and amounts of the row",
            debts,
            Columns(known=known, value=value, values=bills, attributes=said, **customers),
        ),
    ]


class Dense:
    """The table by hand: arrays by cell, looked up for every row."""

    def __init__(self, case: Case) -> None:
        self.columns = case.columns
        item, ask = case.ask.items[0], case.ask
        need, none, approval, static = [], [], [], []
        for era in case.columns.eras:
            for kind in case.columns.kinds:
                cell = TABLE.cell(
                    in_force=POLICY.era, era=era, purpose=ask.purpose, item=item, subject_kind=kind, on=AT.date()
                )
                need.append(cell.need)
                cures = {bit: cell.tell(bit, False).cure for bit in range(48) if cell.need >> bit & 1}
                none.append(sum(1 << bit for bit, cure in cures.items() if cure is Cure.NONE))
                approval.append(sum(1 << bit for bit, cure in cures.items() if cure is Cure.APPROVAL))
                static.append(3 if cell.failures else 0)
        self.need, self.none, self.approval = (np.array(words, dtype=np.int64) for words in (need, none, approval))
        self.static = np.array(static, dtype=np.uint8)

    def decide(self) -> tuple[Words, npt.NDArray[np.uint8]]:
        """Failing word and effect of every row."""
        columns = self.columns
        cell = columns.era.astype(np.int64) * len(columns.kinds) + columns.kind
        failing = self.need[cell] & ~(columns.known & ~(columns.value ^ WANT))
        hopeless = failing & (self.none[cell] | ~columns.known)
        effect = np.where(hopeless, 3, np.where(failing & self.approval[cell], 2, (failing != 0).astype(np.uint8)))
        return failing, np.maximum(effect, self.static[cell]).astype(np.uint8)


def agree(case: Case, dense: Dense | None) -> int:
    """How many different answers there are; stops where the two differ."""
    said = decide_columns(TABLE, case.ask, case.columns, in_force=POLICY.era)
    if dense is not None:
        failing, effect = dense.decide()
        if not (np.array_equal(failing, said.failing) and np.array_equal(effect, said.effect)):
            message = f"{case.name}: the dense table and the gate differ"
            raise SystemExit(message)
    return len(said.outcomes)


if __name__ == "__main__":
    main()
