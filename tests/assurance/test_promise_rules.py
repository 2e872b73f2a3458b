"""What a promise may be called."""

from datetime import UTC, datetime, timedelta

import pytest

from sekisho.assurance.promises.rules import Doubt, Row, Verdict, aged, judge, tally, worst

NOW = datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("verdict", "looked_at", "never", "want"),
    [
        (Verdict.KEPT, 5, False, (Verdict.KEPT, Doubt.NONE)),
        (Verdict.KEPT, 0, False, (Verdict.UNPROVEN, Doubt.NOTHING_SEEN)),
        (Verdict.KEPT, 0, True, (Verdict.KEPT, Doubt.NONE)),
        (Verdict.BROKEN, 0, False, (Verdict.BROKEN, Doubt.NONE)),
        (Verdict.UNPROVEN, 9, False, (Verdict.UNPROVEN, Doubt.NONE)),
    ],
)
def test_kept_on_nothing_is_unproven_unless_the_clause_says_never(
    verdict: Verdict, looked_at: int, never: bool, want: tuple[Verdict, Doubt]
) -> None:
    assert judge(verdict, looked_at=looked_at, never=never) == want


def test_a_kept_promise_expires_and_a_broken_one_does_not() -> None:
    before = NOW - timedelta(seconds=1)
    assert aged(Verdict.KEPT, Doubt.NONE, fresh_until=NOW, at=NOW) == (Verdict.UNPROVEN, Doubt.STALE)
    assert aged(Verdict.KEPT, Doubt.NONE, fresh_until=NOW, at=before) == (Verdict.KEPT, Doubt.NONE)
    assert aged(Verdict.BROKEN, Doubt.NONE, fresh_until=before, at=NOW) == (Verdict.BROKEN, Doubt.NONE)


def test_the_worst_is_broken_then_stale_then_the_rest() -> None:
    rows = [
        row("1", Verdict.KEPT),
        row("2", Verdict.UNPROVEN, Doubt.NO_PROOF),
        row("3", Verdict.UNPROVEN, Doubt.STALE),
        row("4", Verdict.BROKEN),
        row("5", Verdict.BROKEN),
    ]
    assert [found.id for found in (worst(rows), worst(rows[:3]), worst(rows[:2])) if found] == ["4", "3", "2"]
    assert worst(rows[:1]) is None
    assert tally(rows) == {Verdict.KEPT: 1, Verdict.UNPROVEN: 2, Verdict.BROKEN: 2}


def row(id_: str, verdict: Verdict, doubt: Doubt = Doubt.NONE) -> Row:
    return Row(
        id=id_,
        heading="章",
        statement="文",
        verdict=verdict,
        doubt=doubt,
        looked_at=1,
        figure="",
        evidence="",
        why="",
        proof="",
        checked_at=NOW,
        fresh_until=NOW,
        since=NOW,
    )
