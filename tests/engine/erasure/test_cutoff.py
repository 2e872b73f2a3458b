from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.erasure.cutoff import ended_before
from sekisho.engine.policy.periods import add


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.sampled_from(["P3Y", "P6M", "P30D", "P1M", "P1Y2M3D", "P0D"]))
def test_the_cutoff_divides_what_is_over_from_what_is_not(on: date, period: str) -> None:
    first = ended_before(on, period)
    assert add(first, period) >= on
    assert add(first - timedelta(days=1), period) < on
