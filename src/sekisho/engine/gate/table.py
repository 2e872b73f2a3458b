"""The rule table as values: what one cell asks of the facts, and how a cell is found.

A cell answers for one item of one kind of person under one purpose, act and recipient, governed by the version in force
and by the version in force when the row was acquired. `need & ~(known & ~(value ^ want))` is the word of failing slots,
in Python, in columns and in SQL alike.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from sekisho.engine.gate.ask import Act, Permit, Reason
from sekisho.engine.gate.slots import Cure
from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.engine.policy.expression_tree import Expr

MOST_VIEWS = 4096
MOST_CELLS = 16384


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A reason with its place in the order of looking and what would cure it."""

    order: int
    cure: Cure
    reason: Reason
    hopeless: Reason  # the same where another failure remains: suggests no consent and no approval
    follows: int = 0  # slots of which this is a mere consequence: while one of them fails it is not told


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A condition on attributes, on a bit of its own. `test` answers True, False or None (unknown)."""

    bit: int
    source: str
    expression: Expr  # typed by the policy
    test: Callable[[Mapping[str, object], date], bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one combination asks for. An empty `failures` and a zero failing word permit."""

    need: int
    want: int
    failures: tuple[Ranked, ...]  # whatever the facts say
    tell: Callable[[int, bool], Ranked]  # the reason of a failing bit: not as wanted, or (True) not known
    conditions: tuple[Condition, ...]
    roles: frozenset[str] | None  # roles that may; None = any
    needs_channel: bool
    tell_channel: Callable[[str], Ranked]  # the reason, by code, of a channel missing or unknown
    by_ticket: bool  # a permit ends with the ticket
    records_foreign: bool  # a provision to a recipient abroad is recorded though one at home is not
    secrecy_ground: str  # what opens 通信の秘密 here, empty where it is not touched
    permit: Permit
    permit_abroad: Permit
    is_slow: bool  # conditions, roles, channel, ticket or recipient abroad have to be looked at
    said: dict[tuple[int, int], tuple[Ranked, ...]] = field(default_factory=dict, compare=False)  # failing, unknown

    def failing(self, known: int, value: int) -> int:
        """The word of slots that fail: these bits are the reasons."""
        return self.need & ~(known & ~(value ^ self.want))

    def reasons(self, failing: int, unknown: int) -> tuple[Ranked, ...]:
        """Reasons of a failing word, of which the bits in `unknown` are not known. Made once for each pair of words."""
        said = self.said.get((failing, unknown))
        if said is None:
            bits = (bit for bit in range(failing.bit_length()) if failing >> bit & 1)
            found = (*self.failures, *(self.tell(bit, bool(unknown >> bit & 1)) for bit in bits))
            said = self.said[failing, unknown] = tuple(ranked for ranked in found if not ranked.follows & failing)
        return said


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """All cells of one head: version in force, purpose, act, recipient, grounds, span of days."""

    failures: tuple[Ranked, ...]  # whatever the rows: unknown policy, act, recipient
    make: Callable[[str | None, str, str], Cell]
    cells: dict[tuple[str | None, str, str], Cell] = field(default_factory=dict, compare=False)

    def cell(self, era: str | None, item: str, subject_kind: str) -> Cell:
        """The cell of an era, an item and a kind of person, compiled when first asked for."""
        key = (era, item, subject_kind)
        found = self.cells.get(key)
        if found is None:
            if len(self.cells) >= MOST_CELLS:  # names come from callers: the cache must not grow with them
                self.cells.clear()
            found = self.cells[key] = self.make(era, item, subject_kind)
        return found


Head = tuple[str, str, str, str | None, tuple[str, ...], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The compiled policies. A pure value of them and of the law; cells are made on demand and kept."""

    eras: tuple[str, ...]
    named_recipients: frozenset[str]  # recipients the policies name one by one, so their kind is not asked
    days: tuple[date, ...]  # first days of the spans in which no dated part of policy or law changes
    starts: tuple[datetime, ...]  # the same as instants
    things: frozenset[str]  # kinds of thing the policies declare: they are about nobody
    make_view: Callable[[Head], View]
    say: Callable[[str, str, Mapping[str, str]], Ranked]  # code, item, values: for failures that no cell knows
    sha256: Mapping[str, str] = field(default_factory=dict)  # era -> hash of the document that speaks for it
    views: dict[Head, View] = field(default_factory=dict, compare=False)

    def span(self, at: datetime) -> int:
        """Number of the span of days an aware instant falls in."""
        return bisect_right(self.starts, at)

    def span_of_day(self, day: date) -> int:
        """Number of the span a Tokyo date falls in."""
        return bisect_right(self.days, day)

    def view(self, head: Head) -> View:
        """The cells under a head."""
        found = self.views.get(head)
        if found is None:
            if len(self.views) >= MOST_VIEWS:
                self.views.clear()
            found = self.views[head] = self.make_view(head)
        return found

    def cell(
        self,
        *,
        in_force: str,
        era: str | None,
        purpose: str,
        item: str,
        subject_kind: str,
        on: date,
        act: str = Act.USE,
        recipient: str | None = None,
        grounds: tuple[str, ...] = (),
    ) -> Cell:
        """One cell by name: what columns and SQL compile from. `recipient` is a named one, else its kind."""
        return self.view((in_force, purpose, act, recipient, grounds, self.span_of_day(on))).cell(
            era, item, subject_kind
        )


def start_of(day: date) -> datetime:
    """The first instant of a Tokyo date, in UTC so that comparing with an ask's `at` is cheap."""
    return datetime.combine(day, time(), TOKYO).astimezone(UTC)
