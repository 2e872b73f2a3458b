"""Somebody erased who is taken in again is quarantined; the next holder of their number, or of half of it, is not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from restores import Carrier, small_world

pytestmark = pytest.mark.slow
SINCE = "2020-01-01T00:00:00+00:00"
ENDED = "2026-07-01T00:00:00+00:00"


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    carrier = Carrier(tmp_path_factory.mktemp("returned"))
    carrier.do("build")
    carrier.do("erase", person=small_world().HANA)
    yield carrier
    carrier.close()


def test_who_comes_back_is_quarantined_and_who_holds_the_number_next_is_not(carrier: Carrier) -> None:
    world = small_world()
    after = (world.AT + timedelta(days=1)).isoformat()
    cases: dict[str, tuple[list[list[Any]], bool]] = {
        "P-same-number": ([["number", world.NUMBER, SINCE, "2025-01-01T00:00:00+00:00"]], True),
        "P-part-of-it": ([["number", world.NUMBER, "2026-01-01T00:00:00+00:00", ENDED]], True),
        "P-since-unknown": ([["number", world.AGAIN, None, ENDED]], True),
        "P-same-customer": ([["customer_no", "C0000000", None, None]], True),
        "P-next-holder": ([["number", world.NUMBER, ENDED, after]], False),
        "P-later-holder": ([["customer_no", "C9000001", None, None], ["number", world.NUMBER, after, None]], False),
        "P-holder-before": ([["number", world.NUMBER, "2010-01-01T00:00:00+00:00", SINCE]], False),
        "P-somebody-else": ([["number", "09007009999", SINCE, None]], False),
    }
    for ref, (identifiers, comes_back) in cases.items():
        said = carrier.do("acquire", ref=ref, identifiers=identifiers)
        assert said["suppressed"] is comes_back, ref
    quarantined = {ref for ref, (_, comes_back) in cases.items() if comes_back}
    found = carrier.do("returned")
    assert {one["person"] for one in found} == quarantined
    assert {one["erased"] for one in found} == {world.HANA}
    assert world.NUMBER not in str(found)
