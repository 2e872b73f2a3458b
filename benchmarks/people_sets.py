"""Who may be used, out of everybody: current bitmaps against DuckDB. `python benchmarks/people_sets.py [--large] [--write]`.

A campaign by mail under `policies/arlink`. The gate's time runs from the ask (scene read from the product database) to an
Arrow column of ids. DuckDB has the same people as tables, in its own file, all threads; its time runs to the same column.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from measuring import machine, seconds, table, tell
from people.carrier import AT, people, start

SIZES = {False: 1_000_000, True: 10_000_000}
FASTER, PARQUET = 5, 1.2
# The rules of the policy for this purpose, as an analyst would write them. `purpose_accepted` and the like as slots say.
RULES = """
SELECT p.{column} AS id FROM person p JOIN contract c ON c.person = p.id
WHERE (p.deceased IS NULL OR p.deceased > DATE '2026-11-20')
  AND (c.ended IS NULL OR c.ended + INTERVAL 5 YEAR >= DATE '2026-11-20')
  AND EXISTS (FROM {held} s WHERE s.person = p.id AND s.kind IN ('accepted_purpose', 'specific') AND s.scope IN ('*', 'marketing'))
  AND EXISTS (FROM {held} s WHERE s.person = p.id AND s.kind = 'channel' AND s.scope IN ('*', 'mail'))
  AND NOT EXISTS (FROM {held} s WHERE s.person = p.id AND s.kind IN ('objection', 'restricted', 'solicitation_refused')
                  AND s.scope IN ('*', 'marketing'))
  AND (p.is_corporate OR p.born <= DATE '2008-11-20'
       OR EXISTS (FROM {held} s WHERE s.person = p.id AND s.kind = 'guardian' AND s.scope IN ('*', 'marketing')))
ORDER BY p.id
"""
FOLDED = """
WITH last AS (SELECT person, kind, scope FROM (
  SELECT person, kind, scope, arg_max(given, epoch) AS given FROM event GROUP BY ALL) WHERE given)
"""
WIDE = """
CREATE TABLE wide AS SELECT p.*, c.person IS NOT NULL AS has_contract, c.ended,
  coalesce(s.accepted, false) AS accepted, coalesce(s.mail, false) AS mail, coalesce(s.objected, false) AS objected,
  coalesce(s.guardian, false) AS guardian
FROM person p LEFT JOIN contract c ON c.person = p.id LEFT JOIN (
  SELECT person, bool_or(kind IN ('accepted_purpose', 'specific') AND scope IN ('*', 'marketing')) AS accepted,
    bool_or(kind = 'channel' AND scope IN ('*', 'mail')) AS mail,
    bool_or(kind IN ('objection', 'restricted', 'solicitation_refused') AND scope IN ('*', 'marketing')) AS objected,
    bool_or(kind = 'guardian' AND scope IN ('*', 'marketing')) AS guardian
  FROM standing GROUP BY person) s ON s.person = p.id ORDER BY p.id
"""
OF_WIDE = """
SELECT {column} AS id FROM wide WHERE has_contract AND accepted AND mail AND NOT objected
  AND (deceased IS NULL OR deceased > DATE '2026-11-20') AND (is_corporate OR guardian OR born <= DATE '2008-11-20')
  AND (ended IS NULL OR ended + INTERVAL 5 YEAR >= DATE '2026-11-20') ORDER BY id
"""


def main() -> None:
    """The same people from all, then time."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--large", action="store_true", help="ten million people instead of one")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines = measured(Path(folder), SIZES[given.large], given.rounds)
    tell("people_sets_large" if given.large else "people_sets", lines, write=given.write)


def measured(folder: Path, count: int, rounds: int) -> list[str]:
    """All contestants in turns."""
    start(folder / "home")
    population, tables = people(count)
    chosen = gate(population)
    cold = seconds(chosen)
    db = duckdb.connect(str(folder / "people.duckdb"))
    for name, rows in tables.items():
        db.register("rows", rows)
        db.execute(f"CREATE TABLE {name} AS FROM rows")
        db.unregister("rows")
    db.execute(WIDE)
    from sekisho.registers.decisions.actions import decide_many, stop_sealing

    asks: dict[str, Callable[[], Any]] = {
        "the gate, people set": lambda: len(chosen()),
        "the gate, an answer for each and one sealed record": lambda: decide_many(chosen.args[0]),
        "the gate, to an Arrow column of ids": lambda: chosen().numbers,
        "the gate, to an Arrow column of references": lambda: chosen().refs,
        "DuckDB, last words kept current, ids": partial(query, db, RULES.format(held="standing", column="id")),
        "DuckDB, last words kept current, references": partial(query, db, RULES.format(held="standing", column="ref")),
        "DuckDB, from the events, ids": partial(query, db, FOLDED + RULES.format(held="last", column="id")),
        "DuckDB, one wide table made for this very question, ids": partial(query, db, OF_WIDE.format(column="id")),
    }
    ids = {name: ask() for name, ask in asks.items() if name.endswith("ids")}
    first = next(iter(ids.values()))
    if not all(one.equals(first) for one in ids.values()):
        message = "the gate and DuckDB name different people"
        raise SystemExit(message)
    took: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(rounds):
        for name, ask in asks.items():
            took[name].append(seconds(ask))
    ours = folder / "ours.parquet"
    theirs = folder / "theirs.parquet"
    db.register("ids", pa.table({"id": first}))
    writing: dict[str, list[float]] = {"gate": [], "DuckDB": []}
    for _ in range(rounds):
        writing["gate"].append(seconds(lambda: write(first, ours)))
        writing["DuckDB"].append(seconds(lambda: db.execute(f"COPY (FROM ids) TO '{theirs}' (FORMAT parquet)")))
    stop_sealing()
    middle = {name: statistics.median(times) for name, times in took.items()}
    ratio = middle["DuckDB, last words kept current, ids"] / middle["the gate, to an Arrow column of ids"]
    events = middle["DuckDB, from the events, ids"] / middle["the gate, to an Arrow column of ids"]
    wide = (
        middle["DuckDB, one wide table made for this very question, ids"]
        / middle["the gate, to an Arrow column of ids"]
    )
    parquet = statistics.median(writing["gate"]) / statistics.median(writing["DuckDB"])
    sets = sum(len(bits) for bits in population.holding.bits.values())
    return [
        *machine("numpy", "pyarrow", "pyroaring", "duckdb"),
        f"{count:,} people, {tables['event'].num_rows:,} events, {len(first):,} permitted; {rounds} rounds; the same people from all",
        f"bitmaps of {len(population.holding.bits)} kinds and scopes: {sets / 1e6:.1f} MB in memory, {kept_size(population) / 1e6:.1f} MB kept",
        f"the first ask of all, which also reads the policy and makes the sets of that day: {cold:.2f} s",
        "",
        *table(
            ("", "ms", "by round"),
            [(name, f"{middle[name] * 1e3:.1f}", _range(times)) for name, times in took.items()]
            + [(f"Parquet of the ids, {name}", f"{statistics.median(times) * 1e3:.1f}", _range(times)) for name, times in writing.items()],
        ),
        "",
        *table(
            ("", "measured", "goal", ""),
            [
                ("ids, times faster than DuckDB on last words kept current", f"{ratio:.1f}", f"≥ {FASTER}", _met(ratio >= FASTER)),
                ("ids, times faster than DuckDB from the events", f"{events:.1f}", f"≥ {FASTER}", _met(events >= FASTER)),
                ("ids, times faster than DuckDB on the wide table", f"{wide:.1f}", "", ""),
                ("Parquet, of DuckDB's COPY", f"{parquet:.2f}", f"≤ {PARQUET}", _met(parquet <= PARQUET)),
            ],
        ),
    ]  # fmt: skip


def gate(population: Any) -> partial[Any]:
    """The product's own query, its population standing for the one it would have kept current."""
    from sekisho.engine.gate.ask import Act, BulkAsk
    from sekisho.registers.decisions.queries.people_sets import people_set
    from sekisho.registers.populations import queries as populations

    populations.current = lambda: population
    ask = BulkAsk(
        actor="s-1", act=Act.USE, items=("identity.mail",), purpose="marketing", at=AT, channel="mail"
    )  # fmt: skip
    return partial(people_set, ask)


def query(db: duckdb.DuckDBPyConnection, sql: str) -> pa.Array:
    """One Arrow column."""
    return db.sql(sql).to_arrow_table().column("id").combine_chunks()


def write(ids: pa.Array, path: Path) -> None:
    """Ids in order lie close together: their differences are small."""
    pq.write_table(
        pa.table({"id": ids}), path, use_dictionary=False, column_encoding={"id": "DELTA_BINARY_PACKED"}
    )  # fmt: skip


def kept_size(population: Any) -> int:
    """How large the bitmaps are in the home."""
    from sekisho.registers.populations.queries import kept

    return len(kept.as_bytes(population))


def _range(times: list[float]) -> str:
    return f"{min(times) * 1e3:.1f}-{max(times) * 1e3:.1f}"


def _met(met: bool) -> str:
    return "met" if met else "not met"


if __name__ == "__main__":
    main()
