"""For made worlds: nothing goes before its floor or under a hold, nothing stays without a ground, and `why` foretells it."""

import itertools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import retention_world as made

from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions, queries
from sekisho.registers.retention.queries.rowwise import blanked_alone, named_table

SEEDS = range(14)
ITEMS = {
    "customers": {"name": "identity", "plan": "usage", "method": "identity_record"},
    "bills": {"charge": "bill"},
    "entries": {"address": "campaign_entry", "answer": "campaign_entry"},
    "tickets": {"number": "inquiry", "body": "inquiry"},
}


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    settings.HOME = tmp_path / "home"
    return tmp_path / "home"


def owners(table: str, row: Mapping[str, Any]) -> set[str]:
    found = set()
    for index in range(made.PEOPLE):
        if row.get("customer_no") == made.customer_no(index) or row.get("number") == made.number_of(index):
            found.add(f"P-{index}")
    return found


def held(
    world: made.World, table: str, row: Mapping[str, Any], class_: str, *, confidential: bool | None = None
) -> bool:
    """Worked out from what was placed, without the code under test."""
    theirs = owners(table, row)
    return any(
        (confidential is None or hold["is_confidential"] is confidential)
        and hold.get("table", table) == table
        and hold.get("person", next(iter(theirs), "")) in (theirs or {""})
        and (not hold.get("items") or class_ in hold["items"])
        for hold in world.holds
    )


def any_held(world: made.World, table: str, row: Mapping[str, Any], *, confidential: bool | None = None) -> bool:
    return any(held(world, table, row, one, confidential=confidential) for one in set(ITEMS[table].values()))


def years_after(day: str, years: int) -> date:
    start = date.fromisoformat(day)
    try:
        return start.replace(year=start.year + years)
    except ValueError:
        return date(start.year + years, 2, 28)


@pytest.mark.parametrize("seed", SEEDS)
def test_why_foretells_the_sweep_and_nothing_goes_too_early_or_stays_for_nothing(home: Path, seed: int) -> None:
    world = made.make(home, seed)
    looked = queries.overdue(made.ON, at=made.AT)
    answers = {at: queries.why_row(f"store.{at[0]}", at[1], at=made.AT) for at in world.rows}
    run = queries.sweep(actions.sweep(on=made.ON, at=made.AT, acting_user="test"))
    left = world.left()
    assert (run.erased, run.examined) == (looked.rows, looked.examined)
    for at, row in world.rows.items():
        table, answer = at[0], answers[at]
        past = {one.item for one in answer.items if one.keep.is_past(made.ON) is True}
        is_secret = any_held(world, table, row, confidential=True)
        assert (at not in left) == (answer.is_past(made.ON) is True and not is_secret), (seed, at)
        if at not in left:
            _went_in_time(world, table, row)
        else:
            _stays_with_a_ground(world, at, row, left[at], past, answer)
    again = queries.sweep(actions.sweep(on=made.ON, at=made.AT, acting_user="test"))
    assert (again.erased, again.steps, world.left()) == (0, (), left)
    assert queries.overdue(made.ON, at=made.AT).rows == 0


def _went_in_time(world: made.World, table: str, row: Mapping[str, Any]) -> None:
    """No floor of law is over it, no hold, no living claim, and somebody is known to whom it belonged."""
    assert not any_held(world, table, row)
    assert owners(table, row)
    if table == "customers":
        assert years_after(row["ended_on"], 3) < made.ON  # the identification record
    if table == "bills":
        assert row["settled_on"] is not None
        assert years_after(row["closed_on"], 7) < made.ON  # the books


def _stays_with_a_ground(
    world: made.World,
    at: tuple[str, tuple[str, ...]],
    row: Mapping[str, Any],
    now: Mapping[str, Any],
    past: set[str],
    answer: Any,
) -> None:
    """Every column that is still filled has a reason that stands, or is the row's own key, date or owner."""
    table = named_table(f"store.{at[0]}")[1]
    emptied = {name for name in row if row[name] is not None and now[name] is None}
    free = set(blanked_alone(table, tuple(past))) if answer.is_owned else set()
    free = {name for name in free if row[name] is not None}
    secret = {
        name for name in free if held(world, at[0], row, table.columns[name].item.split(".")[0], confidential=True)
    }
    assert emptied <= free, at
    assert free - emptied <= secret, (at, free - emptied)
    for one in answer.items:
        if one.item not in past and answer.is_owned:
            said = [reason.told() for reason in one.keep.because] + [odd.told() for odd in one.keep.contradictions]
            assert said, (at, one.item)


@pytest.mark.parametrize("seed", [3, 8])
def test_what_is_kept_in_confidence_is_told_of_as_gone(home: Path, seed: int) -> None:
    world = made.make(home, seed)
    secret = actions.place_hold(
        kind="authority_order", source="令状", placed_on=made.ON, person="P-1", is_confidential=True,
        at=made.AT, acting_user="hino", approved_by="abe",
    )  # fmt: skip
    goes = {at for at in world.rows if queries.why_row(f"store.{at[0]}", at[1], at=made.AT).is_past(made.ON) is True}
    actions.sweep(on=made.ON, at=made.AT, acting_user="test")
    stays = goes & set(world.left())
    assert secret.startswith("hold-")
    for table, key in stays:
        with pytest.raises(SekishoError, match=r"retention\.unknown-row"):
            queries.why_row(f"store.{table}", key, at=made.AT)
    told = {(one.table, one.role): one.rows for one in queries.why("P-1", at=made.AT).held}
    for table in made.TABLES:
        theirs = [at for at, row in world.left().items() if at[0] == table and "P-1" in owners(table, row)]
        assert told.get((table, "contractor"), 0) <= len(set(theirs) - stays), table
    actions.release_hold(hold=secret, at=made.AT, acting_user="hino")


def test_the_calendar_says_what_a_later_look_finds(home: Path) -> None:
    made.make(home, 5)
    later = date(2027, 11, 23)
    for by in (queries.By.DAY, queries.By.WEEK, queries.By.MONTH):
        found = queries.calendar(made.ON, later, by=by, at=made.AT)
        ahead = sum(one.rows for one in itertools.chain(found.lines, found.overdue) if not one.columns)
        then = sum(one.rows for one in queries.overdue(later, at=made.AT).told if one.step.kind.value == "delete")
        assert ahead == then > 0, by
        assert all(found.since <= one.since <= one.until <= found.until for one in found.lines)
    today = queries.calendar(made.ON, made.ON, by=queries.By.DAY, at=made.AT)
    now = sum(one.rows for one in queries.overdue(made.ON, at=made.AT).told if one.step.kind.value == "delete")
    assert sum(one.rows for one in (*today.overdue, *today.lines) if not one.columns) == now


def test_the_worlds_are_not_empty(home: Path) -> None:
    """Else the properties above would hold of nothing."""
    world = made.make(home, 1)
    assert {at[0] for at in world.rows} == set(made.TABLES)
    assert identities.holders_of("customer_no", made.customer_no(0))
    assert set(datamap.current().systems) == {"store"}
