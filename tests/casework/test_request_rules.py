"""Requests of data subjects: numbers, order of steps, masks."""

from datetime import UTC, date, datetime

import pytest

from sekisho.casework.subject_requests.rules import Case, Outcome, Status, masked, reference_after, require_closable
from sekisho.engine.errors import SekishoError

ARRIVED = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("last", "year", "want"),
    [(None, 2026, "K-2026-0001"), ("K-2026-0041", 2026, "K-2026-0042"), ("K-2026-9999", 2026, "K-2026-10000")],
)
def test_case_numbers_run_on_within_the_year(last: str | None, year: int, want: str) -> None:
    assert reference_after(last, year) == want


def test_case_numbers_begin_anew_with_the_year() -> None:
    assert reference_after("K-2026-0041", 2027) == "K-2027-0001"


def test_no_answer_before_the_person_is_identified() -> None:
    with pytest.raises(SekishoError) as error:
        require_closable(case(), outcome=Outcome.ANSWERED, answered_on=ARRIVED)
    assert error.value.code == "requests.identity-not-checked"
    require_closable(case(), outcome=Outcome.WITHDRAWN, answered_on=None)


def test_no_answer_before_arrival() -> None:
    checked = case(identity_checked_at=datetime(2026, 11, 21, tzinfo=UTC))
    with pytest.raises(SekishoError) as error:
        require_closable(checked, outcome=Outcome.ANSWERED, answered_on=date(2026, 11, 19))
    assert error.value.code == "requests.answered-before-arrival"
    require_closable(checked, outcome=Outcome.ANSWERED, answered_on=ARRIVED)


@pytest.mark.parametrize(
    ("value", "want"),
    [
        ("櫛田真帆", "櫛＊＊＊"),
        ("09001234567", "＊＊＊＊67"),
        ("愛知県瀬戸市川霧町3-14-205", "愛＊＊＊"),
        ("", ""),
        (660, "＊＊＊＊60"),
    ],
)
def test_masks_show_what_tells_rows_apart_and_no_more(value: object, want: str) -> None:
    assert masked(value) == want


def case(*, identity_checked_at: datetime | None = None) -> Case:
    return Case(
        reference="K-2026-0001",
        kind="disclosure",
        person="P-1",
        received_on=ARRIVED,
        opened_by="account:1",
        status=Status.OPEN,
        identity_checked_at=identity_checked_at,
        answered_on=None,
        outcome="",
        certificate="",
        closed_at=None,
    )
