"""Precision and recall of recognisers on data others labelled.

`python benchmarks/discovery.py CORPUS_FOLDER --peers PYTHON [--write]`. The folder holds `ner-wikipedia*.json` (spans with
types) and `addresses*.csv` (one address a line, with its parts); PYTHON is an interpreter with requirements-peers.txt, whose
Faker and python-stdnum make values of known kinds. Nothing of it is kept; only counts and shapes of misses are written.
"""

import argparse
import csv
import json
import subprocess
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measuring import machine, table, tell

from sekisho.engine.scanning.columns import judge
from sekisho.engine.scanning.recognisers import RECOGNISERS, address, person_name
from sekisho.engine.scanning.text import scan, scan_many
from sekisho.engine.scanning.weighing import Finding

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "discovery-accuracy.md"
PEOPLE, PLACES = "人名", "地名"
MADE = 1_000  # values of each kind
NAMES = frozenset({"person_name", "kana_name"})  # a name in kana is a name
LOT = "番地号"
"""Column of the address file with the lot, where its makers could tell one."""


@dataclass(slots=True)
class Tally:
    """What was right, what was told wrongly, what was missed, with the kinds of the wrong and the missed."""

    hit: int = 0
    told: int = 0
    meant: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def row(self, name: str) -> tuple[str, ...]:
        """A line of the table."""
        precision = f"{self.hit / self.told:.1%}" if self.told else "–"
        recall = f"{self.hit / self.meant:.1%}" if self.meant else "–"
        return (name, f"{self.meant:,}", f"{self.told:,}", f"{self.hit:,}", precision, recall)


def names(documents: Sequence[dict[str, object]], threshold: float, *, exact: bool) -> Tally:
    """Names of people against the labels; not exact: any overlap is a hit."""
    tally = Tally()
    for document in documents:
        text, entities = str(document["text"]), document["entities"]
        meant = [(tuple(one["span"]), one["type"]) for one in entities]  # type: ignore[attr-defined]
        people = [span for span, type_ in meant if type_ == PEOPLE]
        told = [(one.start, one.end) for one in scan(text, recognisers=[person_name.RECOGNISER], threshold=threshold)]
        tally.meant += len(people)
        tally.told += len(told)
        for start, end in told:
            if _hit((start, end), people, exact=exact):
                tally.hit += 1
            else:
                kinds = [type_ for span, type_ in meant if span[0] < end and start < span[1]]
                tally.wrong[kinds[0] if kinds else "no label"] += 1
        for span in people:
            if not _hit(span, told, exact=exact):
                tally.missed[_script(text[span[0] : span[1]])] += 1
    return tally


def addresses(rows: Iterable[dict[str, str]]) -> tuple[Tally, Tally]:
    """One address a line: found at all, and found from its first to its last character of the lot."""
    found, whole = Tally(), Tally()
    for row in rows:
        text, has_lot = row["住所"], bool(row[LOT]) or row["レベル"] == "8"
        told = scan(text, recognisers=[address.RECOGNISER])
        for tally in (found, whole):
            tally.meant += 1
            tally.told += len(told)
        kind = f"{'with' if row['都道府県'] and text.startswith(row['都道府県']) else 'without'} prefecture, {'lot known' if has_lot else 'no lot known'}"
        if told:
            found.hit += 1
            covers = told[0].start == 0 and told[0].end >= len(text.rstrip()) - len(row["その他"].strip())
            whole.hit += covers
            if not covers:
                whole.missed["ends early" if told[0].start == 0 else "begins late"] += 1
        else:
            found.missed[kind] += 1
            whole.missed["not found"] += 1
    return found, whole


def made_by_others(python: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Kind -> {by, values}, and versions of who made them."""
    script = Path(__file__).resolve().parent / "discovery_labelled" / "made.py"
    asked = json.dumps({"count": MADE})
    done = subprocess.run([python, str(script)], input=asked, capture_output=True, text=True, check=True)  # noqa: S603
    told = json.loads(done.stdout)
    return told["made"], told["versions"]


def by_kind(
    made: dict[str, dict[str, Any]], documents: Sequence[dict[str, object]]
) -> tuple[list[tuple[str, ...]], list[str]]:
    """A line of the table for every recogniser, and the shapes of what was missed."""
    strayed = Counter(
        one.type
        for document in documents
        for one in scan(str(document["text"]), recognisers=RECOGNISERS, threshold=0.5)
    )
    bare = {kind: scan_many(one["values"]) for kind, one in made.items()}
    rows, shapes = [], []
    for one in RECOGNISERS:
        sentences = f"{strayed[one.type]:,}"
        if one.type not in made:
            rows.append((one.type, "not made by them", "", "", "", "", "", sentences))
            continue
        values = made[one.type]["values"]
        alone = [_tells(found, one.type) for found in bare[one.type]]
        named = scan_many([f"{one.label.ja}: {value}" for value in values])
        beside = [_tells(found, one.type) for found in named]
        alike = NAMES if one.type in NAMES else {one.type}
        wrong = sum(_tells(found, one.type) for kind, many in bare.items() if kind not in alike for found in many)
        right = sum(alone)
        column = [judged.score for judged in judge("col7", values) if judged.type == one.type]
        rows.append(
            (
                one.type,
                made[one.type]["by"],
                f"{len(values):,}",
                f"{right / len(values):.1%}",
                f"{sum(beside) / len(values):.1%}",
                f"{column[0]:.2f}" if column else "–",
                f"{right / (right + wrong):.1%}" if right + wrong else "–",
                sentences,
            )
        )
        missed = Counter(_shape(value) for value, told in zip(values, beside, strict=True) if not told)
        if missed:
            shapes.append(f"{one.type}: " + ", ".join(f"`{shape}` {n:,}" for shape, n in missed.most_common(4)))
    return rows, shapes


def _tells(found: Iterable[Finding], type_: str) -> bool:
    return any(one.type == type_ for one in found)


def _shape(value: str) -> str:
    """Digits as 0, kanji as 漢, kana as カ, letters as a; what repeats is told once."""
    kinds = []
    for letter in value:
        name = unicodedata.name(letter, "")
        kind = (
            "0"
            if letter.isdecimal()
            else "漢"
            if "CJK" in name
            else "カ"
            if "KATA" in name or "HIRA" in name
            else "a"
            if letter.isalpha()
            else letter
        )
        if not kinds or kinds[-1] != kind:
            kinds.append(kind)
    return "".join(kinds)


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
    rows = [
        row
        for path in sorted(asked.corpora.glob("addresses*.csv"))
        for row in csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
    ]
    scan("山田太郎", recognisers=[person_name.RECOGNISER])  # the dictionary is loaded
    began = time.process_time()
    strict, loose, sure = (
        names(documents, 0.5, exact=True),
        names(documents, 0.5, exact=False),
        names(documents, 0.6, exact=False),
    )
    size = 3 * sum(len(str(one["text"]).encode()) for one in documents)
    speed = size / (time.process_time() - began) / 1e6
    found, whole = addresses(rows)
    made, versions = made_by_others(asked.peers)
    kinds, shapes = by_kind(made, documents)
    lines = [
        *machine("sudachipy", "sudachidict-core"),
        "values of known kinds: " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        f"{len(documents):,} sentences, {len(rows):,} addresses; the name stage reads {speed:.2f} MB per second of processor time",
        "",
        *table(
            ("recogniser", "labelled", "told", "right", "precision", "recall"),
            [
                strict.row("person_name, score ≥ 0.5, same span"),
                loose.row("person_name, score ≥ 0.5, overlapping"),
                sure.row("person_name, score ≥ 0.6 (`--score 0.6`), overlapping"),
                found.row("address, found"),
                whole.row("address, from its start to the end of its lot"),
            ],
        ),
        "",
        *_counted("Names told that are not labelled as people (score ≥ 0.5, overlapping)", loose.wrong),
        *_counted("Names missed, by how they are written (score ≥ 0.5, overlapping)", loose.missed),
        *_counted("Names told at 0.6 that are not labelled as people", sure.wrong),
        *_counted("Addresses not found", found.missed),
        *_counted("Addresses not covered to the end of their lot", whole.missed),
        *table(
            (
                "recogniser, score ≥ 0.5",
                "made by",
                "values",
                "recall, by itself",
                "recall, after its name",
                "score of a column of them",
                "precision among all these values",
                f"told in {len(documents):,} encyclopedia sentences",
            ),
            kinds,
        ),
        "",
        "Shapes missed even after their name (0 digits, 漢 kanji, カ kana, a letters): " + "; ".join(shapes) + ".",
        "",
    ]
    tell("discovery", lines, write=asked.write, page=PAGE)


def _hit(span: tuple[int, int], others: Iterable[tuple[int, int]], *, exact: bool) -> bool:
    if exact:
        return span in {tuple(one) for one in others}
    return any(span[0] < end and start < span[1] for start, end in others)


def _script(name: str) -> str:
    kana = sum("ァ" <= char <= "ヿ" for char in name)
    latin = sum(char.isascii() and char.isalpha() for char in name)
    hiragana = sum("ぁ" <= char <= "ん" for char in name)
    for count, kind in ((kana, "katakana"), (latin, "Latin letters"), (hiragana, "with hiragana")):
        if count > len(name) / 2:
            return kind
    return "kanji, one to three characters" if len(name) <= 3 else "kanji, four and more"


def _counted(title: str, counts: Counter[str]) -> list[str]:
    return [f"{title}: " + (", ".join(f"{name} {count:,}" for name, count in counts.most_common()) or "none") + ".", ""]


if __name__ == "__main__":
    main()
