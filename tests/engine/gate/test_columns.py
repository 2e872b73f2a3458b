"""Columns answer as the gate does row by row: word, answer, reasons, obligations; and the counts add up."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate import SLOT, SLOTS, Act, Facts, Permit, Table, compile_table, decide, facts_words
from sekisho.engine.gate.alike import Numbering
from sekisho.engine.gate.arrow import as_arrow, columns_of
from sekisho.engine.gate.ask import BulkAsk, NeedsApproval, NeedsConsent, Refuse
from sekisho.engine.gate.bits import flags_of, packed
from sekisho.engine.gate.column_conditions import ColumnCondition
from sekisho.engine.gate.columns import EFFECTS, ColumnDecision, Columns, decide_columns, row_of
from sekisho.engine.gate.sets import Fact, ItemSets, decide_sets
from sekisho.engine.gate.slots import Slot
from sekisho.engine.gate.table import Cell
from sekisho.engine.law.pack import law
from sekisho.engine.policy.expression import evaluate, parse
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy, Use, WayOut

ROOT = Path(__file__).resolve().parents[3]
WORLDS = {
    "small": ("tests/golden/gate-policy/1", "tests/golden/gate-policy/2"),
    "arlink": ("policies/arlink",),
    "carrier": ("policies/carrier",),
}
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
GROUNDS = [(), ("E1",), ("E1", "warrant"), ("E5",), ("warrant",)]
DAYS = [date(2026, 10, 31), date(2026, 12, 1), None]


@cache
def policies_of(world: str) -> tuple[Policy, ...]:
    return tuple(
        load({str(file.relative_to(ROOT / folder)): file.read_text(encoding="utf-8") for file in _files(ROOT / folder)})
        for folder in WORLDS[world]
    )


def _files(folder: Path) -> list[Path]:
    return [*folder.glob("*.yaml"), *folder.glob("texts/*.yaml")]


@cache
def table_of(world: str) -> Table:
    return compile_table(policies_of(world), law())


def drawn_columns(
    drawn: list[dict[str, Any]], kinds: tuple[str, ...], eras: tuple[str | None, ...], role: object
) -> Columns:
    return Columns(
        kinds=kinds,
        kind=np.array([kinds.index(row["kind"]) for row in drawn], dtype=np.int16),
        eras=eras,
        era=np.array([eras.index(row["era"]) for row in drawn], dtype=np.int16),
        known=np.array([KNOWN & ~row["forgotten"] for row in drawn], dtype=np.int64),
        value=np.array([VALUE ^ row["off"] for row in drawn], dtype=np.int64),
        attributes={"actor.role": role, "recipient.foreign": False, "recipient.assignment_contract": True},
        values={
            "bill.due_on": pa.array([row["due_on"] for row in drawn], pa.date32()),
            "bill.unpaid_yen": pa.array([row["unpaid"] for row in drawn], pa.int64()),
        },
    )


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, BulkAsk, dict[str, Columns], tuple[str, ...], str]:
    world = draw(st.sampled_from(list(WORLDS)))
    newest = policies_of(world)[-1]
    eras = (*(policy.era for policy in policies_of(world)), None)
    items = [*newest.classes, *(f"{one.id}.{field}" for one in newest.classes.values() for field in one.fields)]
    kinds = (*draw(st.lists(st.sampled_from(list(newest.subjects)), min_size=1, max_size=3, unique=True)), "unheard_of")
    act, purpose, recipient = Act.USE, draw(st.sampled_from([*newest.purposes, "E1", "unheard_of"])), None
    asked = tuple(draw(st.lists(st.sampled_from([*items, "unheard.of"]), min_size=1, max_size=3, unique=True)))
    if draw(st.booleans()):  # a use or a way out that the policy knows: else hardly anything would ever be permitted
        ways: list[Use | WayOut] = [*newest.uses, *newest.ways_out.values()]
        use = draw(st.sampled_from(ways))
        purpose, asked = use.purpose, tuple(dict.fromkeys(use.items))[:3]
        if isinstance(use, WayOut):
            act, recipient = Act(use.kind.value), draw(st.sampled_from([*use.to, "unheard_of"]))
    elif draw(st.booleans()):
        act, recipient = draw(st.sampled_from(Act)), draw(st.sampled_from([None, *newest.recipients, "unheard_of"]))
    grounds = draw(st.sampled_from(GROUNDS))
    ask = BulkAsk(
        actor="staff-1",
        act=act,
        items=asked,
        purpose=purpose,
        at=AT,
        recipient=recipient,
        channel=draw(st.sampled_from([None, "mail", "pigeon"])),
        claims=grounds if draw(st.booleans()) else (),
    )
    words = st.lists(st.sampled_from(SLOTS), max_size=3).map(lambda slots: sum({slot.mask for slot in slots}))
    row = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(kinds),
            "era": st.sampled_from(eras),
            "off": words,
            "forgotten": st.one_of(st.just(0), words),
            "due_on": st.sampled_from(DAYS),
            "unpaid": st.sampled_from([0, 3300, None]),
        }
    )
    rows = draw(st.integers(1, 40))
    role = draw(st.sampled_from(["clerk", "auditor", "", None, 7]))
    drawn = {item: draw(st.lists(row, min_size=rows, max_size=rows)) for item in asked}
    return world, ask, {item: drawn_columns(drawn[item], kinds, eras, role) for item in asked}, grounds, eras[-2] or ""


@given(drawn=worlds())
@settings(max_examples=60)
def test_columns_answer_as_the_gate_does_row_by_row(drawn: Any) -> None:
    world, ask, by_item, grounds, in_force = drawn
    said = decide_columns(table_of(world), ask, by_item, in_force=in_force, grounds=grounds)
    with pytest.MonkeyPatch.context() as patched:
        spied: list[int] = []
        told = Cell.reasons

        def spy(self: Cell, failing: int, unknown: int) -> Any:
            spied.append(failing)
            return told(self, failing, unknown)

        patched.setattr(Cell, "reasons", spy)
        for row in range(len(said.outcome)):
            rows = tuple(row_of(columns, item, row) for item, columns in by_item.items())
            alone = decide(table_of(world), ask.about("anybody"), Facts(in_force=in_force, rows=rows, grounds=grounds))
            assert said.decision(row) == alone
            assert said.effect[row] == EFFECTS[type(alone)]
            for item, columns in by_item.items():
                spied.clear()
                one = (row_of(columns, item, row),)
                decide(table_of(world), ask.about("anybody"), Facts(in_force=in_force, rows=one, grounds=grounds))
                assert int(said.words[item][row]) == (spied[0] if spied else 0)
    check_waterfall(said)


@given(drawn=worlds())
@settings(max_examples=60)
def test_sets_answer_as_columns_do(drawn: Any) -> None:
    world, ask, by_item, grounds, in_force = drawn
    first = next(iter(by_item.values()))
    alike = {item: replace(columns, era=first.era, values={}) for item, columns in by_item.items()}
    said = decide_columns(table_of(world), ask, alike, in_force=in_force, grounds=grounds)
    everybody = packed(np.ones(len(first), dtype=np.bool_))
    items = {item: sets_of(columns) for item, columns in alike.items()}
    chosen = decide_sets(table_of(world), ask, items, everybody, in_force=in_force, grounds=grounds)
    assert flags_of(chosen.permitted, len(first)).tolist() == said.permitted.tolist()
    assert chosen.counts == tuple(np.bincount(said.effect, minlength=4).tolist())
    assert chosen.waterfall == said.waterfall
    permits = [outcome.decision for outcome in said.outcomes if not outcome.effect]
    assert {repr(permit) for permit in chosen.permits} == {repr(permit) for permit in permits}


def sets_of(columns: Columns) -> ItemSets:
    def bits(word: Any, slot: Slot) -> Any:
        return packed((word & slot.mask) != 0)

    return ItemSets(
        kinds={kind: packed(columns.kind == number) for number, kind in enumerate(columns.kinds)},
        eras={era: packed(columns.era == number) for number, era in enumerate(columns.eras)},
        facts={
            slot.name: Fact(known=bits(columns.known, slot), value=bits(columns.known & columns.value, slot))
            for slot in SLOTS
        },
        attributes=columns.attributes,
    )


def check_waterfall(said: ColumnDecision) -> None:
    first: Counter[str] = Counter()
    failing: Counter[str] = Counter()
    for row in range(len(said.outcome)):
        decision = said.decision(row)
        if not isinstance(decision, Permit):
            first[decision.reasons[0].code + decision.reasons[0].item] += 1
            failing.update(
                list(
                    {
                        reason.code + reason.item + reason.slot + reason.message + reason.clause: 0
                        for reason in decision.reasons
                    }
                )
            )
    assert sum(lost.count for lost in said.waterfall) == int((~said.permitted).sum())
    assert sum(outcome.count for outcome in said.outcomes) == len(said.outcome)
    by_rule: Counter[str] = Counter()
    for lost in said.waterfall:
        assert lost.count <= lost.failing
        by_rule[lost.code + lost.item] += lost.count
    assert +by_rule == +first
    assert sum(lost.failing for lost in said.waterfall) == sum(failing.values())


def test_every_answer_occurs_over_many_chunks() -> None:
    """Enough rows for several chunks, drawn without Hypothesis: kinds, eras, unknown facts and conditions mixed."""
    random = np.random.default_rng(7)
    policy = policies_of("arlink")[-1]
    way = next(way for way in policy.ways_out.values() if way.when)
    count, kinds = 100_000, ("customer", "unheard_of")
    off = np.zeros(count, dtype=np.int64)
    for slot in SLOTS[:20]:
        off |= np.where(random.random(count) < 0.02, slot.mask, 0)
    columns = Columns(
        kinds=kinds,
        kind=(random.random(count) < 0.05).astype(np.int16),
        eras=(policy.era, None),
        era=(random.random(count) < 0.05).astype(np.int16),
        known=KNOWN & ~np.where(random.random(count) < 0.05, off, 0),
        value=VALUE ^ off,
        attributes={"actor.role": "collector", "recipient.foreign": False, "recipient.assignment_contract": True},
        values={
            "bill.due_on": pa.array(random.integers(20_000, 21_000, count).astype(np.int32)).cast(pa.date32()),
            "bill.unpaid_yen": pa.array(random.integers(0, 3, count)),
        },
    )
    ask = BulkAsk(
        actor="staff-1", act=Act(way.kind.value), items=way.items[:2], purpose=way.purpose, at=AT, recipient=way.to[0]
    )
    said = decide_columns(table_of("arlink"), ask, columns, in_force=policy.era)
    assert {type(outcome.decision) for outcome in said.outcomes} == {Permit, NeedsConsent, NeedsApproval, Refuse}
    for row in [0, *random.integers(0, count, 2_000).tolist(), count - 1]:
        rows = tuple(row_of(columns, item, row) for item in ask.items)
        assert said.decision(row) == decide(
            table_of("arlink"), ask.about("anybody"), Facts(in_force=policy.era, rows=rows)
        )
    check = Counter(said.effect.tolist())
    assert check[0] == sum(outcome.count for outcome in said.outcomes if outcome.effect == 0) > 0


def test_nothing_asked_and_items_without_columns_refuse() -> None:
    policy = policies_of("arlink")[-1]
    columns = drawn_columns(
        [{"kind": "customer", "era": policy.era, "forgotten": 0, "off": 0, "due_on": None, "unpaid": 0}] * 3,
        ("customer",),
        (policy.era,),
        "clerk",
    )
    ask = BulkAsk(actor="staff-1", act=Act.USE, items=("identity.name", "bill"), purpose="billing", at=AT)
    said = decide_columns(table_of("arlink"), ask, {"identity.name": columns}, in_force=policy.era)
    assert [lost.code for lost in said.waterfall if lost.count] == ["gate.facts-missing"]
    assert not said.permitted.any()


def test_columns_of_different_length_or_of_the_actor_are_refused() -> None:
    policy = policies_of("arlink")[-1]
    row = {"kind": "customer", "era": policy.era, "forgotten": 0, "off": 0, "due_on": None, "unpaid": 0}
    ask = BulkAsk(actor="staff-1", act=Act.USE, items=("identity.name", "bill"), purpose="billing", at=AT)
    short, long = (drawn_columns([row] * count, ("customer",), (policy.era,), "clerk") for count in (2, 3))
    with pytest.raises(SekishoError) as raised:
        decide_columns(table_of("arlink"), ask, {"identity.name": short, "bill": long}, in_force=policy.era)
    assert raised.value.code == "gate.columns-differ"
    long.values["actor.role"] = pa.array(["clerk"] * 3)  # type: ignore[index]
    with pytest.raises(SekishoError) as raised:
        decide_columns(table_of("arlink"), ask, long, in_force=policy.era)
    assert raised.value.code == "gate.column-not-of-the-data"


@given(chunks=st.lists(st.lists(st.integers(0, 2**62 - 1), max_size=300), max_size=5))
def test_numbers_are_exact(chunks: list[list[int]]) -> None:
    numbering = Numbering()
    numbers: dict[int, int] = {}
    for chunk in chunks:
        for word, number in zip(chunk, numbering.numbers(np.array(chunk, dtype=np.int64)).tolist(), strict=True):
            assert numbers.setdefault(word, number) == number
            assert numbering.words[number] == word
    assert sorted(numbers.values()) == list(range(len(numbers)))


def test_more_words_than_places_at_once_are_numbered() -> None:
    words = np.random.default_rng(3).permutation(np.arange(20_000, dtype=np.int64) * 1_000_003)
    numbering = Numbering()
    for _ in range(2):
        numbers = numbering.numbers(words)
        assert np.array_equal(np.array(numbering.words)[numbers], words)
    assert len(numbering.words) == len(words)


def test_deciding_one_loads_no_columns() -> None:
    program = "import sys, sekisho.engine.gate; print({'numpy', 'pyarrow', 'sqlglot', 'pyroaring'} & set(sys.modules))"
    assert (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "set()\n"
    )


NAMES = ("r.d1", "r.d2", "r.n1", "r.n2", "r.s1", "r.s2", "r.b1", "r.b2", "r.l1")
ARROW = {"d": pa.date32(), "n": pa.int64(), "s": pa.string(), "b": pa.bool_(), "l": pa.list_(pa.string())}
ROW = st.fixed_dictionaries(
    {
        **dict.fromkeys(
            ("r.d1", "r.d2"), st.sampled_from([None, date.min, date(2026, 11, 20), date(2026, 11, 21), date.max])
        ),
        **dict.fromkeys(("r.n1", "r.n2"), st.sampled_from([None, -1, 0, 1, 2**63 - 1])),
        **dict.fromkeys(("r.s1", "r.s2"), st.sampled_from([None, "", "a", "b", "吉", "\U00020bb7"])),
        **dict.fromkeys(("r.b1", "r.b2"), st.sampled_from([None, True, False])),
        "r.l1": st.sampled_from([None, [], ["a"], ["a", "b"]]),
    }
)
ATOM = st.sampled_from(
    [
        *(f"{left} {sign} {right}" for sign in ("==", "!=", "<", "<=", ">", ">=") for left, right in (("r.d1", "r.d2"), ("r.n1", "r.n2"), ("r.s1", "r.s2"), ("r.n1", "1"), ("r.d1 + days(1)", "today"))),
        'r.s1 in ["a", "b"]', "r.n1 in [0, 1]", "r.b1 == r.b2", "r.b1", "!r.b2", "r.d1 == r.n1", "r.s1 < r.b1",
        "r.nothing == 1", "r.b1 != true", "r.s1 in r.l1", "r.n1 == 9223372036854775807", "r.d1 - days(400) < r.d2",
    ]
)  # fmt: skip
CONDITION = st.recursive(
    ATOM,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=5,
)


@given(source=CONDITION, rows=st.lists(ROW, min_size=1, max_size=8), constant=st.sets(st.sampled_from(NAMES)))
@settings(max_examples=100)
def test_a_condition_over_columns_is_the_condition_row_by_row(
    source: str, rows: list[dict[str, object]], constant: set[str]
) -> None:
    words, numbers = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int16)
    columns = Columns(
        kinds=("customer",), kind=numbers, eras=(None,), era=numbers, known=words, value=words,
        attributes={name: rows[0][name] for name in constant},
        values={name: pa.array([row[name] for row in rows], ARROW[name[2]]) for name in NAMES if name not in constant},
    )  # fmt: skip
    condition = ColumnCondition(parse(source), columns)
    expected = [evaluate(parse(source), {**row, **columns.attributes}, AT.date()) for row in rows]
    if condition.differs_by_row:
        met, known = condition.test(slice(0, len(rows)), AT.date())
        assert met.tolist() == [answer is True for answer in expected]
        assert known.tolist() == [answer is not None for answer in expected]


def test_arrow_in_and_out() -> None:
    policy = policies_of("arlink")[-1]
    asked = BulkAsk(actor="staff-1", act=Act.USE, items=("identity.name",), purpose="marketing", at=AT, channel="mail")
    off = SLOT["objection"].mask
    rows = pa.table(
        {
            "kind": pa.chunked_array([["customer"], ["customer", "unheard_of"]]).dictionary_encode(),
            "era": [policy.era, policy.era, None],
            "known": [KNOWN, KNOWN, KNOWN],
            "value": [VALUE, VALUE ^ off, VALUE],
            "bill.unpaid_yen": [1, None, 3],
        }
    )
    columns = columns_of(rows, {"actor.role": "clerk"})
    assert [row_of(columns, "identity.name", row).era for row in range(3)] == [policy.era, policy.era, None]
    assert row_of(columns, "bill", 0).attributes == {"actor.role": "clerk", "bill.unpaid_yen": 1}
    said = as_arrow(decide_columns(table_of("arlink"), asked, columns, in_force=policy.era))
    assert said.column("effect").to_pylist() == ["permit", "refuse", "refuse"]
    assert said.column("failing").to_pylist() == [0, off, 0]
    assert said.column("reasons").to_pylist()[:2] == ["", "gate.objection"]
    assert "gate.era-unknown" in said.column("reasons").to_pylist()[2].split()
