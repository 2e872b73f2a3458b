"""How every benchmark times, what it says of the machine, and where it writes its table."""

import gc
import importlib.metadata
import os
import platform
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "measurements.md"
NANO = 1_000


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles of one round, in microseconds."""

    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Timing:
    """The median over all rounds, and the lowest and highest p50 of a round."""

    p50: float
    p99: float
    lowest: float
    highest: float


def round_of(call: Callable[..., object], cases: Iterable[tuple[object, ...]]) -> Spread:
    """Every call timed by itself, collector on. The clock's own cost (about 0.05 µs) is not taken away."""
    clock = time.perf_counter_ns
    took: list[int] = []
    gc.collect()
    for case in cases:
        began = clock()
        call(*case)
        took.append(clock() - began)
    took.sort()
    return Spread(took[len(took) // 2] / NANO, took[int(len(took) * 0.99)] / NANO)


def timing(rounds: Sequence[Spread]) -> Timing:
    """Several rounds as one line."""
    p50 = [one.p50 for one in rounds]
    return Timing(statistics.median(p50), statistics.median(one.p99 for one in rounds), min(p50), max(p50))


def seconds(call: Callable[[], object]) -> float:
    """How long one call took."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def machine(*packages: str) -> list[str]:
    """What this ran on: processor, memory, load, versions."""
    kilobytes = re.search(r"MemTotal:\s+(\d+)", _read("/proc/meminfo"))
    gigabytes = int(kilobytes[1]) / 1024**2 if kilobytes else 0
    model = re.search(r"model name\s*:\s*(.+)", _read("/proc/cpuinfo"))
    load = " ".join(f"{one:.2f}" for one in os.getloadavg())
    versions = [f"{name} {importlib.metadata.version(name)}" for name in packages]
    return [
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {gigabytes:.0f} GB; load average {load}",
        ", ".join([f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}", *versions]),
        time.strftime("measured %Y-%m-%d %H:%M UTC", time.gmtime()),
    ]


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """A table in Markdown: the first column names, the others are figures."""
    lines = [f"| {' | '.join(heads)} |", f"|---|{'--:|' * (len(heads) - 1)}"]
    return lines + [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]


def tell(name: str, lines: Sequence[str], *, write: bool, page: Path = PAGE) -> None:
    """Print the lines; with `write`, put them into the page, between the marks of this benchmark."""
    text = "\n".join(lines)
    print(text)
    if not write:
        return
    begin, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text_now = page.read_text(encoding="utf-8")
    before, _, rest = text_now.partition(begin)
    if end not in rest:
        message = f"{page.name} has no place marked {begin} … {end}"
        raise SystemExit(message)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def _read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""
