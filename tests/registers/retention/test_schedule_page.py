"""The page of what falls due: what it shows, to whom, and of which holds it knows nothing."""

import re
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from sekisho.registers.retention import actions, console
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

ADDRESS = "/console/retention/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture
def asked(world: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(console, "timezone", SimpleNamespace(now=lambda: world.AT))
    for role in (Role.OFFICER, Role.CLERK):
        open_account(username=role.value, password="tests only", display_name=role.value, role=role, at=world.AT)

    def get(role: Role = Role.OFFICER, address: str = ADDRESS) -> tuple[int, str]:
        client = Client()
        client.force_login(User.objects.get(username=role.value), backend="django.contrib.auth.backends.ModelBackend")
        answer = client.get(address)
        return answer.status_code, TOKEN.sub("", answer.content.decode())

    return get


def place(world: ModuleType, **more: Any) -> str:
    return actions.place_hold(
        **({"source": "紙", "placed_on": world.ON, "at": world.AT, "acting_user": "hino", "approved_by": "abe"} | more)
    )


def test_what_is_overdue_and_what_comes_is_shown_with_its_clause(world: ModuleType, asked: Any) -> None:
    status, page = asked()
    assert status == 200
    assert "期限を過ぎて残るもの" in page
    assert "通話　通話" in page
    assert "B-20" in page
    assert "一斉点検はまだ行われていません" in page
    actions.sweep(on=world.ON, at=world.AT, acting_user="test")
    _, after = asked()
    assert "期限を過ぎて残るもの" not in after
    assert "一部未了" in after  # a ticket of nobody known is left


def test_a_hold_to_be_reviewed_is_the_next_step(world: ModuleType, asked: Any) -> None:
    ref = place(world, kind="legal_claim", person="P-14", review_on=world.ON)
    _, page = asked()
    assert f"見直しの日の保留 {ref}" in page.replace("\n", "")
    assert "訴訟・紛争" in page


def test_a_confidential_hold_changes_nothing_on_the_page(world: ModuleType, asked: Any) -> None:
    _, before = asked()
    place(world, kind="preservation", person="P-14", is_confidential=True, review_on=world.ON)
    assert asked()[1] == before


def test_the_page_speaks_english_and_is_not_everybodys(world: ModuleType, asked: Any) -> None:
    _, page = asked(address="/en" + ADDRESS)
    assert "What falls due" in page
    assert "Overdue" in page
    assert asked(Role.CLERK)[0] == 403


def test_what_a_sweep_could_not_judge_is_the_next_step(world: ModuleType, asked: Any) -> None:
    actions.sweep(on=world.ON, at=world.AT, acting_user="test")
    _, page = asked()
    said = " ".join(page.split())
    assert "いますることはありません" not in said
    assert "前回の一斉点検で判断できなかった1件を、問い合わせ 問い合わせから片づける。" in said
    assert "誰のものか分からない行があります" in said
    assert 'href="#undecided"' in said
    assert 'id="undecided"' in said
    assert "support.tickets" not in said
    _, english = asked(address="/en" + ADDRESS)
    assert "What the last sweep could not judge" in english
