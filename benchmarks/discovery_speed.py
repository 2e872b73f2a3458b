"""How fast discovery reads. `python benchmarks/discovery_speed.py CORPUS_FOLDER --peers PYTHON [--write]`.

CORPUS_FOLDER holds `ner-wikipedia*.json`; PYTHON is an interpreter with requirements-peers.txt. Contestants get the same
text, rounds in turns, processor time; the peers run in their own process right after. The pattern stage must tell the same
as every recogniser by itself before it is timed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent / "discovery_speed"))

from measuring import machine, table, tell
from memos import memos

from sekisho.engine.scanning.folding import fold
from sekisho.engine.scanning.prefilter import candidates
from sekisho.engine.scanning.recognisers import RECOGNISERS, person_name
from sekisho.engine.scanning.text import scan, scan_many
from sekisho.engine.scanning.weighing import weigh

ROUNDS = 7
MEMO_BYTES = 400_000
SENTENCES = 250  # GiNZA reads a few kilobytes a second
DICTIONARY = frozenset({"person_name", "kana_name"})
PATTERNS = tuple(one for one in RECOGNISERS if one.type not in DICTIONARY)
AGAINST_RE, AGAINST_PRESIDIO, AGAINST_GINZA = 2, 50, 100
PEERS = Path(__file__).resolve().parent / "discovery_speed" / "peers.py"


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--peers", type=Path, required=True, help="interpreter with requirements-peers.txt")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    documents = [
        one for path in sorted(asked.corpora.glob("ner-wikipedia*.json")) for one in json.loads(path.read_text())
    ]
    sentences, lines = "\n".join(str(one["text"]) for one in documents), memos(MEMO_BYTES)
    texts = {
        "encyclopedia, one text": [sentences],
        "encyclopedia, sentences as records": sentences.split("\n"),
        "memos, one text": [lines],
        "memos, lines as records": lines.split("\n"),
    }
    for text in (sentences, lines):
        _same(fold(text).text)
    ours = {name: _stages(many) for name, many in texts.items()}
    chosen = documents[:SENTENCES]
    names = _names(chosen)
    peers = _peers(asked.peers, texts, [str(one["text"]) for one in chosen])
    tell("discovery_speed", _lines(texts, ours, names, peers, chosen), write=asked.write)


def _same(text: str) -> None:
    """Stop where the one pass tells other things than the patterns one by one."""
    lowered = text.lower()
    apart = [(one.type, found) for one in PATTERNS for found in one.find(text) if weigh(one, found, lowered)]
    together = [(one.type, found) for one, found in candidates(text, PATTERNS) if weigh(one, found, lowered)]
    if apart != together:
        raise SystemExit("the pattern stage differs from its patterns")


def _stages(texts: Sequence[str]) -> dict[str, float]:
    """Median seconds of each contestant. Records are searched as one text, as `scan_many` does."""
    folded = [fold(text).text for text in texts]
    contestants: dict[str, Callable[[], object]] = {
        "stage": lambda: list(candidates("\n".join(folded), PATTERNS)),
        "re": lambda: [list(one.find(text)) for text in folded for one in PATTERNS],
        "whole": lambda: scan_many(texts, recognisers=PATTERNS),
        "fold": lambda: fold("\n".join(texts)),
    }
    took: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, contestant in contestants.items():
            began = time.process_time()
            contestant()
            took[name].append(time.process_time() - began)
    return {name: statistics.median(many) for name, many in took.items()}


def _names(documents: Sequence[dict[str, Any]]) -> tuple[float, list[list[tuple[int, int]]]]:
    person_name.RECOGNISER.find("山田太郎")
    scan("山田太郎", recognisers=[person_name.RECOGNISER])  # the dictionary is loaded
    began = time.process_time()
    spans = [
        [(one.start, one.end) for one in scan(str(document["text"]), recognisers=[person_name.RECOGNISER])]
        for document in documents
    ]
    return time.process_time() - began, spans


def _peers(python: Path, texts: dict[str, list[str]], sentences: list[str]) -> dict[str, Any]:
    asked = json.dumps({"texts": texts, "sentences": sentences, "rounds": 3})
    done = subprocess.run([python, str(PEERS)], input=asked, capture_output=True, text=True, check=True)  # noqa: S603
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _lines(
    texts: dict[str, list[str]],
    ours: dict[str, dict[str, float]],
    names: tuple[float, list[list[tuple[int, int]]]],
    peers: dict[str, Any],
    documents: Sequence[dict[str, Any]],
) -> list[str]:
    speeds, goals = [], []
    presidio = peers["presidio"]
    for name, many in texts.items():
        size, mine = sum(len(text.encode()) for text in many) / 1e6, ours[name]
        theirs = presidio["seconds"][name]
        each = (mine["stage"], mine["re"], mine["fold"], mine["whole"], theirs)
        speeds.append((name, *(f"{size / one:.3g}" for one in each)))
        goals += [
            _goal(f"{name}: against `re`", mine["re"] / mine["stage"], AGAINST_RE),
            _goal(f"{name}: against Presidio", theirs / mine["stage"], AGAINST_PRESIDIO),
            _goal(f"{name}: against Presidio, folding and weighing included", theirs / mine["whole"], None),
        ]
    size = sum(len(str(one["text"]).encode()) for one in documents) / 1e6
    meant = [[tuple(each["span"]) for each in one["entities"] if each["type"] == "人名"] for one in documents]
    seconds, spans = names
    ginza = peers["ginza"]
    goals.append(_goal("name stage against GiNZA", ginza["seconds"] / seconds, AGAINST_GINZA))
    versions = ", ".join(f"{name} {version}" for name, version in peers["versions"].items())
    return [
        *machine("google-re2", "sudachipy", "sudachidict-core"),
        f"peers, in their own process: {versions}",
        f"processor time, median of {ROUNDS} rounds (Presidio 3, GiNZA 1)",
        "",
        *table(
            (
                "MB/s",
                f"pattern stage, {len(PATTERNS)} recognisers",
                "one by one (`re`)",
                "folding alone",
                "folding, patterns, weighing, explanations",
                f"Presidio, {presidio['recognisers']} pattern recognisers",
            ),
            speeds,
        ),
        "",
        *table(
            ("name stage, the same sentences", "MB/s", "labelled", "told", "precision", "recall"),
            [
                ("dictionary (SudachiPy), score ≥ 0.5", *_row(size / seconds, meant, spans)),
                (
                    "GiNZA, ja_ginza, label Person",
                    *_row(size / ginza["seconds"], meant, [[(a, b) for a, b in one] for one in ginza["spans"]]),
                ),
            ],
        ),
        "",
        *table(("times as fast", "measured", "goal", ""), goals),
    ]


def _row(
    speed: float, meant: Sequence[Sequence[tuple[int, int]]], told: Sequence[Sequence[tuple[int, int]]]
) -> tuple[str, ...]:
    """Overlap of one character counts as found."""
    pairs = list(zip(meant, told, strict=True))
    right = sum(any(a < d and c < b for c, d in spans) for spans, found in pairs for a, b in found)
    found = sum(any(a < d and c < b for c, d in got) for spans, got in pairs for a, b in spans)
    labelled, total = sum(map(len, meant)), sum(map(len, told))
    return (f"{speed:.4f}", f"{labelled:,}", f"{total:,}", f"{right / total:.1%}", f"{found / labelled:.1%}")


def _goal(what: str, measured: float, goal: int | None) -> tuple[str, ...]:
    if goal is None:
        return (what, f"{measured:.1f}", "", "")
    return (what, f"{measured:.1f}", f"≥ {goal}", "met" if measured >= goal else "not met")


if __name__ == "__main__":
    main()
