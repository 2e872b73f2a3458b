"""The pattern stage: one pass over the text finds the lines worth a look, and only their recognisers look.

Every recogniser's trigger stands in one automaton (RE2, which passes over a text once however many patterns it holds). It
has no look-around: a trigger is wider than its form, and the recogniser itself decides. The answers are those of all
recognisers over the whole text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import re2

from sekisho.engine.scanning.recogniser import Candidate, Recogniser

MEMORY = 64 << 20  # bytes the automaton may grow to; past it RE2 goes on without one, slower
LINE = b"\n"


@dataclass(frozen=True, slots=True)
class _Prefilter:
    """All triggers at once, and one by one."""

    everywhere: tuple[int, ...]  # recognisers that look at every line
    triggered: tuple[int, ...]
    any: Any  # RE2: some trigger
    each: Any  # RE2 set: which triggers


def candidates(text: str, recognisers: tuple[Recogniser, ...]) -> Iterator[tuple[Recogniser, Candidate]]:
    """Everything these recognisers find in the folded text: by recogniser, then by place."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no UTF-8, so no automaton
        for one in recognisers:
            yield from ((one, found) for found in one.find(text))
        return
    ready = _prefilter(recognisers)
    found = [(at, one) for at in ready.everywhere for one in recognisers[at].find(text)]
    for begin, line, hit in _lines(raw, ready):
        for at in hit:
            found += [
                (at, replace(one, start=one.start + begin, end=one.end + begin)) for one in recognisers[at].find(line)
            ]
    found.sort(key=lambda both: both[0])
    yield from ((recognisers[at], one) for at, one in found)


def _lines(raw: bytes, ready: _Prefilter) -> Iterator[tuple[int, str, list[int]]]:
    """Lines with a trigger: where they begin (in characters), the line, which recognisers should look."""
    search, each, triggered = ready.any.search, ready.each.Match, ready.triggered
    at = counted = characters = 0
    while (match := search(raw, at)) is not None:
        begin = raw.rfind(LINE, at, match.start()) + 1 or at
        end = raw.find(LINE, match.end())
        end = len(raw) if end < 0 else end + 1
        characters += len(raw[counted:begin].decode())
        counted = begin
        line = raw[begin:end]
        hit = sorted(triggered[one] for one in each(line))
        yield characters, line.decode(), hit or list(triggered)  # no answer: the set ran out of memory
        at = end
        if at >= len(raw):
            return


@cache
def _prefilter(recognisers: tuple[Recogniser, ...]) -> _Prefilter:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    triggered = tuple(at for at, one in enumerate(recognisers) if one.trigger)
    triggers = [recognisers[at].trigger for at in triggered]
    each = re2.Set.SearchSet(options)
    for one in triggers:
        each.Add(one.encode())
    each.Compile()
    distinct = dict.fromkeys(triggers) or {"[^\\x00-\\x{10ffff}]": None}  # nothing
    return _Prefilter(
        everywhere=tuple(at for at, one in enumerate(recognisers) if not one.trigger),
        triggered=triggered,
        any=re2.compile("|".join(f"(?:{one})" for one in distinct).encode(), options),
        each=each,
    )
