"""What must hold for every ask: on the small policy by drawing, and over the whole space of every policy folder."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.gate import (
    SLOT,
    SLOTS,
    Act,
    Ask,
    Decision,
    Facts,
    NeedsApproval,
    NeedsConsent,
    Permit,
    Refuse,
    RowFacts,
    Table,
    compile_table,
    decide,
    facts_words,
)
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.slots import slots_in
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import DataKind, Policy, Prohibition

ROOT = Path(__file__).resolve().parents[3]
SMALL = ("tests/golden/gate-policy/1", "tests/golden/gate-policy/2")
FOLDERS = [*SMALL, *sorted(str(file.parent.relative_to(ROOT)) for file in ROOT.glob("policies/*/policy.yaml"))]
RANK = {Permit: 0, NeedsConsent: 1, NeedsApproval: 2, Refuse: 3}
ALL = sum(slot.mask for slot in SLOTS)
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
ATTRIBUTES: Mapping[str, object] = {
    "actor.role": "auditor",
    "bill.due_on": date(2026, 10, 31),
    "bill.unpaid_yen": 3300,
    "recipient.assignment_contract": True,
    "recipient.foreign": False,
}
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
MARKETING_LIKE = {
    "marketing",
    "survey",
    "campaign",
    "analysis",
    "research",
    "statistics",
    "consulting",
    "group_offering",
}


@cache
def policy_of(folder: str) -> Policy:
    files = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.yaml")}
    files |= {f"texts/{file.name}": file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("texts/*.yaml")}
    return load(files)


@cache
def table_of(*folders: str) -> Table:
    return compile_table([policy_of(folder) for folder in folders], law())


def items_of(policy: Policy) -> list[str]:
    whole = list(policy.classes)
    return whole + [f"{held.id}.{field}" for held in policy.classes.values() for field in held.fields]


SECOND = policy_of(SMALL[1])
asks = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from([*SECOND.purposes, "E1", "unheard_of"]),
        "items": st.lists(st.sampled_from([*items_of(SECOND), "unheard.of"]), min_size=1, max_size=3, unique=True),
        "kind": st.sampled_from([*SECOND.subjects, "unheard_of"]),
        "act": st.sampled_from(Act),
        "recipient": st.sampled_from([None, *SECOND.recipients, "unheard_of"]),
        "channel": st.sampled_from([None, "mail", "pigeon"]),
        "grounds": st.sampled_from([(), ("E1",), ("E1", "warrant"), ("E5",), ("warrant",)]),
        "era": st.sampled_from(["small@1", "small@2", None]),
    }
)
# Mostly in order, so that permits are drawn too: a word of random bits would refuse for ever.
NAMED = tuple(SLOT[name] for name in ("identity_known", "actor_known", "recipient_known"))  # drawn more often
words = st.lists(st.sampled_from([*SLOTS, *NAMED * 4]), max_size=4).map(
    lambda slots: sum({slot.mask for slot in slots})
)


def ask_and_decide(
    table: Table, asked: Mapping[str, object], known: int, value: int, in_force: str = "small@2"
) -> Decision:
    items, kind, era, act = asked["items"], asked["kind"], asked["era"], asked["act"]
    recipient, channel, grounds = asked["recipient"], asked["channel"], asked["grounds"]
    assert isinstance(items, list)
    assert isinstance(act, Act)
    assert isinstance(grounds, tuple)
    ask = Ask(
        actor="staff-1",
        act=act,
        data_subjects=("p1",),
        items=tuple(items),
        purpose=str(asked["purpose"]),
        at=AT,
        recipient=recipient if isinstance(recipient, str) else None,
        channel=channel if isinstance(channel, str) else None,
        claims=grounds,
    )
    rows = tuple(
        RowFacts(
            data_subject="p1",
            subject_kind=str(kind),
            item=item,
            era=era if isinstance(era, str) else None,
            known=known,
            value=value,
            attributes=ATTRIBUTES,
        )
        for item in items
    )
    return decide(table, ask, Facts(in_force=in_force, rows=rows, recipient_kind=None, grounds=grounds))


def rank(decision: Decision) -> int:
    return RANK[type(decision)]


@given(asked=asks, off=words, at=st.data())
def test_a_prohibition_never_permits_more(asked: dict[str, object], off: int, at: st.DataObject) -> None:
    prohibition = Prohibition(
        purpose=at.draw(st.sampled_from(["*", *SECOND.purposes])),
        items=tuple(at.draw(st.lists(st.sampled_from(items_of(SECOND)), min_size=1, max_size=3))),
        clause="S-06",
        of=tuple(at.draw(st.lists(st.sampled_from(list(SECOND.subjects)), max_size=2, unique=True))),
    )
    stricter = replace(SECOND, prohibitions=(*SECOND.prohibitions, prohibition))
    before = ask_and_decide(table_of(*SMALL), asked, KNOWN, VALUE ^ off)
    after = ask_and_decide(compile_table([policy_of(SMALL[0]), stricter], law()), asked, KNOWN, VALUE ^ off)
    assert rank(after) >= rank(before)


@given(asked=asks, off=words, forgotten=words)
def test_knowing_less_never_permits_more(asked: dict[str, object], off: int, forgotten: int) -> None:
    before = ask_and_decide(table_of(*SMALL), asked, KNOWN, VALUE ^ off)
    after = ask_and_decide(table_of(*SMALL), asked, KNOWN & ~forgotten, VALUE ^ off)
    assert rank(after) >= rank(before)


@given(asked=asks, off=words, mended=words)
def test_a_fact_put_right_never_refuses_more(asked: dict[str, object], off: int, mended: int) -> None:
    before = ask_and_decide(table_of(*SMALL), asked, KNOWN, VALUE ^ off)
    after = ask_and_decide(table_of(*SMALL), asked, KNOWN, VALUE ^ (off & ~mended))
    assert rank(after) <= rank(before)


@given(asked=asks, off=words)
def test_several_items_get_the_worst_of_the_single_answers(asked: dict[str, object], off: int) -> None:
    items = asked["items"]
    assert isinstance(items, list)
    singles = [ask_and_decide(table_of(*SMALL), {**asked, "items": [item]}, KNOWN, VALUE ^ off) for item in items]
    together = ask_and_decide(table_of(*SMALL), asked, KNOWN, VALUE ^ off)
    assert rank(together) == max(map(rank, singles))
    told = {reason.code for single in singles if not isinstance(single, Permit) for reason in single.reasons}
    assert told == (set() if isinstance(together, Permit) else {reason.code for reason in together.reasons})


@given(asked=asks, off=words, forgotten=words)
def test_the_failing_word_is_the_reasons(asked: dict[str, object], off: int, forgotten: int) -> None:
    items, era, act, recipient = asked["items"], asked["era"], asked["act"], asked["recipient"]
    grounds = asked["grounds"]
    assert isinstance(items, list)
    assert isinstance(act, Act)
    assert isinstance(grounds, tuple)
    table, known, value = table_of(*SMALL), KNOWN & ~forgotten, VALUE ^ off
    named = recipient if recipient in table.named_recipients else ""
    cell = table.cell(
        in_force="small@2",
        era=era if isinstance(era, str) else None,
        purpose=str(asked["purpose"]),
        item=items[0],
        subject_kind=str(asked["kind"]),
        on=date(2026, 11, 20),
        act=act,
        recipient=None if recipient is None else str(named),
        grounds=grounds,
    )
    decision = ask_and_decide(table, {**asked, "items": items[:1]}, known, value)
    told = () if isinstance(decision, Permit) else decision.reasons
    by_fact = {reason.slot for reason in told if reason.slot} - {"role_allowed"}
    failing = cell.failing(known, value)
    # What is unknown because nobody knows the person, the actor or the recipient is in the word, and not told one by one.
    expected = {
        slot.name for slot in slots_in(failing) if slot.mask & known or not rules().follows[slot.name] & failing
    } - {"role_allowed"}
    if cell.needs_channel and asked["channel"] != "mail":
        expected -= {"channel_consent"}
    assert by_fact == expected
    assert (rank(decision) == 0) == (not told)


def whole_space(policy: Policy) -> Iterator[tuple[str, str, str, Act, str | None]]:
    recipients = [None, *policy.recipients]
    secret = [
        (f"{held.id}.{field.id}", held.of)
        for held in policy.classes.values()
        for field in held.fields.values()
        if field.kind is DataKind.COMMUNICATIONS_SECRECY
    ]
    for purpose, (item, of), kind, act, recipient in product(policy.purposes, secret, policy.subjects, Act, recipients):
        # Of others than those the class is about every cell fails alike, whatever the purpose: not compiled one by one.
        if kind in of and (act is Act.USE) == (recipient is None):
            yield purpose, item, kind, act, recipient


@pytest.mark.parametrize("folder", FOLDERS)
def test_secrecy_is_never_open_without_a_ground(folder: str) -> None:
    """Every purpose, secret field, kind of person, act and recipient: with all else in order, but no specific consent."""
    policy, looked_at, permits = policy_of(folder), 0, 0
    table = table_of(folder)
    for purpose, item, kind, act, recipient in whole_space(policy):
        on = policy.in_force_from or date(2026, 11, 20)
        cell = table.cell(
            in_force=policy.era, era=policy.era, purpose=purpose, item=item, subject_kind=kind, on=on, act=act, recipient=recipient
        )  # fmt: skip
        looked_at += 1
        if cell.failures or cell.failing(KNOWN, VALUE & ~SLOT["secrecy_consent"].mask):
            permits_with_consent = not cell.failures
            assert not permits_with_consent or cell.need & SLOT["secrecy_consent"].mask or cell.conditions or cell.roles
            continue
        permits += 1
        nature = policy.purposes[purpose].nature
        assert nature not in MARKETING_LIKE, (purpose, item)
        assert act in (Act.USE, Act.ENTRUSTMENT), (purpose, item, act)
        assert any(nature in ground.natures for ground in law().grounds.values()), (purpose, item)
        if nature in law().ground("justified_business").ticket_natures:
            assert cell.need & SLOT["ticket_open"].mask
    assert looked_at > 0
    assert permits > 0, "nothing secret may be used at all: billing should"


def test_no_purpose_is_excused_from_the_secrecy_of_communications() -> None:
    everything = (rules().every, *rules().flags.values(), *rules().natures.values(), *rules().acts.values())
    assert not any("secrecy_consent" in asks.ignores for asks in everything)
    assert "secrecy_consent" not in rules().exception_slots
    assert not {"gate.prohibited", "gate.exception-not-promised"} & (rules().exception_codes | rules().era_codes)


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_a_policy_allows_can_be_had(folder: str) -> None:
    """With everything in order a declared use fails only where it is prohibited, and on no day but its own."""
    policy = policy_of(folder)
    for use in policy.uses:
        for item, kind in product(use.items, use.of):
            if kind not in policy.classes[item.partition(".")[0]].of:
                continue
            cell = table_of(folder).cell(
                in_force=policy.era, era=policy.era, purpose=use.purpose, item=item, subject_kind=kind, on=date(2026, 11, 20)
            )  # fmt: skip
            codes = {ranked.reason.code for ranked in cell.failures}
            assert codes <= {"gate.prohibited", "gate.purpose-not-published"}, (use.purpose, item, kind)
