"""Every path to 通信の秘密 under both published policies: purpose, field, kind of person, act, recipient, claims, consents.

The space is finite and walked whole. What it shows is printed into docs/reference/secrecy-paths.md, so that a path that opens or
closes is a difference somebody has to look at. Recipients and fields that a policy treats alike are walked one by one without
claims, which also shows that they are alike; with claims one of each sort is walked.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from itertools import product
from pathlib import Path

import pytest

from sekisho.engine.gate import (
    SLOT,
    SLOTS,
    Act,
    Ask,
    Cell,
    Facts,
    NeedsApproval,
    NeedsConsent,
    Permit,
    Refuse,
    RowFacts,
    compile_table,
    decide,
    facts_words,
)
from sekisho.engine.gate.slots import CONDITION_BIT
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import DataKind, Policy

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "reference" / "secrecy-paths.md"
POLICIES = ("policies/arlink", "policies/carrier", "tests/golden/gate-policy/1")  # the last lets consent open analysis
ON, LATER = date(2026, 11, 20), date(2027, 4, 1)  # LATER: the order to provide electronic data is in force
UNHEARD = "unheard_of"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
CONSENTS = (
    "secrecy_consent",
    "purpose_accepted",
    "consent_for_this_purpose",
    "provision_consent",
    "entrustment_consent",
)
STATES = tuple(dict(zip(CONSENTS, state, strict=True)) for state in product((True, False, None), repeat=len(CONSENTS)))
GUARDED = frozenset(
    {"marketing", "survey", "campaign", "research", "analysis", "statistics", "consulting", "group_offering"}
)
ATTRIBUTES: Mapping[str, object] = {"actor.role": "auditor", "recipient.foreign": False}
Answer = tuple[int, int, str] | None  # None: nothing opens it


@dataclass(frozen=True, slots=True)
class Opening:
    """One combination that some facts open."""

    purpose: str
    item: str
    kind: str
    act: Act
    recipient: str | None
    claims: tuple[str, ...]
    cell: Cell


@dataclass(slots=True)
class Walk:
    """What was seen of one policy."""

    combinations: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    open: list[Opening] = field(default_factory=list)
    unlike: list[tuple[str, ...]] = field(default_factory=list)  # of one sort, and answered differently


@cache
def policy_of(name: str) -> Policy:
    folder = ROOT / name
    return load({file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.yaml")})


def purposes_of(policy: Policy) -> list[str]:
    unpublished = [nature.id for nature in law().natures.values() if nature.unpublished]
    return list(dict.fromkeys([*policy.purposes, *unpublished, *law().exceptions, UNHEARD]))


def secrets_of(policy: Policy) -> list[str]:
    secret = DataKind.COMMUNICATIONS_SECRECY
    whole = [held.id for held in policy.classes.values() if held.kind is secret]
    return whole + [
        f"{held.id}.{one.id}" for held in policy.classes.values() for one in held.fields.values() if one.kind is secret
    ]


def claims_of(policy: Policy, purpose: str) -> list[tuple[str, ...]]:
    """Every claim alone, and every ground beside an exception: the one that is the purpose, else one for all others."""
    grounds = [ground.id for ground in law().grounds.values() if not ground.natures and ground.id != "specific_consent"]
    promised = [exception.id for exception in policy.exceptions]
    beside = dict.fromkeys([purpose if purpose in promised else promised[0], promised[-1]])
    pairs = [(exception, ground) for exception in beside for ground in grounds]
    return [*((one,) for one in (*law().exceptions, *law().grounds, UNHEARD)), *pairs]


def covers(items: tuple[str, ...], item: str) -> bool:
    return item in items or item.partition(".")[0] in items


def sort_of_item(policy: Policy, item: str) -> tuple[bool, ...]:
    """What a policy says of a field: which uses, prohibitions, ways and periods name it."""
    items = [use.items for use in policy.uses] + [rule.items for rule in policy.prohibitions]
    items += [way.items for way in policy.ways_out.values()] + [row.items for row in policy.retention]
    return "." in item, *(covers(named, item) for named in items)


def like_items(policy: Policy, items: list[str]) -> list[str]:
    """One item of each sort."""
    return list({sort_of_item(policy, item): item for item in reversed(items)}.values())


def sort_of_kind(policy: Policy, kind: str) -> tuple[object, ...]:
    """What a policy says of a kind of person, as far as its secret fields go: one name where it says nothing but "held"."""
    rows = [(use.items, use.of) for use in policy.uses] + [(way.items, way.of) for way in policy.ways_out.values()]
    rows += [(row.items, row.of) for row in policy.retention]
    secret = secrets_of(policy)
    of = [kind in persons for items, persons in rows if any(covers(items, item) for item in secret)]
    return *of, *(not rule.of or kind in rule.of for rule in policy.prohibitions)


def sort_of(policy: Policy, purpose: str, act: Act, recipient: str) -> tuple[object, ...]:
    """What a policy says of a recipient, for a purpose and an act."""
    ways = policy.ways_out.values()
    to = tuple(w.id for w in ways if recipient in w.to and w.purpose == purpose and w.kind.value == act.value)
    known = policy.recipients.get(recipient)
    return (
        known is not None,
        to,
        any(recipient in way.to for way in ways),
        known.foreign is not False if known else True,
    )


def places_of(policy: Policy, purpose: str, *, alike: bool) -> Iterator[tuple[Act, str | None]]:
    """Acts with whom they are to; with `alike` one recipient of each sort."""
    yield Act.USE, None
    for act in list(Act)[1:]:
        seen = set()
        for recipient in (*policy.recipients, UNHEARD):
            sort = sort_of(policy, purpose, act, recipient)
            if not alike or sort not in seen:
                seen.add(sort)
                yield act, recipient


def space_of(policy: Policy) -> Iterator[tuple[str, str, str, Act, str | None, tuple[str, ...], date]]:
    items = secrets_of(policy)
    held = {kind for item in items for kind in policy.classes[item.partition(".")[0]].of}
    for purpose, item in product(purposes_of(policy), items):
        for kind in policy.subjects:
            if kind in held:
                for act, recipient in places_of(policy, purpose, alike=False):
                    yield purpose, item, kind, act, recipient, (), ON
            else:
                yield purpose, item, kind, Act.USE, None, (), ON
    kinds = list({sort_of_kind(policy, kind): kind for kind in sorted(held)}.values())
    for purpose, item, kind in product(purposes_of(policy), like_items(policy, items), kinds):
        for act, recipient in places_of(policy, purpose, alike=True):
            for claimed in claims_of(policy, purpose):
                # A ground beside an exception is for own use and provision; of the other acts each claim alone will do.
                if len(claimed) == 1 or act in (Act.USE, Act.THIRD_PARTY_PROVISION):
                    on = LATER if "electronic_data_order" in claimed else ON
                    yield purpose, item, kind, act, recipient, claimed, on


@cache
def walk(name: str) -> Walk:
    policy = policy_of(name)
    table, seen = compile_table([policy], law()), Walk()
    kinds = {kind: sort_of_kind(policy, kind) for kind in policy.subjects}
    items, alike = {item: sort_of_item(policy, item) for item in secrets_of(policy)}, dict[object, Answer]()
    moments = {on: datetime.combine(on, time(3), UTC) for on in (ON, LATER)}
    for purpose, item, kind, act, recipient, claimed, on in space_of(policy):
        known = recipient if recipient in table.named_recipients else recipient and ""
        cell = table.cell(
            in_force=policy.era, era=policy.era, purpose=purpose, item=item, subject_kind=kind, on=on, act=act,
            recipient=known, grounds=claimed,
        )  # fmt: skip
        seen.combinations += 1
        if not claimed and kind in policy.classes[item.partition(".")[0]].of:
            sort = (
                purpose,
                items[item],
                kinds[kind],
                act,
                sort_of(policy, purpose, act, recipient) if recipient else None,
            )
            found = None if cell.failures else (cell.need, cell.want, cell.secrecy_ground)
            if alike.setdefault(sort, found) != found:
                seen.unlike.append((purpose, item, kind, act, recipient or ""))
        ask = Ask(
            actor="a", act=act, data_subjects=("p",), items=(item,), purpose=purpose, at=moments[on], recipient=recipient,
            channel="mail", claims=claimed,
        )  # fmt: skip
        row = RowFacts(
            data_subject="p",
            subject_kind=kind,
            item=item,
            era=policy.era,
            known=KNOWN,
            value=VALUE,
            attributes=ATTRIBUTES,
        )
        answer = decide(table, ask, Facts(in_force=policy.era, rows=(row,), grounds=claimed))
        assert isinstance(answer, Permit | Refuse | NeedsConsent | NeedsApproval)
        seen.decisions[type(answer).__name__] += 1
        if not cell.failures:
            seen.open.append(Opening(purpose, item, kind, act, recipient, claimed, cell))
    return seen


@cache
def states_opening(need: int, want: int) -> tuple[Mapping[str, bool | None], ...]:
    """The states of consents under which a cell permits with everything else in order; its conditions are taken as met."""
    found = []
    for consents in STATES:
        known, value = KNOWN | -1 << CONDITION_BIT, VALUE | -1 << CONDITION_BIT
        for name, given in consents.items():
            mask = SLOT[name].mask
            known = known & ~mask if given is None else known
            value = value | mask if given else value & ~mask
        if not need & ~(known & ~(value ^ want)):
            found.append(consents)
    return tuple(found)


def nature_of(policy: Policy, purpose: str) -> str:
    published = policy.purposes.get(purpose)
    return published.nature if published else purpose


@pytest.mark.parametrize("name", POLICIES)
def test_no_path_reaches_marketing_sharing_or_analytics_without_specific_consent(name: str) -> None:
    grounds, opened = law().grounds, 0
    for path in walk(name).open:
        ground = grounds[path.cell.secrecy_ground]
        nature = nature_of(policy_of(name), path.purpose)
        by_purpose = nature in ground.natures and path.act is Act.USE
        by_claim = ground.id in path.claims and bool(path.cell.need & SLOT["claim_approved"].mask)
        for consents in states_opening(path.cell.need, path.cell.want):
            opened += 1
            if path.act is Act.JOINT_USE or nature in GUARDED:
                assert consents["secrecy_consent"] is True, path
            elif consents["secrecy_consent"] is not True:
                assert by_purpose or by_claim, path
                assert path.act in (Act.USE, Act.THIRD_PARTY_PROVISION), path
    assert opened, "nothing secret may be used at all: billing should"


@pytest.mark.parametrize("name", POLICIES)
def test_every_combination_is_answered(name: str) -> None:
    """The rules are total: no combination raises, and each has one of the four answers (`walk` asserts it of each)."""
    seen = walk(name)
    assert sum(seen.decisions.values()) == seen.combinations > 5_000


@pytest.mark.parametrize("name", POLICIES)
def test_recipients_and_fields_of_one_sort_are_answered_alike(name: str) -> None:
    """What lets one of a sort stand for all where claims are walked."""
    assert walk(name).unlike == []


def test_the_paths_are_those_of_the_page(request: pytest.FixtureRequest) -> None:
    page = "\n".join([HEAD, *(line for name in POLICIES for line in section_of(name))]) + "\n"
    if request.config.getoption("--update-golden"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page, (
        "run pytest --update-golden tests/engine/gate/test_secrecy_paths.py"
    )


HEAD = """# Every path to the secrecy of communications (通信の秘密)

Made by `tests/engine/gate/test_secrecy_paths.py`, which walks the whole space of both published policies, and of the small one of
the gate's own cases: every purpose (also the exceptions as purposes, and one that nobody publishes), every secret field and the
class as a whole, every kind of person, every act with every recipient; with claims every exception, every ground, an unknown one
and every ground beside an exception; and for whatever can open at all, every state of five consents. Fields, kinds of person and
recipients that a policy treats alike are walked one by one without claims, and shown to be answered alike; with claims one of
each sort is walked. `pytest --update-golden tests/engine/gate/test_secrecy_paths.py` rewrites the page: a difference is a path
that opened or closed.

A path is listed if some facts open it. Besides what stands here every path asks for what the gate always asks: a known person,
an actor known and in order, no stop, no period that is over. *itself* is the exception that is the purpose; *consent* is the
party's individual, specific, clear consent. Claims that open nothing more have no row."""

ALSO = ("claim_approved", "secrecy_ground_shown", "ticket_open", "case_open", "role_allowed", "second_approval")


def section_of(name: str) -> Iterator[str]:
    policy, seen = policy_of(name), walk(name)
    yield f"\n## {policy.era}\n"
    answers = ", ".join(f"{count:,} {answer}" for answer, count in sorted(seen.decisions.items()))
    yield f"{seen.combinations:,} combinations, every one answered: {answers} (with every fact in order)."
    yield "Paths to marketing, surveys, campaigns, research, analysis, statistics, consulting, group offering or joint use"
    yield f"without specific consent: {len(list(astray(policy, seen)))}.\n"
    yield "| purpose | act | to | claims | opened by | also asked | fields | of |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from rows_of(policy, seen)


def astray(policy: Policy, seen: Walk) -> Iterator[Opening]:
    for path in seen.open:
        if path.act is Act.JOINT_USE or nature_of(policy, path.purpose) in GUARDED:
            states = states_opening(path.cell.need, path.cell.want)
            if any(consents["secrecy_consent"] is not True for consents in states):
                yield path


def alike_of(policy: Policy) -> tuple[dict[object, list[str]], dict[object, list[str]]]:
    """Secret fields, and kinds of person they are held of, by sort."""
    fields: dict[object, list[str]] = {}
    kinds: dict[object, list[str]] = {}
    for item in secrets_of(policy):
        fields.setdefault(sort_of_item(policy, item), []).append(item)
    for kind in {kind for item in secrets_of(policy) for kind in policy.classes[item.partition(".")[0]].of}:
        kinds.setdefault(sort_of_kind(policy, kind), []).append(kind)
    return fields, kinds


def rows_of(policy: Policy, seen: Walk) -> Iterator[str]:
    """Paths that differ in purpose, recipient, field or kind of person only in one row; claims that open nothing in none."""
    order = {purpose: at for at, purpose in enumerate(purposes_of(policy))}
    paths = sorted(seen.open, key=lambda path: (order[path.purpose], path.act.value, path.claims))
    needs = {(path.purpose, path.item, path.kind, path.act, path.claims, path.cell.need) for path in paths}
    fields, kinds = alike_of(policy)
    cells: dict[tuple[str, str, str, str, str], dict[str, dict[str, None]]] = {}
    for path in paths:
        fewer = [*((claim,) for claim in path.claims if len(path.claims) > 1), ()] if path.claims else []
        if any((path.purpose, path.item, path.kind, path.act, less, path.cell.need) in needs for less in fewer):
            continue
        claims = " + ".join("itself" if claim == path.purpose else claim for claim in path.claims)
        ground = "consent" if path.cell.secrecy_ground == "specific_consent" else path.cell.secrecy_ground
        asks = ", ".join(name for name in ALSO if path.cell.need & SLOT[name].mask)
        cell = cells.setdefault(
            (path.purpose, path.act.value, claims, ground, asks), {"to": {}, "fields": {}, "of": {}}
        )
        cell["to"][path.recipient or ""] = None
        cell["fields"] |= dict.fromkeys(fields[sort_of_item(policy, path.item)])
        cell["of"] |= dict.fromkeys(kinds[sort_of_kind(policy, path.kind)])
    rows: dict[tuple[str, ...], list[str]] = {}
    for (purpose, act, claims, ground, asks), cell in cells.items():
        to = "anybody" if UNHEARD in cell["to"] else ", ".join(sorted(cell["to"]))
        items = "every field" if any("." not in item for item in cell["fields"]) else ", ".join(sorted(cell["fields"]))
        told = (act, to or "–", claims or "–", ground, asks or "–", items, ", ".join(sorted(cell["of"])))
        rows.setdefault(told, []).append(purpose)
    for columns, purposes in rows.items():
        yield f"| {', '.join(purposes)} | {' | '.join(columns)} |"
