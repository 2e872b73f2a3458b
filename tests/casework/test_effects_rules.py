"""Whose value of a row may be put right, what counts as the same value, which purposes stop: the rules alone."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.casework.subject_requests.rules.answering import EffectKind
from sekisho.casework.subject_requests.rules.effects import (
    Correction,
    columns_of,
    effects,
    kinds_of,
    same,
    stopped_purposes,
    stopped_recipients,
    tells_of_the_past,
    theirs,
)
from sekisho.connectors.documents import read_folder
from sekisho.engine.catalog.model import Column, Ownership, PartyErasure, Table
from sekisho.engine.gate.stops import EVERYTHING, parts_of
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"


@cache
def policy() -> Policy:
    return load(read_folder(ARLINK))


def table(*owners: Ownership, **columns: str) -> Table:
    return Table(
        name="t",
        label="表",
        subject="customer",
        key=("no",),
        columns={name: Column(name=name, type="text", item=item) for name, item in columns.items()},
        owners=owners,
        acquired="on",
    )


CONTRACTOR = Ownership(by="customer_no", column="customer_no", role="contractor")
GUARDIAN = Ownership(
    by="customer_no", column="guardian_no", role="guardian", erasure=PartyErasure.BLANK, blanks=("guardian_name",)
)
FAMILY = table(CONTRACTOR, GUARDIAN, no="none", name="identity.name", guardian_name="identity.name", memo="identity")


@pytest.mark.parametrize(
    ("owner", "row", "expected"),
    [
        (CONTRACTOR, {"customer_no": "C1", "guardian_no": "C2"}, ["name"]),
        (CONTRACTOR, {"customer_no": "C1", "guardian_no": None}, ["name", "guardian_name"]),
        (CONTRACTOR, {"customer_no": "C1", "guardian_no": "C1"}, ["name", "guardian_name"]),
        (GUARDIAN, {"customer_no": "C1", "guardian_no": "C2"}, ["guardian_name"]),
    ],
)
def test_of_a_row_of_two_only_the_columns_of_the_one_are_theirs(
    owner: Ownership, row: Mapping[str, object], expected: list[str]
) -> None:
    assert [one.name for one in theirs(FAMILY, owner, row, columns_of(FAMILY, "name"))] == expected


def test_a_field_is_found_in_every_class_and_never_in_a_whole_class_or_free_text() -> None:
    found = table(CONTRACTOR, no="none", a="identity.name", b="bill_address.name", c="identity", d="identity.kana")
    assert [one.name for one in columns_of(found, "name")] == ["a", "b"]
    noted = Column(name="memo", type="text", item="identity.name", free_text=True)
    assert columns_of(Table(**{**_as(found), "columns": {"memo": noted}}), "name") == ()  # type: ignore[arg-type]


def test_a_table_of_before_and_after_is_history_only_where_the_value_did_change() -> None:
    change = Correction(item="identity.name", wrong="a", right="b", happened=date(2026, 11, 1))
    wrong = Correction(item="identity.name", wrong="a", right="b")
    assert tells_of_the_past(FAMILY, change)
    assert not tells_of_the_past(FAMILY, wrong)
    assert not tells_of_the_past(table(CONTRACTOR, no="none", name="identity.name"), change)


@given(st.text(max_size=20))
def test_width_and_spaces_make_no_difference_and_nothing_else_does(text: str) -> None:
    assert same(text, text)
    assert same(f" {text}　", text)
    assert not same(None, text)
    assert not same(f"{text}𠮷", text)


LINE = st.fixed_dictionaries(
    {
        "item": st.sampled_from(["identity", "bill", "usage", "inquiry"]),
        "answer": st.sampled_from(["grant", "refuse"]),
    }
)


@given(st.lists(LINE, max_size=6))
def test_a_stop_is_of_all_only_where_all_was_granted_and_never_of_what_goes_on(lines: list[dict[str, object]]) -> None:
    granted = [line for line in lines if line["answer"] == "grant"]
    scopes = stopped_purposes(policy(), lines)
    assert (scopes == (EVERYTHING,)) is (bool(granted) and len(granted) == len(lines))
    assert bool(scopes) is bool(granted)
    goes_on = set(effects()["goes_on"]["natures"])
    refused = {line["item"] for line in lines if line["answer"] == "refuse"}
    for scope in set(scopes) - {EVERYTHING}:
        purpose, data_class = parts_of(scope)
        if purpose == EVERYTHING:
            assert data_class not in refused
        else:
            assert policy().purposes[purpose].nature not in goes_on
    assert bool(stopped_recipients(lines)) is bool(granted)


def told(item: str, answer: str = "grant", effect: str = "", *purposes: str) -> dict[str, object]:
    return {"item": item, "answer": answer, "effect": effect} | ({"purposes": list(purposes)} if purposes else {})


UNASKED = told("identity", "unasked")
OTHERS = tuple(
    one.id for one in policy().purposes.values() if one.nature not in effects()["goes_on"]["natures"]
)  # purposes that nothing that is kept needs


@pytest.mark.parametrize(
    ("lines", "scopes"),
    [
        ([told("cookie", "grant", "stop", "analysis"), UNASKED], ("analysis/cookie",)),
        ([told("cookie", "grant", "stop", "analysis", "marketing"), UNASKED], ("analysis/cookie", "marketing/cookie")),
        ([told("cookie", "grant", "stop", "analysis"), told("usage", "grant", "stop", "analysis")],
         ("analysis/cookie", "analysis/usage")),
        ([told("inquiry", "grant", "stop"), UNASKED], ("*/inquiry",)),
        ([told("bill", "refuse", "stop"), UNASKED], ("*/bill",)),
        ([told("bill", "refuse", "stop"), told("bill", "refuse", "limit"), UNASKED],
         tuple(f"{one}/bill" for one in OTHERS)),
        ([told("bill", "refuse", "stop")], (*OTHERS, "*/bill")),
        ([told("bill", "refuse", "limit")], OTHERS),
        ([told("identity", "refuse"), UNASKED], ()),
        ([told("inquiry", "grant", "stop"), told("identity", "refuse", "limit")], (*OTHERS, "*/inquiry")),
    ],
)  # fmt: skip
def test_a_stop_reaches_as_far_as_was_asked_and_no_further(
    lines: list[dict[str, object]], scopes: tuple[str, ...]
) -> None:
    assert stopped_purposes(policy(), lines) == scopes
    assert (EffectKind.USE_STOP in kinds_of("suspension", lines)) is bool(scopes)
    granted = any(line["answer"] == "grant" for line in lines)
    assert (EffectKind.ERASURE_PLAN in kinds_of("suspension", lines)) is granted


@given(st.lists(LINE, max_size=6), st.sampled_from(sorted(law().requests)))
def test_nothing_granted_brings_nothing_about(lines: list[dict[str, object]], kind: str) -> None:
    found = kinds_of(kind, lines)
    assert bool(found) is (kind in effects()["kinds"] and any(line["answer"] == "grant" for line in lines))


def test_what_the_table_names_exists_and_what_binds_the_gate_comes_first() -> None:
    known = law()
    assert set(effects()["kinds"]) <= set(known.requests)
    assert set(effects()["goes_on"]["natures"]) <= set(known.natures)
    for kinds in effects()["kinds"].values():
        order = [EffectKind(one) for one in kinds]
        assert order[0] is not EffectKind.RECIPIENT_NOTICE
        assert order[-1] is EffectKind.RECIPIENT_NOTICE


def test_what_a_line_names_itself_is_followed_to_the_letter() -> None:
    line = {"item": "usage", "answer": "grant", "purposes": ["marketing"], "recipients": ["r-1"]}
    assert stopped_purposes(policy(), [line]) == ("marketing/usage",)
    assert stopped_recipients([line]) == ("r-1",)


def _as(one: Table) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("name", "label", "subject", "key", "owners", "acquired")}
