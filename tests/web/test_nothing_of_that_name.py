"""An address that names a job or a case nobody has is not found, and the page says what and which code."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from sekisho.entrypoints import carrier
from sekisho.web.actions import open_account
from sekisho.web.roles import Role

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"


@pytest.fixture
def inside(db: None, client: Client, settings: LazySettings, tmp_path: Path) -> Client:
    settings.HOME = tmp_path
    carrier.write(tmp_path, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    now = datetime.now(UTC)
    open_account(username="kanri", password="tests only", display_name="kanri", role=Role.OFFICER, at=now)
    client.force_login(User.objects.get(username="kanri"), backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize(
    ("address", "code"),
    [("/console/jobs/job-none/", "batch_jobs.unknown-job"), ("/console/cases/K-0000-0000/", "requests.unknown-case")],
)
def test_a_page_of_nothing_is_not_found(inside: Client, address: str, code: str) -> None:
    answer = inside.get(address)
    assert answer.status_code == 404
    assert code in answer.content.decode()
