"""How much of what must be blacked out on drawn papers is found, clean and faxed; what is named for nothing; what a page costs.

python benchmarks/page_reading.py [--papers N] [--misses]     prints
"""

import argparse
import io
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "worlds"))

import drawn_papers

from sekisho.connectors import page_reader
from sekisho.engine.scanning.pages import WHOLE, Spot, found_on, version

COVERED = 0.85  # of the box of what was drawn: then blacking the place out leaves nothing to read
AT_ONCE = 10  # pages a process reads


def covers(spots: tuple[Spot, ...], part: str, box: tuple[float, float, float, float], size: tuple[int, int]) -> bool:
    """Whether places of the part lie over so much of a box."""
    left, top, right, bottom = (value / size[place % 2] * WHOLE for place, value in enumerate(box))
    over = 0.0
    for one in spots:
        if one.part == part:
            across = min(right, one.right) - max(left, one.left)
            down = min(bottom, one.bottom) - max(top, one.top)
            over = max(over, max(across, 0) * max(down, 0) / ((right - left) * (bottom - top)))
    return over >= COVERED


def main() -> None:
    """Draw, read, count."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--papers", type=int, default=10)
    asked.add_argument("--misses", action="store_true", help="what was missed and what was named for nothing")
    told = asked.parse_args()
    kinds = {**drawn_papers.PAPERS, "letter without any": drawn_papers.harmless}
    jobs = [
        (name, how, number, draw(random.Random(number)))
        for name, draw in kinds.items()
        for how in ("clean", "fax 0", "fax 2")
        for number in range(told.papers)
    ]
    want, got, named = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]](), Counter[tuple[str, str]]()
    began, spent = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    for first in range(0, len(jobs), AT_ONCE):
        some = jobs[first : first + AT_ONCE]
        pngs = []
        for _, how, number, drawn in some:
            askew = {"clean": 0.0, "fax 0": 0.0, "fax 2": 2.0 if number % 2 else -2.0}[how]
            page = drawn.page if how == "clean" else drawn_papers.faxed(drawn.page, askew=askew, seed=number)
            out = io.BytesIO()
            page.save(out, "PNG")
            pngs.append(out.getvalue())
        for (name, how, number, drawn), read in zip(some, page_reader.read_pages(pngs), strict=True):
            spots = found_on(read)
            for part, box in drawn.secret:
                key = (name, part, how)
                want[key] += 1
                found = covers(
                    spots, part, drawn_papers.faxed_box(box, drawn.page.size, _askew(how, number)), drawn.page.size
                )
                got[key] += found
                if told.misses and not found:
                    print("missed", *key, number, [" ".join(line.text for line in look) for look in read.looks])
            extra = [one for one in spots if one.part not in {part for part, _ in drawn.secret}]
            named[name, how] += len(extra)
            if told.misses and extra:
                print("for nothing", name, how, number, extra)
    whole = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(page_reader.version(), "rules", version())
    for key in sorted(want):
        print(f"{key[0]:20} {key[1]:22} {key[2]:6} {got[key]:4} of {want[key]}")
    print("named for nothing:", dict(named))
    print(f"{len(jobs)} pages, {(whole.ru_utime - spent) / len(jobs):.1f} s of computing a page,", end=" ")
    print(f"{(time.monotonic() - began) / len(jobs):.1f} s by the clock, {whole.ru_maxrss // 1024} MB at most")


def _askew(how: str, number: int) -> float:
    return 0.0 if how != "fax 2" else 2.0 if number % 2 else -2.0


if __name__ == "__main__":
    main()
