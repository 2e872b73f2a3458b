"""GDPRbench's mixes with the gate and without: `python benchmarks/gdprbench.py [--large] [--store duckdb] [--write]`.

Each mix runs in a process of its own: the same operations on a plain store with its own log, then on the same store with
the product asked first (every decision sealed and durable). A model in memory says what is right for each of both.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from gdpr.doing import Doing, Gated, Plain
from gdpr.expected import Expected
from gdpr.store import Store
from gdpr.workload import ELAPSED, MIXES, Operation, operations, record
from measuring import machine, table, tell

SIZES = {10_000: 1_000, 100_000: 10_000}  # records -> operations
PREPARED = 200  # deletions before the regulator comes
SEED = 2020


@dataclass
class Run:
    """What one way of doing a mix came to."""

    seconds: float = 0.0
    right: int = 0
    done: int = 0
    bytes: int = 0
    first_wrong: str = ""
    by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def main() -> None:
    """Every mix, several rounds, and the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--large", action="store_true", help="100,000 records and 10,000 operations too")
    arguments.add_argument("--store", choices=("sqlite", "duckdb"), default="sqlite")
    arguments.add_argument("--operations", type=int, default=max(SIZES.values()), help="at most so many in one round")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--mix", choices=tuple(MIXES))
    arguments.add_argument("--one", nargs=2, metavar=("MIX", "RECORDS"), help="one mix once, as JSON")
    given = arguments.parse_args()
    if given.one:
        print(json.dumps(_both(given.one[0], int(given.one[1]), given.store, given.operations)))
        return
    rows, slowest = [], []
    for records in SIZES if given.large else list(SIZES)[:1]:
        for mix in [given.mix] if given.mix else MIXES:
            rounds = [_child(mix, records, given.store, given.operations) for _ in range(given.rounds)]
            rows.append(_row(mix, records, rounds))
            print(*rows[-1], file=sys.stderr)
            slowest.extend(_kinds(mix, records, rounds))
    lines = [
        *machine("duckdb", "django"),
        f"records in {given.store}; medians of {given.rounds} round(s)",
        "",
        *table(HEADS, rows),
        "",
        *table(("operation, median ms", "without", "with"), slowest),
    ]
    tell("gdprbench" if given.store == "sqlite" else f"gdprbench-{given.store}", lines, write=given.write)


HEADS = ("mix, records", "operations", "right without / with", "s without", "s with", "ratio", "bytes without / with")


def _child(mix: str, records: int, store: str, most: int) -> dict[str, dict[str, object]]:
    command = [sys.executable, __file__, "--one", mix, str(records), "--store", store, "--operations", str(most)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603  this very script
    return dict(json.loads(done.stdout))


def _both(mix: str, records: int, engine: str, most: int) -> dict[str, object]:
    from gdpr.carrier import carrier

    from sekisho.client import Gate
    from sekisho.entrypoints import runtime
    from sekisho.entrypoints.gate import LocalTransport

    todo = list(operations(MIXES[mix], records=records, count=min(SIZES[records], most), seed=SEED))
    with tempfile.TemporaryDirectory(prefix="gdprbench-") as folder:
        plain = _loaded(Path(folder) / "plain.db", engine, records, keeps_log=True)
        without = _run(Plain(plain), plain, todo, Expected(mix, records, is_gated=False))
        home = Path(folder) / "home"
        with carrier(home):
            store = _loaded(Path(folder) / "gated.db", engine, records, keeps_log=False)
            doing = Gated(store, Gate(LocalTransport()), mix)
            expected = Expected(mix, records, is_gated=True)
            with_gate = _run(doing, store, todo, expected, before=runtime.number_evidence)
        with_gate.bytes += sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
        return {"without": vars(without), "with": vars(with_gate)}


def _loaded(path: Path, engine: str, records: int, *, keeps_log: bool) -> Store:
    store = Store(path, engine=engine, keeps_log=keeps_log)
    store.load((number, record(number)) for number in range(records))
    store.now = ELAPSED
    return store


def _run(doing: Doing, store: Store, todo: list[Operation], expected: Expected, before: object = None) -> Run:
    run, overdue = Run(), int(len(expected.rows) * 0.9)
    began = time.perf_counter()
    doing.purge()
    run.right, run.done = int(store.overdue(overdue) == 0), 1
    run.seconds = time.perf_counter() - began
    if expected.mix == "regulator":
        todo = _prepared(doing, todo, expected)
        if callable(before):
            before()  # a receipt needs the decision numbered and signed
    for operation in todo:
        began = time.perf_counter()
        answer = doing.do(operation)
        took = time.perf_counter() - began
        run.seconds += took
        run.by_kind[operation.kind].append(took)
        right = expected.answer(operation)
        run.done += 1
        run.right += answer == right
        if answer != right and not run.first_wrong:
            run.first_wrong = f"{operation}: {str(answer)[:300]} instead of {str(right)[:300]}"
    run.done += 1
    run.right += store.everything() == expected.rows
    run.bytes = store.bytes()
    store.close()
    return run


def _prepared(doing: Doing, todo: list[Operation], expected: Expected) -> list[Operation]:
    """Some records deleted; most verifications then ask after one of these, the others after one still there."""
    from dataclasses import replace

    gone = sorted(expected.rows)[: PREPARED * 7 : 7]
    there = sorted(set(expected.rows) - set(gone))
    for number in gone:
        doing.delete(number)
        expected.delete(number)
    return [
        replace(one, key=(gone if one.as_collected else there)[one.key % len(gone)])
        if one.kind == "verify_deletion"
        else one
        for one in todo
    ]


def _row(mix: str, records: int, rounds: list[dict[str, dict[str, object]]]) -> tuple[str, ...]:
    without, gated = ([Run(**one[name]) for one in rounds] for name in ("without", "with"))  # type: ignore[arg-type]
    for run in (*without, *gated):
        if run.first_wrong:
            print(run.first_wrong, file=sys.stderr)
    right = [f"{sum(r.right for r in runs) / sum(r.done for r in runs):.2%}" for runs in (without, gated)]
    plain, asked = (statistics.median(run.seconds for run in runs) for runs in (without, gated))
    sizes = " / ".join(f"{statistics.median(run.bytes for run in runs) / 1e6:.1f} MB" for runs in (without, gated))
    return (
        f"{mix}, {records:,}", f"{without[0].done - 2:,}", " / ".join(right), f"{plain:.2f}", f"{asked:.2f}",
        f"{asked / plain:.1f}", sizes,
    )  # fmt: skip


def _kinds(mix: str, records: int, rounds: list[dict[str, dict[str, object]]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for kind in MIXES[mix].shares:
        medians = [
            statistics.median(took for one in rounds for took in one[name]["by_kind"][kind]) * 1e3  # type: ignore[index]
            for name in ("without", "with")
        ]
        rows.append((f"{mix}, {records:,}: {kind.replace('_', ' ')}", f"{medians[0]:.2f}", f"{medians[1]:.2f}"))
    return rows


if __name__ == "__main__":
    main()
