"""One person's erasure across the demo carrier, stage by stage. `python benchmarks/erasure.py [--subscribers N] [--calls N] [--write]`.

The carrier is built anew in a folder that goes afterwards, or `--home` names a built one, which is used up. Somebody with a
contract is planned, approved by two, erased in every store, looked for by the independent reader and certified. Each stage and
each step is timed once: an erasure happens once.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from measuring import machine, table, tell

SMALL, LARGE = 20_000, 1_000_000
APPROVERS = 2


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--subscribers", type=int, default=0, help="up to 1,000,000; of --home, how many it was built with"
    )
    parser.add_argument("--calls", type=int, default=0, help="50 a subscriber if absent")
    parser.add_argument("--home", type=Path, help="a demo carrier that stands; it is used up")
    parser.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    asked = parser.parse_args()
    subscribers = asked.subscribers or (0 if asked.home else SMALL)
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.home or _built(Path(scratch) / "home", subscribers, asked.calls or 50 * subscribers)
        os.environ["SEKISHO_HOME"] = str(home)
        tell("erasure_large" if subscribers >= LARGE else "erasure", _measured(subscribers), write=asked.write)


def _built(home: Path, subscribers: int, calls: int) -> Path:
    command = ["demo", "--dir", str(home), "--subscribers", str(subscribers), "--calls", str(calls)]
    subprocess.run(  # noqa: S603 our own command
        [sys.executable, "-m", "sekisho.entrypoints.cli.main", *command],
        check=True,
        stdout=subprocess.DEVNULL,
        env=os.environ | {"SEKISHO_HOME": str(home)},
    )
    return home


def _measured(subscribers: int) -> list[str]:
    from sekisho.entrypoints import runtime

    with runtime.running():
        from sekisho.registers.datamap import queries as datamap
        from sekisho.registers.identities import queries as identities
        from sekisho.registers.retention import actions, queries
        from sekisho.registers.retention.queries.locating import opened

        at, stages = datetime.now(UTC), dict[str, float]()
        rows, sizes = dict[str, int](), dict[str, float]()
        for system in datamap.current().systems.values():
            with opened(system.id) as source:
                rows[system.id] = sum(source.count(name) for name in system.tables)
            path = Path(datamap.located(system).partition("://")[2].removeprefix("/"))
            files = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
            sizes[system.id] = sum(one.stat().st_size for one in files) / 1e6
        person = _person(identities, at)
        approvers = queries.approvers(at)[:APPROVERS]

        def timed(name: str, began: float) -> None:
            stages[name] = time.perf_counter() - began

        began = time.perf_counter()
        plan = actions.propose_plan(person=person, reason="benchmark", at=at, acting_user="benchmark")
        timed("plan: every system is asked for the person", began)
        began = time.perf_counter()
        for by in approvers:
            actions.approve_plan(plan=plan, sha256=queries.plan(plan).sha256, by=by, at=at)
        timed("two approvals, every use stopped", began)
        spent: dict[str, float] = defaultdict(float)
        marks = {"last": time.perf_counter()}

        def reached(point: str) -> None:
            now = time.perf_counter()
            kind = point.split(".")[1]
            if not point.endswith(".before"):
                spent[kind] += now - marks["last"]
            marks["last"] = now

        began = time.perf_counter()
        status = actions.run_plan(plan=plan, at=at, acting_user="benchmark", reached=reached)
        timed("run: all steps", began)
        if status.value == "done":
            began = time.perf_counter()
            status = actions.verify_plan(plan=plan, at=at, acting_user="benchmark")
            timed("verify: the independent reader", began)
        if status.value == "verified":
            began = time.perf_counter()
            actions.certify_plan(plan=plan, at=at, acting_user="benchmark")
            timed("certify", began)
        record = queries.plan(plan)
    whole = sum(stages.values())
    kinds: dict[str, int] = defaultdict(int)
    for step in record.steps:
        kinds[step.kind] += 1
    total = sum(rows.values())
    return [
        *machine("duckdb", "deltalake", "django"),
        "",
        (
            f"{f'{subscribers:,} subscribers, ' if subscribers else ''}{total:,} rows in {len(rows)} systems, {sum(sizes.values()):,.0f} MB; "
            f"{len(record.steps)} steps, {sum(step.before or 0 for step in record.steps):,} rows and values found; ended as "
            f"`{record.status.value}`{': ' + ', '.join(record.why) if record.why else ''}"
        ),
        "",
        *table(
            ("stage", "seconds"), [(name, f"{took:.2f}") for name, took in stages.items()] + [("whole", f"{whole:.2f}")]
        ),
        "",
        *table(
            ("kind of step", "steps", "seconds"),
            [
                (kind, count, f"{spent[kind]:.2f}")
                for kind, count in sorted(kinds.items(), key=lambda one: -spent[one[0]])
            ],
        ),
        "",
        *table(("system", "rows", "MB"), [(name, f"{rows[name]:,}", f"{sizes[name]:,.1f}") for name in rows]),
    ]


def _person(identities: object, at: datetime) -> str:
    """Somebody with a number and a customer number, not the first: the demo's own story erases one."""
    for index in range(40, 400):
        person = identities.person_of("customer_no", f"C001{index:05d}", at)  # type: ignore[attr-defined]
        if person and any(one.kind == "number" for one in identities.identifiers_of(person)):  # type: ignore[attr-defined]
            return str(person)
    raise SystemExit("no such person in this carrier")


if __name__ == "__main__":
    main()
