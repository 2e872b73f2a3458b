"""The pattern stage: one pass over the text finds the lines worth a look, and only their recognisers look.

Every recogniser's trigger stands in one automaton (RE2, which passes over a text once however many patterns it holds). On
the lines it finds, a second one holds the forms themselves and says which recognisers should look. RE2 has no look-around,
so both are wider than the forms, and the recogniser itself decides. The answers are those of all over the whole text.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import re2

from sekisho.engine.scanning.recogniser import AFTER_TEL, ALONE, ENDS, ByPattern, Candidate, Recogniser

MEMORY = 64 << 20  # bytes the automaton may grow to; past it RE2 goes on without one, slower
MOST_MADE = 64
LINE = b"\n"
CLOSE, WALKED = 256, 64  # bytes passed over by a search that hardly paid; lines then taken one by one
FENCES = ((AFTER_TEL, "(?:^|[^0-9A-Za-z+]|[LlXx])"), (ALONE, "(?:^|[^0-9A-Za-z+])"))
LOOKS = ("(?=", "(?!", "(?<=", "(?<!")


@dataclass(frozen=True, slots=True)
class _Prefilter:
    """All triggers at once, and one by one."""

    everywhere: tuple[int, ...]  # recognisers that look at every line
    triggered: tuple[int, ...]
    any: Any  # RE2: some trigger
    each: Any  # RE2 set: which forms; its last one stands in every line
    singly: tuple[Any, ...]  # the same forms one by one, for when the set has no memory left


def candidates(text: str, recognisers: tuple[Recogniser, ...]) -> Iterator[tuple[Recogniser, Candidate]]:
    """Everything these recognisers find in the folded text: by recogniser, then by place."""
    try:
        raw = text.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no UTF-8, so no automaton
        for one in recognisers:
            yield from ((one, found) for found in one.find(text))
        return
    ready = _prefilter(recognisers)
    hits: dict[int, list[tuple[int, str]]] = {at: [(0, text)] for at in ready.everywhere}
    for begin, line, hit in _lines(raw, ready):
        for at in hit:
            hits.setdefault(at, []).append((begin, line))
    for at in sorted(hits):
        yield from ((recognisers[at], found) for found in _found(recognisers[at], hits[at]))


def _found(one: Recogniser, lines: list[tuple[int, str]]) -> Iterator[Candidate]:
    """What it finds in its lines, looked through as one text: forms do not go over the end of a line."""
    begins = list(accumulate((len(line) for _, line in lines), initial=0))
    for start, end, valid, near in one.find("".join([line for _, line in lines])):
        at = bisect_right(begins, start) - 1
        moved = lines[at][0] - begins[at]
        yield Candidate(start + moved, end + moved, valid, near)


def _lines(raw: bytes, ready: _Prefilter) -> Iterator[tuple[int, str, list[int]]]:
    """Lines to be looked at: where they begin (in characters), the line, which recognisers should look.

    A search passes over what holds no trigger. Where it came to rest twice within a few lines, the next lines are taken one
    by one, which is quicker than a search for each.
    """
    search, one_by_one = ready.any.search, 0
    at = counted = characters = 0
    while at < len(raw):
        begin = at
        if not one_by_one:
            if (match := search(raw, at)) is None:
                return
            begin = raw.rfind(LINE, at, match.start()) + 1 or at
            one_by_one = WALKED if begin - at < CLOSE else 0
        else:
            one_by_one -= 1
        end = raw.find(LINE, begin) + 1 or len(raw)
        line = raw[begin:end]
        at = end
        if hit := _hit(line, ready):
            characters += len(raw[counted:begin].decode())
            counted = begin
            yield characters, line.decode(), hit


def _hit(line: bytes, ready: _Prefilter) -> list[int]:
    """Which recognisers should look at a line."""
    found = ready.each.Match(line)
    if not found:  # not even what stands in every line: the set has no more memory
        found = [number for number, form in enumerate(ready.singly) if form.search(line) is not None]
    elif len(found) == 1:
        return []
    triggered = ready.triggered
    return [triggered[number] for number in found if number < len(triggered)]


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
    each.Add(b"")  # stands in every line
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
    return without_look_around(_fenced(one.find.pattern.pattern)) if isinstance(one.find, ByPattern) else one.trigger


def _fenced(pattern: str) -> str:
    """The pattern with our own fences as the signs they let stand there: a little wider, and far less than without them."""
    for fence, sign in FENCES:
        if pattern.startswith((fence, f"(?:{fence}")):
            pattern = pattern.replace(fence, sign, 1)
            break
    return f"{pattern.removesuffix(ENDS)}(?:[^0-9A-Za-z]|$)" if pattern.endswith(ENDS) else pattern


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
