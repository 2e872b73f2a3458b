"""What servers are asked besides pages: HEAD, icon, robots, and a body that is too large."""

import logging
from datetime import UTC, datetime

import pytest
from django.test import Client, override_settings

from sekisho.registers.decisions.actions import create_api_key

pytestmark = pytest.mark.django_db
URL = "/access/v1/evaluation"


@pytest.mark.parametrize("address", ["/console/login/", "/robots.txt", "/.well-known/authzen-configuration"])
def test_head_is_get_without_its_body(address: str) -> None:
    whole, head = Client().get(address), Client().head(address)
    assert (whole.status_code, head.status_code) == (200, 200)
    assert head.content == b""
    assert head["Content-Type"] == whole["Content-Type"]
    if address != "/console/login/":  # its token differs every time
        assert head["Content-Length"] == str(len(whole.content))


def test_head_opens_nothing_that_get_does_not() -> None:
    assert Client().head(URL).status_code == Client().get(URL).status_code != 200
    assert Client().head("/console/cases/").status_code == 302


def test_the_icon_and_robots_are_there() -> None:
    assert Client().get("/favicon.ico")["Location"] == "/static/web/icon.svg"
    assert "Disallow: /console/" in Client().get("/robots.txt").content.decode()


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_body_that_is_too_large_is_a_problem_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    key = create_api_key(name="crm", at=datetime.now(UTC), acting_user="test")
    with caplog.at_level(logging.WARNING):
        response = Client(enforce_csrf_checks=True).post(
            URL,
            data='{"subject": "' + "x" * 2000 + '"}',
            content_type="application/json",
            headers={"authorization": f"Bearer {key}", "X-Request-ID": "r-9"},
        )
    assert response.status_code in (400, 413)
    assert response["Content-Type"] == "application/problem+json"
    assert response["X-Request-ID"] == "r-9"
    assert not [record for record in caplog.records if record.exc_info]
