"""Four eyes, and that a list leaves once however many ask for it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from types import ModuleType
from typing import Any

import pytest
from django.db import connections

from sekisho.engine.errors import SekishoError
from sekisho.registers.lists import actions
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import Wanted, file_of
from sekisho.registers.lists.rules import limits

TAKERS = 6


@pytest.fixture
def small(lists: ModuleType, monkeypatch: pytest.MonkeyPatch) -> EligibleList:
    """A list that needs an approval, for the limit is ten people."""
    few = replace(limits(), people=10)
    monkeypatch.setattr("sekisho.registers.lists.actions.building.limits", lambda: few)
    row = actions.build_list(Wanted(purpose="campaign", actor=lists.ANALYST, at=lists.AT, channel="mail"))
    assert row.needs_approval
    return row


def take(world: ModuleType, ref: str, by: str) -> bytes:
    with actions.hand_over(ref=ref, at=world.AT, acting_user=by) as handed:
        return handed.file.read()


def refused(code: str) -> Any:
    return pytest.raises(SekishoError, match=code.replace(".", r"\."))


def test_nothing_leaves_before_a_second_person_approved(lists: ModuleType, small: EligibleList) -> None:
    with refused("lists.not-approved"):
        take(lists, small.ref, lists.ANALYST)
    actions.ask_approval(ref=small.ref, at=lists.AT, acting_user=lists.ANALYST)
    with refused("lists.not-approved"):
        take(lists, small.ref, lists.ANALYST)
    actions.approve_list(ref=small.ref, sha256=small.sha256, by=lists.OFFICER, at=lists.AT)
    with refused("lists.not-yours"):
        take(lists, small.ref, lists.OFFICER)
    assert take(lists, small.ref, lists.ANALYST)


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("s-analyst", "lists.approver-may-not"),
        ("s-gone", "lists.approver-may-not"),
        ("nobody", "lists.approver-may-not"),
    ],
)
def test_who_may_not_approve_is_refused(lists: ModuleType, small: EligibleList, by: str, code: str) -> None:
    with refused(code):
        actions.approve_list(ref=small.ref, sha256=small.sha256, by=by, at=lists.AT)


def test_an_officer_may_not_approve_their_own_list(lists: ModuleType) -> None:
    row = actions.build_list(Wanted(purpose="campaign", actor=lists.OFFICER, at=lists.AT, channel="mail"))
    with refused("lists.same-person"):
        actions.approve_list(ref=row.ref, sha256=row.sha256, by=lists.OFFICER, at=lists.AT)


def test_an_approval_holds_for_the_file_that_was_read(lists: ModuleType, small: EligibleList) -> None:
    with refused("lists.changed-since-read"):
        actions.approve_list(ref=small.ref, sha256="0" * 64, by=lists.OFFICER, at=lists.AT)
    late = small.expires_at + timedelta(seconds=1)
    with refused("lists.expired"):
        actions.approve_list(ref=small.ref, sha256=small.sha256, by=lists.OFFICER, at=late)


def test_of_many_who_ask_at_once_one_gets_it(lists: ModuleType) -> None:
    row = actions.build_list(Wanted(purpose="campaign", actor=lists.ANALYST, at=lists.AT, channel="mail"))
    barrier = Barrier(TAKERS)

    def go(_: int) -> str:
        try:
            barrier.wait()
            take(lists, row.ref, lists.ANALYST)
        except SekishoError as error:
            return error.code
        finally:
            connections.close_all()
        return "taken"

    with ThreadPoolExecutor(TAKERS) as pool:
        answers = sorted(pool.map(go, range(TAKERS)))
    assert answers == ["lists.taken"] * (TAKERS - 1) + ["taken"]
    assert not file_of(row.ref).exists()
