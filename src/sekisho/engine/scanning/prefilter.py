"""The pattern stage: one pass over the text finds the lines worth a look, and only their recognisers look.

Every recogniser's trigger stands in one automaton (RE2, which passes over a text once however many patterns it holds). On
the lines it finds, a second one holds the forms themselves and says which recognisers should look. RE2 has no look-around,
so both are wider than the forms, and the recogniser itself decides. The answers are those of all over the whole text.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import re2

from sekisho.engine.scanning.recogniser import (
    AFTER_TEL,
    ALONE,
    BESIDE,
    BESIDE_TEL,
    ENDS,
    PAST,
    ByPattern,
    Candidate,
    Recogniser,
)

MEMORY = 64 << 20  # bytes the automaton may grow to; past it RE2 goes on without one, slower
MOST_MADE = 64
LINE = b"\n"
CLOSE, BLOCK = 256, 4096  # bytes passed over by a search that hardly paid; bytes then taken at once
FENCES = ((AFTER_TEL, BESIDE_TEL), (ALONE, BESIDE))
BEFORE_FENCE = r"(?:\(\?=\[[^]]*\]\))?(?:\(\?:)?"  # a form may tell its first sign ahead, and have more than one fence
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
    for at, lines in _worth(raw, ready, text):
        one = recognisers[at]
        begins = list(accumulate((len(line) + 1 for _, line in lines), initial=0))
        moves = [where - begin for (where, _), begin in zip(lines, begins, strict=False)]
        # The lines are looked through as one text: forms do not go over the end of a line.
        for start, end, valid, near in one.find("\n".join([line for _, line in lines])):
            moved = moves[bisect_right(begins, start) - 1]
            yield one, Candidate(start + moved, end + moved, valid, near)


def _worth(raw: bytes, ready: _Prefilter, text: str) -> list[tuple[int, list[tuple[int, str]]]]:
    """Recognisers that should look, each with its lines: where they begin (in characters) and the line."""
    hits: list[list[tuple[int, str]]] = [[] for _ in (*ready.triggered, None)]  # the last: every line with any
    for begin, block in _blocks(raw, ready):
        at = begin
        for line, found in zip(block.decode().split("\n"), map(ready.each.Match, block.split(LINE)), strict=True):
            if found is None or len(found) != 1:  # not only what stands in every line
                where = (at, line)
                for number in found or _singly(line, ready):
                    hits[number].append(where)
            at += len(line) + 1
    worth = [(at, [(0, text)]) for at in ready.everywhere]
    worth += [(at, lines) for at, lines in zip(ready.triggered, hits, strict=False) if lines]
    return sorted(worth)


def _blocks(raw: bytes, ready: _Prefilter) -> Iterator[tuple[int, bytes]]:
    """Whole lines among which are all with a trigger, and where they begin (in characters).

    A search passes over what holds no trigger. Where it came to rest at once, many lines are taken, which is quicker than
    a search for each.
    """
    search = ready.any.search
    at = counted = characters = 0
    while at < len(raw):
        if (match := search(raw, max(at - 1, 0))) is None:  # a trigger may begin with the end of the line before
            return
        begin = raw.rfind(LINE, at, match.start() + 1) + 1 or at
        least = begin + BLOCK if begin - at < CLOSE else begin
        at = raw.find(LINE, max(match.end() - 1, least)) + 1 or len(raw)
        characters += len(raw[counted:begin].decode())
        counted = begin
        yield characters, raw[begin:at]


def _singly(line: str, ready: _Prefilter) -> list[int]:
    """The same one by one, for when the set has no more memory: it then finds not even what stands in every line."""
    raw = line.encode()
    return [number for number, form in enumerate(ready.singly) if form.search(raw) is not None]


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
        if re.match(BEFORE_FENCE + re.escape(fence), pattern):
            pattern = pattern.replace(fence, sign, 1)
            break
    return pattern.removesuffix(ENDS) + PAST if pattern.endswith(ENDS) else pattern


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
