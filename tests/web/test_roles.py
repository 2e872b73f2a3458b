"""Signing in, roles, and refusals that say where, why and what to do."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from sekisho.evidence import queries as evidence
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

NOW = datetime(2026, 11, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(
        open_account(username=role.value, password="x", display_name="久住 亮", role=role, at=NOW),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def test_opening_an_account_leaves_evidence_without_a_name() -> None:
    account = open_account(username="kusumi", password="x", display_name="久住 亮", role=Role.OFFICER, at=NOW)
    entry = evidence.records(kinds=["account.opened"])[0]
    assert entry.body == {"account": f"account:{account.pk}", "role": "privacy_officer"}


def test_a_stranger_is_asked_to_sign_in() -> None:
    response = Client().get("/console/cases/")
    assert response.status_code == 302
    assert response["Location"] == "/console/login/?next=/console/cases/"


def test_another_role_is_refused_by_name_of_role() -> None:
    response = signed_in(Role.ANALYST).get("/console/cases/")
    page = response.content.decode()
    assert response.status_code == 403
    assert "開示等請求受付窓口" in page
    assert "web.role-refused" in page
    assert "直すには" in page


def test_an_api_gets_the_same_refusal_as_a_problem() -> None:
    response = signed_in(Role.ANALYST).get("/console/cases/", headers={"accept": "application/json"})
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "web.role-refused"


def test_a_page_that_is_not_there_says_what_to_do() -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "つづりを確かめる" in response.content.decode()
    assert Client().get("/en/nowhere/").status_code == 404


def test_japanese_unless_the_address_says_english() -> None:
    asked_for_english = {"accept-language": "en"}
    assert '<html lang="ja">' in Client().get("/console/login/", headers=asked_for_english).content.decode()
    assert '<html lang="en">' in Client().get("/en/console/login/").content.decode()


def test_pages_carry_a_strict_policy_and_no_style_attribute() -> None:
    response = Client().get("/console/login/")
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert " style=" not in response.content.decode()


def test_eight_wrong_passwords_close_the_door_for_a_while() -> None:
    open_account(username="kusumi", password="right", display_name="久住 亮", role=Role.OFFICER, at=NOW)
    for _ in range(8):
        response = Client().post("/console/login/", {"username": "kusumi", "password": "wrong"})
    assert response.status_code == 429
    assert "しばらく入れません" in response.content.decode()
