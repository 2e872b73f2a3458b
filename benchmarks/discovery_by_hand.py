"""Precision and recall of the recognisers on texts labelled by hand. `python benchmarks/discovery_by_hand.py [--misses TYPE] [--write]`.

The texts stand in `discovery_labelled/by_hand/`, labelled by somebody who had not seen the recognisers. They are split by a
hash of their id: rules may be mended by what one half shows, the figures are those of the other. `types.toml` beside them
says which label is which recogniser's.
"""

import argparse
import json
import re
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from measuring import machine, table, tell

from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.recognisers import RECOGNISERS
from sekisho.engine.scanning.text import scan
from sekisho.engine.scanning.weighing import Finding

LABELLED = Path(__file__).resolve().parent / "discovery_labelled"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "discovery-accuracy.md"
NOBODYS = (  # numbers and addresses nobody has are not told: the texts' own become others of the same length
    re.compile(r"([0０][5-9５-９][0０][^0-9０-９]{0,2})([0０])"),
    re.compile(r"((?:8[\s-]?1|８１)[^0-9０-９]{0,2}[5-9５-９][0０][^0-9０-９]{0,2})([0０])"),
    re.compile(r"((?:198\.5|203\.|192\.|２０３．|１９２．))([1０0])(?=[.．])"),
)
SPLIT = "second"  # the first split's held-out misses were seen while this script was written
SHOWN = 3  # misses of each kind on the page


@dataclass(slots=True)
class Tally:
    """Of one recogniser in one half."""

    meant: int = 0
    found: int = 0
    told: int = 0
    right: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def shares(self) -> tuple[str, str]:
        """Precision and recall."""
        return (
            f"{self.right / self.told:.1%}" if self.told else "–",
            f"{self.found / self.meant:.1%}" if self.meant else "–",
        )


def main() -> None:
    """Measure, print, and write when asked; with --misses only what went wrong in the half that may be looked at."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--misses", metavar="TYPE", help="what went wrong for a recogniser (or `all`), tuning half only"
    )
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    kinds = tomllib.loads((LABELLED / "types.toml").read_text(encoding="utf-8"))["types"]
    halves: dict[bool, list[dict[str, Any]]] = defaultdict(list)
    for one in _texts():
        halves[_is_held_out(one["id"])].append(one)
    if asked.misses:
        for type_, tally in _tallies(halves[False], kinds).items():
            if asked.misses in ("all", type_):
                print(f"{type_}: {tally.shares()} of {tally.meant} meant, {tally.told} told")
                print("".join(f"  missed  {one}\n" for one in tally.missed), end="")
                print("".join(f"  wrong   {one}\n" for one in tally.wrong), end="")
        return
    tell("discovery_by_hand", _lines(halves, kinds, with_misses=asked.write), write=asked.write, page=PAGE)


def _texts() -> Iterator[dict[str, Any]]:
    for path in sorted((LABELLED / "by_hand").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            one = json.loads(line)
            for span in one["spans"]:
                start, end = span["start"], span["end"]
                value = one["text"][start:end]
                for form in NOBODYS:
                    value = form.sub(_somebodys, value, count=1)
                one["text"] = one["text"][:start] + value + one["text"][end:]
            yield one


def _somebodys(match: re.Match[str]) -> str:
    return match[1] + chr(ord(match[2]) + 1)


def _is_held_out(id_: str) -> bool:
    return sha256(f"{SPLIT} {id_}".encode()).digest()[0] % 2 == 1


def _tallies(texts: Sequence[dict[str, Any]], kinds: dict[str, list[str]]) -> dict[str, Tally]:
    tallies = {one.type: Tally() for one in RECOGNISERS}
    for one in texts:
        told = scan(one["text"])
        labelled = [(span["start"], span["end"], kinds.get(span["type"], [])) for span in one["spans"]]
        for start, end, types in labelled:
            if not types or not types[0]:
                continue
            tally = tallies[types[0]]
            tally.meant += 1
            if any(_meets(found, start, end) and found.type in types for found in told):
                tally.found += 1
            else:
                tally.missed.append(_shown(one["text"], start, end))
        for found in told:
            tally = tallies[found.type]
            tally.told += 1
            if any(_meets(found, start, end) and found.type in types for start, end, types in labelled):
                tally.right += 1
            else:
                tally.wrong.append(_shown(one["text"], found.start, found.end))
    return tallies


def _meets(found: Finding, start: int, end: int) -> bool:
    return found.start < end and start < found.end


def _shown(text: str, start: int, end: int) -> str:
    near = f"{text[max(0, start - 16) : start]}【{text[start:end]}】{text[end : end + 8]}"
    return near.replace("\n", "⏎").replace("|", "｜")


def _lines(halves: dict[bool, list[dict[str, Any]]], kinds: dict[str, list[str]], *, with_misses: bool) -> list[str]:
    looked, held = _tallies(halves[False], kinds), _tallies(halves[True], kinds)
    rows = [
        (
            one.type,
            f"{held[one.type].meant:,}",
            f"{held[one.type].told:,}",
            *held[one.type].shares(),
            *looked[one.type].shares(),
        )
        for one in RECOGNISERS
        if one.grade > Grade.NOT_PERSONAL  # what is nobody's was not labelled
    ]
    unknown = Counter(span["type"] for half in halves.values() for one in half for span in one["spans"])
    nobodys = [f"{name} ({n})" for name, n in unknown.most_common() if not any(kinds.get(name, []))]
    missed = [
        f"- {type_}: missed {len(tally.missed)}"
        + "".join(f" `{one}`" for one in tally.missed[:SHOWN])
        + f"; told wrongly {len(tally.wrong)}"
        + "".join(f" `{one}`" for one in tally.wrong[:SHOWN])
        for type_, tally in held.items()
        if (tally.missed or tally.wrong) and type_ in {row[0] for row in rows}
    ]
    return [
        *machine("sudachipy", "sudachidict-core"),
        f"{len(halves[True]):,} texts held out, {len(halves[False]):,} looked at; score ≥ 0.5, one character in common is enough",
        "",
        *table(
            (
                "recogniser",
                "labelled",
                "told",
                "precision",
                "recall",
                "precision, half looked at",
                "recall, half looked at",
            ),
            rows,
        ),
        "",
        f"Labels that no recogniser is for: {', '.join(nobodys) or 'none'}.",
        "",
        *(["Held-out half, what went wrong (up to three of each):", "", *missed, ""] if with_misses else []),
    ]


if __name__ == "__main__":
    main()
