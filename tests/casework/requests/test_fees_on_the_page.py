"""The desk takes a fee only where the policy publishes one and the law allows it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from sekisho.connectors.documents import read_folder
from sekisho.registers.policies.actions import adopt

FOLDER = Path(__file__).resolve().parents[3] / "policies" / "arlink"
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.django_db
def test_a_published_fee_the_law_forbids_is_not_asked_for_and_the_page_says_so(client: Client) -> None:
    adopt(files=read_folder(FOLDER), at=AT, acting_user="test")
    page = client.get("/requests/")
    fees = {offer.right.id: (offer.yen, bool(offer.forbidden_yen)) for offer in page.context["offers"]}
    assert fees == {
        "purpose_notice": (660, False),
        "disclosure": (660, False),
        "record_disclosure": (0, False),
        "correction": (0, True),
        "suspension": (0, True),
        "provision_stop": (0, False),
    }
    text = page.content.decode()
    assert text.count("公表した文では660円ですが") == 2
    assert text.count("定額小為替証書だけでは660円ちょうどになりません") == 2
