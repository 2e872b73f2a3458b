"""The language-neutral cases of tests/golden/decisions, run as its README says and nothing more."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sekisho.engine.gate import (
    SLOTS,
    Ask,
    Decision,
    Facts,
    Permit,
    Reason,
    RowFacts,
    Table,
    compile_table,
    decide,
    facts_words,
    reasons_json,
)
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.slots import slots_in
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "tests" / "golden" / "decisions"
Case = Mapping[str, Any]
FILE_KEYS = {"about", "policy", "cases"}
CASE_KEYS = {
    "id",
    "note",
    "cites",
    "policy",
    "in_force",
    "era",
    "ask",
    "kind",
    "facts",
    "attributes",
    "rows",
    "persons",
    "want",
}
ASK_KEYS = {"purpose", "items", "act", "recipient", "recipient_kind", "channel", "grounds", "at"}
ROW_KEYS = {"person", "item", "kind", "era", "facts", "attributes"}
IN_ORDER = {slot.name: slot.want for slot in SLOTS}
ATTRIBUTES = {"actor.role": "clerk", "recipient.foreign": False}
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
# What no case can bring about: a caller without zone or act, facts that were not gathered, a document the loader refuses.
NOT_IN_CASES = {
    "gate.time-unknown", "gate.nothing-asked", "gate.facts-missing", "gate.unknown-act", "gate.unknown-nature",
    "gate.unknown-slot",
}  # fmt: skip


def read_cases() -> list[Case]:
    cases: list[Case] = []
    for file in sorted(FOLDER.glob("*.yaml")):
        content = YAML(typ="safe", pure=True).load(file)
        assert set(content) <= FILE_KEYS, f"{file.name} has keys the README does not know"
        cases += [{"policy": content.get("policy"), **case, "file": file.name} for case in content["cases"]]
    return cases


CASES = read_cases()


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['file']}:{case['id']}") for case in CASES])
def test_case(case: Case) -> None:
    decision, _ = run(case)
    told = reasons_json(decision)
    want = case["want"]
    reasons = () if isinstance(decision, Permit) else decision.reasons
    wanted = want.get("reasons", [])
    assert told["decision"] == want["decision"], [reason.code for reason in reasons]
    assert [reason.code for reason in reasons] == [one if isinstance(one, str) else one["code"] for one in wanted]
    for reason, one in zip(reasons, wanted, strict=True):
        if not isinstance(one, str):
            assert_reason(reason, one)
    if "obligations" in want:
        assert isinstance(decision, Permit)
        assert [obligation.id for obligation in decision.obligations] == want["obligations"]


def test_cases_are_well_formed() -> None:
    ids = [case["id"] for case in CASES]
    assert len(ids) == len(set(ids)), "two cases share an id"
    for case in CASES:
        assert set(case) - {"file"} <= CASE_KEYS, case["id"]
        assert set(case["ask"]) <= ASK_KEYS, case["id"]
        assert all(set(row) <= ROW_KEYS for row in case.get("rows", ())), case["id"]
        assert case["note"], case["id"]
        assert case["cites"], f"{case['id']} rests on no law"
        for key in case["cites"]:
            assert law().cite(key).article


def test_every_rule_is_seen_both_ways() -> None:
    """Every code refuses in some case, and every slot is asked for in some permit."""
    failed, failed_slots, passed_slots = set(), set(), set()
    for case in CASES:
        decision, needs = run(case)
        if isinstance(decision, Permit):
            passed_slots |= {slot.name for word in needs for slot in slots_in(word)}
        else:
            failed |= {reason.code for reason in decision.reasons}
            failed_slots |= {reason.slot for reason in decision.reasons if reason.code != "gate.unknown-fact"}
    missing = {
        "codes never seen failing": set(rules().codes) - failed - NOT_IN_CASES,
        "slots never seen failing": {slot.name for slot in SLOTS} - failed_slots,
        "slots never asked for in a permit": {slot.name for slot in SLOTS} - passed_slots,
    }
    assert not any(missing.values()), {name: sorted(codes) for name, codes in missing.items() if codes}


def run(case: Case) -> tuple[Decision, list[int]]:
    """The decision, and the words of slots asked for by the cells it looked at."""
    folders = case["policy"] if isinstance(case["policy"], list) else [case["policy"]]
    table, newest = table_of(tuple(folders))
    asked = case["ask"]
    in_force = case.get("in_force", newest)
    rows = tuple(
        row_facts(case, row, in_force) for row in case.get("rows") or [{"item": item} for item in asked["items"]]
    )
    ask = Ask(
        actor="staff-1",
        act=asked.get("act", "use"),
        data_subjects=tuple(case.get("persons") or dict.fromkeys(row.data_subject for row in rows if row.data_subject)),
        items=tuple(asked["items"]),
        purpose=asked["purpose"],
        at=instant(asked.get("at")),
        recipient=asked.get("recipient"),
        channel=asked.get("channel"),
        claims=tuple(f"claim-{ground}" for ground in asked.get("grounds", ())),
    )
    grounds = tuple(asked.get("grounds", ()))
    facts = Facts(in_force=in_force, rows=rows, recipient_kind=asked.get("recipient_kind"), grounds=grounds)
    named = ask.recipient if ask.recipient in table.named_recipients else facts.recipient_kind
    view = table.view((in_force, ask.purpose, ask.act, ask.recipient and (named or ""), grounds, table.span(ask.at)))
    needs = [view.cell(row.era, row.item, row.subject_kind).need for row in rows]
    return decide(table, ask, facts), needs


def row_facts(case: Case, row: Mapping[str, Any], in_force: str) -> RowFacts:
    differing = {**(case.get("facts") or {}), **(row.get("facts") or {})}
    known, value = facts_words({**IN_ORDER, **differing})
    attributes = {**ATTRIBUTES, **(case.get("attributes") or {}), **(row.get("attributes") or {})}
    return RowFacts(
        data_subject=row.get("person", "p1"),
        subject_kind=row.get("kind", case.get("kind", "customer")),
        item=row.get("item", case["ask"]["items"][0]),
        era=row.get("era", case.get("era", in_force)),
        known=known,
        value=value,
        attributes={name: value for name, value in attributes.items() if value is not None},
    )


def assert_reason(reason: Reason, wanted: Mapping[str, Any]) -> None:
    for key, value in wanted.items():
        found = getattr(reason, key)
        found = list(found) if key == "tell" else found
        assert value in found if key == "article" else found == value, f"{reason.code} {key}: {found!r}"


def instant(written: Any) -> datetime:
    if written is None:
        return AT
    at = written if isinstance(written, datetime) else datetime.fromisoformat(written)
    return at if at.tzinfo else at.replace(tzinfo=UTC)  # the YAML reader gives UTC instants without their zone


@cache
def table_of(folders: tuple[str, ...]) -> tuple[Table, str]:
    versions = [policy_of(folder) for folder in folders]
    return compile_table(versions, law()), versions[-1].era


@cache
def policy_of(folder: str) -> Policy:
    files = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("*.yaml")}
    files |= {f"texts/{file.name}": file.read_text(encoding="utf-8") for file in (ROOT / folder).glob("texts/*.yaml")}
    return load(files)
