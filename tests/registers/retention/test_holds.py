"""Holds: by whom, on what paper, how long; what one that was asked for in confidence may never let show."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as ledger
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.models import Hold

HELD, TWIN = "P-14", "P-19"


@pytest.fixture
def place(world: ModuleType) -> Callable[..., str]:
    def placed(**more: Any) -> str:
        asked = {
            "source": "保全要請書 2026-11-20",
            "placed_on": world.ON,
            "at": world.AT,
            "acting_user": "hino",
            "approved_by": "abe",
        }
        return actions.place_hold(**(asked | more))

    return placed


def rows_of(world: ModuleType, home: Path, person: str) -> list[str]:
    number = world.number_of(world.refs().index(person))
    return [row for row in world.state(home)["cdr.calls"] if number in row]


def told(world: ModuleType, person: str, days: int) -> list[dict[str, object]]:
    answer = queries.why(person, at=world.AT + timedelta(days=days))
    assert not answer.unreadable
    return [one.as_json() for one in answer.held]


def sweep(world: ModuleType, days: int) -> str:
    on = world.ON + timedelta(days=days)
    return actions.sweep(on=on, at=world.AT + timedelta(days=days), acting_user="test")


def test_whoever_is_held_in_confidence_hears_what_a_twin_hears(world: ModuleType, home: Path, place: Any) -> None:
    before = queries.overdue(world.ON, at=world.AT)
    place(kind="preservation", person=HELD, is_confidential=True)
    assert queries.overdue(world.ON, at=world.AT) == before
    assert queries.holds(world.ON) == ()
    for days in (0, 29, 32):
        held, twin = told(world, HELD, days), told(world, TWIN, days)
        assert held == twin, days
        # Whoever called the held person, or was called, hears nothing either.
        assert told(world, "P-13", days) == told(world, "P-18", days) == told(world, "P-15", days), days
        assert queries.overdue(world.ON + timedelta(days=days), at=world.AT + timedelta(days=days)).kept == before.kept
        sweep(world, days)
        assert told(world, HELD, days) == told(world, TWIN, days), days
        again = queries.overdue(world.ON + timedelta(days=days), at=world.AT + timedelta(days=days))
        assert (again.rows, again.told) == (0, ()), days
        kept = [row for row in rows_of(world, home, HELD) if '"2026-04' in row]
        assert bool(kept) is (days < 32), days  # really kept while it stands, really gone when the next sweep has run


def test_a_sweep_tells_the_same_with_and_without_a_confidential_hold(world: ModuleType, place: Any) -> None:
    looked = queries.overdue(world.ON, at=world.AT)
    place(kind="preservation", person=HELD, is_confidential=True)
    run = queries.sweep(sweep(world, 0))
    assert (run.erased, run.examined, list(run.kept)) == (
        looked.rows,
        looked.examined,
        [
            {"system": o.system, "table": o.table, "items": list(o.items), "ground": o.ground, "rows": o.rows}
            for o in looked.kept
        ],
    )
    deletes = {(s.system, s.table): (s.before, s.after) for s in run.steps if s.kind == "delete"}
    assert deletes["cdr", "calls"] == (world.PEOPLE, 0)
    # What the end of the hold lets go was counted long ago: its step and its purge show nowhere.
    (hold,) = Hold.objects.all()
    actions.release_hold(hold=hold.ref, at=world.AT, acting_user="hino")
    second = queries.sweep(sweep(world, 0))
    assert (second.erased, second.steps) == (0, ())
    entries = [one.body for one in ledger.records(kinds=["retention.sweep-step-done"], newest=100)]
    assert not [body for body in entries if body["sweep"] == second.ref]


def test_the_ledger_and_the_list_name_no_confidential_hold(world: ModuleType, place: Any) -> None:
    ref = place(kind="preservation", person=HELD, is_confidential=True)
    (sealed,) = ledger.records(kinds=["retention.sealed"], newest=10)
    assert set(sealed.body) == {"commitment"}
    assert queries.holds(world.ON, with_ended=True) == ()
    with pytest.raises(SekishoError, match=r"retention\.authorities-desk-only"):
        queries.holds(world.ON, confidential_for="mori", at=world.AT)
    (seen,) = queries.holds(world.ON, confidential_for="hino", at=world.AT)
    assert (seen.ref, seen.until, seen.longest) == (ref, date(2026, 12, 23), date(2027, 1, 22))
    with pytest.raises(SekishoError, match=r"retention\.unknown-hold"):
        actions.release_hold(hold=ref, at=world.AT, acting_user="mori")
    with pytest.raises(SekishoError, match=r"retention\.unknown-hold"):
        actions.review_hold(hold=ref, review_on=world.ON, at=world.AT, acting_user="mori")


def test_only_the_authorities_desk_places_one_in_confidence(place: Any) -> None:
    with pytest.raises(SekishoError, match=r"retention\.authorities-desk-only"):
        place(kind="preservation", person=HELD, is_confidential=True, acting_user="sato")
    with pytest.raises(SekishoError, match=r"retention\.not-confidential"):
        place(kind="legal_claim", person=HELD, is_confidential=True)


def test_a_preservation_request_reaches_thirty_days_and_sixty_at_most(world: ModuleType, place: Any) -> None:
    ref = place(kind="preservation", person=HELD)
    (hold,) = queries.holds(world.ON)
    assert (hold.until, hold.longest, hold.items) == (date(2026, 12, 23), date(2027, 1, 22), ("traffic",))

    def extend(until: date, by: str = "sato", approved_by: str = "abe") -> None:
        actions.extend_hold(hold=ref, until=until, source="延長", at=world.AT, acting_user=by, approved_by=approved_by)

    with pytest.raises(SekishoError, match=r"retention\.hold-too-long"):
        extend(date(2027, 1, 23))
    with pytest.raises(SekishoError, match=r"retention\.same-approver"):
        extend(date(2027, 1, 22), by="abe")
    with pytest.raises(SekishoError, match=r"retention\.hold-not-longer"):
        extend(date(2026, 12, 23))
    extend(date(2027, 1, 22))
    (hold,) = queries.holds(world.ON)
    assert hold.until == date(2027, 1, 22)
    with pytest.raises(SekishoError, match=r"retention\.hold-too-long"):
        place(kind="preservation", person=TWIN, until=date(2027, 1, 23))


def test_a_hold_of_a_kind_reaches_only_what_it_may(place: Any) -> None:
    with pytest.raises(SekishoError, match=r"retention\.hold-items"):
        place(kind="preservation", person=HELD, items=("bill",))
    with pytest.raises(SekishoError, match=r"retention\.hold-needs-person"):
        place(kind="preservation", system="cdr", table="calls")
    with pytest.raises(SekishoError, match=r"retention\.hold-kind-ground"):
        place(kind="preservation", ground="RET-4", person=HELD)
    with pytest.raises(SekishoError, match=r"retention\.unknown-hold-kind"):
        place(kind="because", person=HELD)
    with pytest.raises(SekishoError, match=r"retention\.ground-not-promised"):
        place(kind="own_need", person=HELD)  # arlink promises no RET-3
    with pytest.raises(SekishoError, match=r"retention\.hold-backwards"):
        place(kind="legal_claim", person=HELD, until=date(2026, 1, 1))


def test_a_hold_without_a_last_day_has_a_day_to_be_looked_at_again(world: ModuleType, place: Any) -> None:
    ref = place(kind="legal_claim", person=HELD)
    (hold,) = queries.holds(world.ON)
    assert (hold.until, hold.review_on, hold.state(world.ON)) == (None, date(2027, 5, 23), "stands")
    assert hold.state(date(2027, 5, 23)) == "to-review"
    actions.review_hold(hold=ref, review_on=date(2027, 11, 23), at=world.AT, acting_user="sato")
    (hold,) = queries.holds(world.ON)
    assert hold.state(date(2027, 5, 23)) == "stands"


def test_an_expired_hold_ends_by_itself_and_leaves_evidence_once(world: ModuleType, home: Path, place: Any) -> None:
    place(kind="preservation", person=HELD)
    sweep(world, 0)
    assert any('"2026-04' in row for row in rows_of(world, home, HELD))
    run = queries.sweep(sweep(world, 31))
    assert not any('"2026-04' in row for row in rows_of(world, home, HELD))
    assert ("cdr", "calls") in {(step.system, step.table) for step in run.steps}
    (row,) = Hold.objects.all()
    assert [one["what"] for one in row.opened] == ["placed", "ended"]
    assert row.opened[-1]["body"]["ended"] == [{"hold": row.ref, "requeued": 0}]
    sealed = [one.body["commitment"] for one in ledger.records(kinds=["retention.sealed"], newest=100)]
    assert sealed.count(row.opened[-1]["commitment"]) == 1
    assert actions.end_expired_holds(at=world.AT + timedelta(days=40), acting_user="test") == 0
    assert queries.holds(world.ON + timedelta(days=31)) == ()
    (hold,) = queries.holds(world.ON + timedelta(days=31), with_ended=True)
    assert hold.state(world.ON + timedelta(days=31)) == "ended"


def test_no_hold_that_only_keeps_opens_the_gate(world: ModuleType, place: Any) -> None:
    def past(person: str) -> bool | None:
        events = {"started_at": date(2026, 4, 1)}
        return queries.past_retention("traffic.caller", "customer", events, world.ON, at=world.AT, person=person)

    assert past(HELD) is True
    for kind in ("preservation", "erasure_ban", "legal_claim", "special_reason"):
        place(kind=kind, person=HELD)
    assert past(HELD) is True
    place(kind="consent", person=HELD, source="本人の同意書")  # RET-2: the person agreed that it stays in use
    assert past(HELD) is False


def test_what_waited_for_a_hold_is_due_again_when_it_is_released(world: ModuleType, home: Path, place: Any) -> None:
    ref = place(kind="erasure_ban", person="P-09")
    sweep(world, 0)
    assert any(world.customer_no(9) in row for row in world.state(home)["crm.customers"])
    actions.release_hold(hold=ref, at=world.AT, acting_user="sato", reason="命令の取消し")
    assert queries.overdue(world.ON, at=world.AT).rows > 0
    sweep(world, 1)
    assert not any(world.customer_no(9) in row for row in world.state(home)["crm.customers"])
    with pytest.raises(SekishoError, match=r"retention\.unknown-hold"):
        actions.release_hold(hold=ref, at=world.AT, acting_user="sato")


def test_a_hold_over_what_the_data_map_does_not_have_is_refused(place: Any) -> None:
    for system, table in (("nosys", "t"), ("cdr", "call"), ("nosys", ""), ("", "calls")):
        with pytest.raises(SekishoError, match=r"retention\.unknown-table"):
            place(kind="legal_claim", system=system, table=table)
    assert not Hold.objects.exists()
    place(kind="legal_claim", system="cdr")
    place(kind="legal_claim", system="cdr", table="calls")


def test_a_hold_over_everything_is_placed_by_saying_so_alone(world: ModuleType, place: Any) -> None:
    with pytest.raises(SekishoError, match=r"retention\.hold-scope"):
        place(kind="legal_claim")
    with pytest.raises(SekishoError, match=r"retention\.hold-scope"):
        place(kind="legal_claim", items=("bill",), is_over_everything=True)
    assert not Hold.objects.exists()
    place(kind="legal_claim", is_over_everything=True)
    assert queries.overdue(world.ON, at=world.AT).rows == 0


@pytest.mark.parametrize("paper", ["山田太郎 090-1234-5678", "原告 山田太郎", "taro@example.jp", "担当 03-1234-5678"])
def test_the_name_of_a_paper_names_nobody(world: ModuleType, place: Any, paper: str) -> None:
    with pytest.raises(SekishoError, match=r"retention\.personal-paper") as refused:
        place(kind="legal_claim", person=HELD, source=paper)
    assert not set(paper.split()) & set(refused.value.message().split())
    ref = place(kind="legal_claim", person=HELD, until=world.ON)
    with pytest.raises(SekishoError, match=r"retention\.personal-paper"):
        actions.extend_hold(
            hold=ref,
            until=world.ON + timedelta(days=9),
            source=paper,
            at=world.AT,
            acting_user="sato",
            approved_by="abe",
        )
    with pytest.raises(SekishoError, match=r"retention\.personal-paper"):
        actions.release_hold(hold=ref, at=world.AT, acting_user="sato", reason=paper)


@pytest.mark.parametrize(
    "paper",
    [
        "東京地裁 令和8年(ワ)123号",
        "兵庫県警察 保全要請書 2026-11-20",
        "訴状 令和8年(ワ)第12345号 東京地方裁判所民事第5部",
        "総務省 総基番 第0123号 2026年11月20日",
        "照会書 警視庁生安 第 1234-5678 号",
        "Tokyo district court 2026-wa-12345",
    ],
)
def test_a_paper_told_by_number_and_day_is_taken(place: Any, paper: str) -> None:
    assert place(kind="legal_claim", person=HELD, source=paper)


def test_the_paper_of_a_wide_hold_is_not_told_of_a_person(world: ModuleType, place: Any) -> None:
    paper = "東京地裁 令和8年(ワ)1号"
    ref = place(kind="legal_claim", system="crm", source=paper)
    said = [reason.says for one in queries.why("P-09", at=world.AT).held for reason in one.keep.because]
    row = queries.why_row("crm.customers", [world.customer_no(9)], at=world.AT)
    said += [reason.says for one in row.items for reason in one.keep.because]
    assert any(ref in one for one in said)
    assert not any(paper in one for one in said)
    (listed,) = queries.holds(world.ON)
    assert listed.source == paper


def test_what_a_sweep_emptied_is_not_said_to_be_held(world: ModuleType, place: Any) -> None:
    """A hold over the name keeps the row: the sweep takes the rest of it, and `why` says so. In confidence, no word."""
    for held, is_confidential in (("P-09", False), ("P-10", True)):
        kind = "authority_order" if is_confidential else "legal_claim"
        place(kind=kind, person=held, items=("identity.name",), is_confidential=is_confidential)

    def items(person: str) -> set[str]:
        held = queries.why(person, at=world.AT).held
        return {one.keep.item for one in held if one.table == "customers"}

    assert items("P-09") == items("P-10") >= {"identity.name", "identity.phone", "identity.mail"}
    sweep(world, 0)
    assert items("P-09") == {"identity.name"}
    assert items("P-10") == set()


def test_why_shows_an_open_hold_with_its_paper(world: ModuleType, place: Any) -> None:
    place(kind="legal_claim", person="P-09", source="東京地裁 令和8年(ワ)1号")
    row = queries.why_row("crm.customers", [world.customer_no(9)], at=world.AT)
    assert row.deciding is not None
    first = row.deciding.because[0]
    assert (first.rule, first.clause, first.mark) == ("hold", "B-21", "likely")
    assert "令和8年(ワ)1号" in first.says
    assert row.goes_by is None
    assert replace(row.deciding, because=row.deciding.because[1:]).because[0].rule == "policy"
