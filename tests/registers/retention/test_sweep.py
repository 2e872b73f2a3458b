"""The sweep takes what is due, in five stores, and nothing else."""

import contextlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest

from sekisho.connectors import residue
from sekisho.engine.errors import SekishoError
from sekisho.evidence import queries as ledger
from sekisho.registers.batch_jobs import actions as batch_jobs
from sekisho.registers.batch_jobs import queries as asked_for
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.retention import actions, jobs, queries
from sekisho.registers.retention.rules import RunStatus


def gone(before: dict[str, list[str]], after: dict[str, list[str]], table: str, key: str) -> set[str]:
    return {json.loads(row)[key] for row in set(before[table]) - set(after[table])}


def test_exactly_what_is_due_goes_from_all_stores(world: ModuleType, home: Path) -> None:
    before = world.state(home)
    ref = actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    after = world.state(home)
    assert gone(before, after, "crm.customers", "customer_no") == {world.customer_no(9), world.customer_no(10)}
    assert gone(before, after, "crm.identity_records", "record_no") == {"R00009", "R00010"}
    assert gone(before, after, "hr.applicants", "applicant_no") == {"A00004", "A00005"}
    invoices = gone(before, after, "billing.invoices", "invoice_no")
    assert invoices == {f"I{index:03d}2018" for index in range(1, world.PEOPLE)} - {"I0122018"}  # 12's claim lives
    assert gone(before, after, "support.tickets", "ticket_no") == {"T0007"}
    calls = {json.loads(row)["started_at"][:7] for row in set(before["cdr.calls"]) - set(after["cdr.calls"])}
    assert calls == {"2026-04"}
    for table, rows in after.items():
        assert set(rows) <= set(before[table]), table
    run = queries.sweep(ref)
    assert run.erased == sum(len(before[table]) - len(after[table]) for table in before)
    assert run.examined == sum(map(len, before.values()))


def test_what_was_swept_is_gone_from_the_bytes_too(world: ModuleType, home: Path) -> None:
    actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    needles = {"a": ("応募 5郎", "0700700" + "0005"), "b": ("古い問い合わせ",), "c": ("D-0009",)}
    found = [
        hit for s in datamap.current().systems.values() for hit in residue.find(s.kind, datamap.located(s), needles)
    ]
    # The ticket of nobody known is reported, never erased: its text is the only one left.
    assert {hit.label for hit in found} == {"b"}


def test_the_last_day_is_kept_and_the_next_is_not(world: ModuleType, home: Path) -> None:
    actions.sweep(on=date(2026, 11, 23), at=world.AT, acting_user="system")
    assert any(world.customer_no(11) in row for row in world.state(home)["crm.customers"])
    actions.sweep(on=date(2026, 11, 24), at=world.AT + timedelta(days=1), acting_user="system")
    assert not any(world.customer_no(11) in row for row in world.state(home)["crm.customers"])


def test_rows_of_nobody_known_are_reported_not_erased(world: ModuleType, home: Path) -> None:
    run = queries.sweep(actions.sweep(on=world.ON, at=world.AT, acting_user="system"))
    assert run.status is RunStatus.PARTLY
    assert [(one["table"], one["code"], one["rows"]) for one in run.unswept] == [
        ("tickets", "retention.owner-unknown", 1)
    ]
    assert any("誰のものか" in row for row in world.state(home)["support.tickets"])


def test_held_rows_stay_and_the_rest_of_the_table_goes(world: ModuleType, home: Path) -> None:
    actions.place_hold(
        ground="RET-1",
        source="court order 2",
        placed_on=world.ON,
        until=None,
        at=world.AT,
        acting_user="mori",
        approved_by="abe",
        person="P-09",
    )
    before = world.state(home)
    run = queries.sweep(actions.sweep(on=world.ON, at=world.AT, acting_user="system"))
    after = world.state(home)
    assert gone(before, after, "crm.customers", "customer_no") == {world.customer_no(10)}
    assert "T0007" not in gone(before, after, "support.tickets", "ticket_no")
    number = world.number_of(9)
    assert [row for row in before["cdr.calls"] if number in row] == [row for row in after["cdr.calls"] if number in row]
    assert {(one["table"], one["ground"]) for one in run.kept} >= {("customers", "hold"), ("tickets", "hold")}


def test_a_hold_over_a_table_keeps_the_table(world: ModuleType, home: Path) -> None:
    actions.place_hold(
        ground="RET-4",
        source="audit",
        placed_on=world.ON,
        until=None,
        at=world.AT,
        acting_user="mori",
        approved_by="abe",
        system="cdr",
        table="calls",
    )
    before = world.state(home)
    actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    after = world.state(home)
    assert after["cdr.calls"] == before["cdr.calls"]
    assert after["hr.applicants"] != before["hr.applicants"]


def test_nothing_is_erased_ahead_of_its_day(world: ModuleType, home: Path) -> None:
    """A mistyped year erases nothing, neither by the action nor by a job, whatever instant it names."""
    before, ahead = world.state(home), date(2040, 1, 1)
    assert queries.overdue(ahead, at=world.AT).rows > 0
    for on in (world.ON + timedelta(days=1), ahead):
        with pytest.raises(SekishoError, match=r"retention\.sweep-ahead"):
            actions.sweep(on=on, at=world.AT, acting_user="system")
        with pytest.raises(SekishoError, match=r"retention\.sweep-ahead"):
            actions.begin_sweep(sweep="sweep-0123456789ab", on=on, at=world.AT, acting_user="system")
    later = datetime(2040, 1, 1, 3, tzinfo=UTC)
    for on, as_of in ((ahead, later), (world.ON, later), (ahead, None)):
        job = batch_jobs.ask_job(
            kind="retention.sweep",
            arguments={"on": on.isoformat()},
            at=world.AT,
            acting_user="mori",
            as_of=as_of,
        )
        doing = asked_for.Doing(
            job=asked_for.job(job),
            at=as_of or world.AT,
            progress=lambda _done, _total, _what: None,
            once=lambda _key: True,
            reached=lambda _point: None,
        )
        with pytest.raises(SekishoError, match=r"retention\.sweep-ahead"):
            jobs.begin_sweep(doing)
        batch_jobs.cancel_job(job=job, at=world.AT, acting_user="mori")
    assert world.state(home) == before
    assert queries.last_sweep() is None


def test_looking_changes_nothing(world: ModuleType, home: Path) -> None:
    before = world.state(home)
    found = queries.overdue(world.ON, at=world.AT)
    assert found.rows == 53
    assert world.state(home) == before
    assert queries.last_sweep() is None


def test_a_second_sweep_finds_nothing(world: ModuleType, home: Path) -> None:
    actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    again = queries.sweep(actions.sweep(on=world.ON, at=world.AT, acting_user="system"))
    assert (again.erased, again.steps) == (0, ())


def test_a_store_that_refuses_leaves_the_sweep_partly_done(world: ModuleType, home: Path) -> None:
    (home / "systems" / "billing.duckdb").rename(home / "away.duckdb")
    run = queries.sweep(actions.sweep(on=world.ON, at=world.AT, acting_user="system"))
    assert run.status is RunStatus.PARTLY
    assert "connector.unreachable" in {one["code"] for one in run.unswept}


def test_unpaid_claims_are_shown_as_kept(world: ModuleType) -> None:
    found = queries.overdue(world.ON, at=world.AT)
    assert ("invoices", "floor_or_claim", 1) in {(one.table, one.ground, one.rows) for one in found.kept}


def test_an_interrupted_sweep_is_finished_by_the_next_start(world: ModuleType, home: Path) -> None:
    class Died(BaseException):
        pass

    def die(point: str) -> None:
        if point == "1.delete.worked":
            raise Died

    with contextlib.suppress(Died):
        actions.sweep(on=world.ON, at=world.AT, acting_user="system", reached=die)
    (unfinished,) = queries.unfinished_sweeps()
    jobs.resume(world.AT)
    run = queries.sweep(unfinished)
    assert run.finished_at is not None
    assert run.erased == 53
    logged = ledger.records(kinds=["retention.sweep-step-done"], newest=500)
    assert len(logged) == len(run.steps)


def test_partitions_that_are_due_go_whole_and_one_with_a_held_row_stays(world: ModuleType, home: Path) -> None:
    """April is due for everybody: its partition is dropped, unless somebody's call in it is held."""

    def april() -> list[Path]:
        return list((home / "systems" / "cdr" / "calls").glob("day=2026-04-*/*.parquet"))

    (one,) = april()
    actions.place_hold(
        kind="preservation",
        source="保全要請書",
        placed_on=world.ON,
        at=world.AT,
        acting_user="hino",
        approved_by="abe",
        person="P-14",
    )
    actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    assert april() not in ([], [one])  # rewritten with the held rows only
    kept = [json.loads(row) for row in world.state(home)["cdr.calls"] if '"2026-04' in row]
    assert {row["caller"] for row in kept} | {row["callee"] for row in kept} >= {world.number_of(14)}
    assert len(kept) == 2
    (hold,) = queries.holds(world.ON)
    actions.release_hold(hold=hold.ref, at=world.AT, acting_user="sato")
    actions.sweep(on=world.ON, at=world.AT, acting_user="system")
    assert april() == []
