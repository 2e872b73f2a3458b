"""A demo may edit a version in place: whoever reads the list of versions sees which document stood for it, and when."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from sekisho.connectors.documents import read_folder
from sekisho.registers.policies.actions import adopt

FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.django_db
def test_the_versions_page_lists_every_revision_with_its_fingerprint(client: Client) -> None:
    files = dict(read_folder(FOLDER))
    adopt(files=files, at=AT, acting_user="test")
    edited = files["policy.yaml"].replace(
        "prohibitions:\n", "prohibitions:\n  - {purpose: analysis, items: [usage], clause: B-52}\n", 1
    )
    adopt(files={**files, "policy.yaml": edited}, at=AT + timedelta(days=1), acting_user="test", may_correct=True)
    page = client.get("/versions/")
    shown = [(record.sha256[:12], record.superseded_at is None) for record in page.context["versions"][0].revisions]
    assert [live for _, live in shown] == [True, False]
    text = page.content.decode()
    first, second = (text.index(fingerprint) for fingerprint, _ in shown)
    assert first < second < text.index("差し替え済み")
