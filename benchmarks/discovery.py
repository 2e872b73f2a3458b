"""Precision and recall of recognisers on data others labelled. `python benchmarks/discovery.py CORPUS_FOLDER [--write]`.

The folder holds `ner-wikipedia*.json` (spans with types) and `addresses*.csv` (one address a line, with its parts). Nothing
of it is kept; only counts and kinds of misses are written.
"""

import argparse
import csv
import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measuring import machine, table, tell

from sekisho.engine.scanning.recogniser import Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS, address, person_name
from sekisho.engine.scanning.text import scan

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "discovery-accuracy.md"
PEOPLE, PLACES = "人名", "地名"
OTHERS = frozenset({"person_name", "kana_name"})
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


def strays(documents: Sequence[dict[str, object]], recognisers: Iterable[Recogniser]) -> Counter[str]:
    """What the other recognisers tell in an encyclopedia, where no number is meant to be anybody's."""
    found: Counter[str] = Counter()
    chosen = [one for one in recognisers if one.type not in OTHERS]
    for document in documents:
        found.update(one.type for one in scan(str(document["text"]), recognisers=chosen))
    return found


def main() -> None:
    """Measure, print, and write when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpora", type=Path)
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
    lines = [
        *machine("sudachipy", "sudachidict-core"),
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
        *_counted(
            "What all other recognisers told in the sentences (each to be looked at: some are right)",
            strays(documents, RECOGNISERS),
        ),
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
