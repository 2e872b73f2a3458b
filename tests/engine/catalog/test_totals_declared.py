"""What keeps totals from being written, or from being nobody's, is a fault of the data map with its place."""

from dataclasses import replace

import pytest

from sekisho.engine.catalog.model import Column, Grouping, Ownership, System, SystemKind, Table, Totals
from sekisho.engine.catalog.totals import wrong_in

SAID = Totals(
    into="totals", by={"month": Grouping(column="day", how="month")}, count="n", people="people", batch="batch",
    written_on="on", minimum=5, sums={"yen": "yen"},
)  # fmt: skip


def columns(*names: str, item: str = "none") -> dict[str, Column]:
    return {name: Column(name=name, type="text", item=item) for name in names}


def table(name: str, found: dict[str, Column], **more: object) -> Table:
    bare = Table(name=name, label=name, subject="customer", key=("no",), columns=found, owners=(), acquired="day")
    return replace(bare, **more)  # type: ignore[arg-type]


OWNER = Ownership(by="customer_no", column="customer", role="contractor")
CALLS = table("calls", columns("no", "customer", "day", "yen"), owners=(OWNER,), totals=SAID)
INTO = table("totals", columns("batch", "on", "month", "n", "people", "yen"))


def codes(calls: Table = CALLS, into: Table | None = INTO, kind: SystemKind = SystemKind.SQLITE) -> list[str]:
    tables = {"calls": calls} | ({"totals": into} if into else {})
    system = System(id="s", label="s", kind=kind, url="", tables=tables)
    return [code for _, code, _ in wrong_in(system, calls)]


def test_well_declared_totals_have_no_fault() -> None:
    assert codes() == []
    assert codes(kind=SystemKind.DELTA) == []
    assert codes(replace(CALLS, totals=None)) == []


@pytest.mark.parametrize(
    ("calls", "into", "kind", "code"),
    [
        (CALLS, INTO, SystemKind.JSONL, "catalog.totals-kind"),
        (replace(CALLS, key=("no", "day")), INTO, SystemKind.DELTA, "catalog.totals-key"),
        (replace(CALLS, columns={**CALLS.columns, **columns("no", item="bill")}), INTO, SystemKind.DELTA, "catalog.totals-key"),
        (replace(CALLS, owners=()), INTO, SystemKind.SQLITE, "catalog.totals-people"),
        (replace(CALLS, totals=replace(SAID, minimum=1)), INTO, SystemKind.SQLITE, "catalog.totals-minimum"),
        (replace(CALLS, totals=replace(SAID, sums={"yen": "gone"})), INTO, SystemKind.SQLITE, "catalog.no-such-column"),
        (replace(CALLS, totals=replace(SAID, into="calls")), INTO, SystemKind.SQLITE, "catalog.totals-into"),
        (CALLS, None, SystemKind.SQLITE, "catalog.totals-into"),
        (CALLS, replace(INTO, columns=columns("batch", "on", "month", "n", "yen")), SystemKind.SQLITE, "catalog.no-such-column"),
        (
            CALLS,
            replace(INTO, columns={**INTO.columns, **columns("month", item="traffic")}),
            SystemKind.SQLITE,
            "catalog.totals-personal",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_told(calls: Table, into: Table | None, kind: SystemKind, code: str) -> None:
    assert codes(calls, into, kind) == [code]
