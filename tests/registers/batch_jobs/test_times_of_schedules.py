"""A carrier sets the times of its schedules in carrier.yaml: within bounds, with evidence, and every fault has its place."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sekisho.evidence import queries as evidence
from sekisho.registers.batch_jobs import actions, queries
from sekisho.registers.batch_jobs.rules import retimed, schedules

AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 12:00 in Tokyo
CARRIER = """carrier: {name: 試験}
schedules:
  daily-sweep: {at: "02:15"}
  board-look: {every_minutes: 15}
"""


@pytest.fixture
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    settings.HOME = tmp_path
    actions.begin_schedules(at=AT - timedelta(days=3))
    return tmp_path


def hour(schedule: str) -> queries.Hour:
    (found,) = (one for one in queries.next_hours(AT) if one.schedule == schedule)
    return found


def test_the_file_is_taken_up_once_with_evidence_and_nothing_before_is_made_up_for(home: Path) -> None:
    assert (hour("daily-sweep").time, hour("board-look").time) == ("03:00", "30 min")
    (home / "carrier.yaml").write_text(CARRIER, encoding="utf-8")
    assert actions.retime_schedules(at=AT) == ()
    assert actions.retime_schedules(at=AT + timedelta(minutes=1)) == ()
    assert (hour("daily-sweep").time, hour("daily-sweep").usual) == ("02:15", "03:00")
    assert hour("daily-sweep").next_at == datetime(2026, 11, 23, 17, 15, tzinfo=UTC)
    assert hour("board-look").next_at == AT + timedelta(minutes=15)
    assert [one.kind for one in evidence.unnumbered(["batch_jobs.schedule-retimed"])] == [
        "batch_jobs.schedule-retimed"
    ] * 2
    missed = dict(queries.missed_hours(AT))
    assert "daily-sweep" not in missed
    assert "discovery" in missed
    later = dict(queries.missed_hours(datetime(2026, 11, 23, 17, 16, tzinfo=UTC)))
    assert later["daily-sweep"] == datetime(2026, 11, 23, 17, 15, tzinfo=UTC)


def test_taken_out_of_the_file_the_usual_time_holds_again(home: Path) -> None:
    (home / "carrier.yaml").write_text(CARRIER, encoding="utf-8")
    actions.retime_schedules(at=AT)
    (home / "carrier.yaml").write_text("carrier: {name: 試験}\n", encoding="utf-8")
    actions.retime_schedules(at=AT)
    assert (hour("daily-sweep").time, hour("board-look").time) == ("03:00", "30 min")


def test_a_faulty_file_changes_nothing(home: Path) -> None:
    (home / "carrier.yaml").write_text(CARRIER.replace("15}", "7}"), encoding="utf-8")
    (fault,) = actions.retime_schedules(at=AT)
    assert fault.code == "batch_jobs.schedule-shape"
    assert hour("daily-sweep").time == "03:00"


@pytest.mark.parametrize(
    ("told", "code", "place"),
    [
        ('schedules:\n  daily-swep: {at: "02:15"}\n', "schedule-unknown-here", "2:3"),
        ('schedules:\n  daily-sweep: {at: "24:00"}\n', "schedule-shape", "2:21"),
        ('schedules:\n  daily-sweep: "02:15"\n', "schedule-shape", "2:3"),
        ("schedules:\n  daily-sweep: {every_minutes: 30}\n", "schedule-shape", "2:3"),
        ("schedules:\n  board-look: {every_minutes: 7}\n", "schedule-shape", "2:31"),
        ("schedules:\n  board-look: {every_minutes: 720}\n", "schedule-outside", "2:31"),
        ('schedules:\n  holds-end: {at: "04:00"}\n', "schedule-outside", "2:19"),
        ("schedules: [daily-sweep]\n", "schedule-shape", "1:1"),
        ("schedules:\n  - {\n", "carrier-unreadable", "3:1"),
    ],
)
def test_every_fault_has_its_place(told: str, code: str, place: str) -> None:
    found, (fault,) = retimed(told, "carrier.yaml")
    assert (fault.code, fault.values["place"]) == (f"batch_jobs.{code}", f"carrier.yaml:{place}")
    assert fault.message("en")
    assert fault.remedy("ja")
    assert found == schedules()


def test_all_faults_are_told_at_once() -> None:
    _, faults = retimed("schedules:\n  a: {}\n  board-look: {every_minutes: 0}\n", "carrier.yaml")
    assert len(faults) == 2
