"""Staff: training runs out, a pledge doesn't, machines do neither, leavers are out the day after."""

from datetime import date

from sekisho.engine.policy.model import Duty, Text
from sekisho.registers.people.rules import StaffFacts, standing

DUTIES = (
    Duty(id="training", label=Text("研修"), clause="B-26", every_months=12),
    Duty(id="pledge", label=Text("誓約"), clause="B-27"),
)
ERA = "arlink@1.0"


def member(**changes: object) -> StaffFacts:
    facts: dict[str, object] = {
        "ref": "S-1",
        "role": "clerk",
        "employment": "employee",
        "shop": "",
        "joined_on": date(2024, 4, 1),
        "left_on": None,
        "trained_on": date(2025, 11, 24),
        "pledged_on": date(2024, 4, 1),
        "exit_pledged_on": None,
        "acknowledged_era": ERA,
    }
    return StaffFacts(**(facts | changes))  # type: ignore[arg-type]


def test_training_holds_through_its_anniversary_and_not_a_day_longer() -> None:
    assert standing(member(), DUTIES, ERA, date(2026, 11, 24)).trained
    assert not standing(member(), DUTIES, ERA, date(2026, 11, 25)).trained


def test_a_pledge_without_a_period_never_runs_out_but_one_of_tomorrow_does_not_count_yet() -> None:
    assert standing(member(), DUTIES, ERA, date(2040, 1, 1)).pledged
    assert not standing(member(pledged_on=date(2026, 12, 1)), DUTIES, ERA, date(2026, 11, 30)).pledged
    assert not standing(member(pledged_on=None), DUTIES, ERA, date(2026, 11, 30)).pledged


def test_the_last_day_still_counts() -> None:
    leaver = member(left_on=date(2026, 10, 31))
    assert standing(leaver, DUTIES, ERA, date(2026, 10, 31)).active
    assert not standing(leaver, DUTIES, ERA, date(2026, 11, 1)).active


def test_a_machine_needs_neither_training_nor_pledge_but_must_still_be_active() -> None:
    machine = member(employment="system", trained_on=None, pledged_on=None, acknowledged_era="")
    found = standing(machine, DUTIES, ERA, date(2026, 11, 25))
    assert found.trained
    assert found.pledged
    assert found.acknowledged
    assert found.active


def test_a_new_version_has_to_be_read_again() -> None:
    assert not standing(member(), DUTIES, "arlink@1.1", date(2026, 11, 24)).acknowledged
