"""The pattern stage: one pass over the text finds the lines worth a look, and only their recognisers look.

Every recogniser's trigger stands in one automaton (RE2, which passes over a text once however many patterns it holds). On
the lines it finds, a second one holds the forms themselves and says which recognisers should look. RE2 has no look-around,
so both are wider than the forms, and the recogniser itself decides. The answers are those of all over the whole text.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import re2

from sekisho.engine.scanning.recogniser import ByPattern, Candidate, Recogniser

MEMORY = 64 << 20  # bytes the automaton may grow to; past it RE2 goes on without one, slower
MOST_MADE = 64
LINE = b"\n"
LOOKS = ("(?=", "(?!", "(?<=", "(?<!")


@dataclass(frozen=True, slots=True)
class _Prefilter:
    """All triggers at once, and one by one."""

    everywhere: tuple[int, ...]  # recognisers that look at every line
    triggered: tuple[int, ...]
    any: Any  # RE2: some trigger
    each: Any  # RE2 set: which forms
    singly: tuple[Any, ...]  # the same forms one by one: a set says nothing both for no form and for want of memory


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
        if (found := each(line)) is None:
            found = [number for number, form in enumerate(ready.singly) if form.search(line) is not None]
        if found:
            yield characters, line.decode(), sorted(triggered[one] for one in found)
        at = end
        if at >= len(raw):
            return


def _prefilter(recognisers: tuple[Recogniser, ...]) -> _Prefilter:
    """Made once for each tuple, known by its identity: to hash all recognisers takes longer than to search a line."""
    known = _made.get(id(recognisers))
    if known is None or known[0] is not recognisers:
        if len(_made) >= MOST_MADE:
            _made.clear()
        known = _made[id(recognisers)] = (recognisers, _make(recognisers))
    return known[1]


_made: dict[int, tuple[tuple[Recogniser, ...], _Prefilter]] = {}


def _make(recognisers: tuple[Recogniser, ...]) -> _Prefilter:
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    triggered = tuple(at for at, one in enumerate(recognisers) if one.trigger)
    triggers = [recognisers[at].trigger for at in triggered]
    forms = [_form(recognisers[at]).encode() for at in triggered]
    each = re2.Set.SearchSet(options)
    for form in forms:
        each.Add(form)
    each.Compile()
    distinct = dict.fromkeys(triggers) or {"[^\\x00-\\x{10ffff}]": None}  # nothing
    return _Prefilter(
        everywhere=tuple(at for at, one in enumerate(recognisers) if not one.trigger),
        triggered=triggered,
        any=re2.compile("|".join(f"(?:{one})" for one in distinct).encode(), options),
        each=each,
        singly=tuple(re2.compile(form, options) for form in forms),
    )


def _form(one: Recogniser) -> str:
    """What its lines hold, without look-around."""
    return without_look_around(one.find.pattern.pattern) if isinstance(one.find, ByPattern) else one.trigger


def without_look_around(pattern: str) -> str:
    """The pattern without its conditions on what stands beside: it matches where the pattern does, and elsewhere."""
    kept, at, depth, skipping = [], 0, 0, 0
    in_class = False
    while at < len(pattern):
        letter = pattern[at]
        step = 2 if letter == "\\" else 1
        if not in_class and not skipping and pattern.startswith(LOOKS, at):
            skipping = depth + 1
        if not skipping:
            kept.append(pattern[at : at + step])
        if step == 1:
            if in_class:
                in_class = letter != "]"
            elif letter == "[":
                in_class = True
            elif letter == "(":
                depth += 1
            elif letter == ")":
                depth -= 1
                skipping = 0 if skipping > depth else skipping
        at += step
    return "".join(kept)
