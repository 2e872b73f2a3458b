"""`sekisho person`: what is recorded at a desk, what is shown masked, and what is refused with its remedy."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from click.testing import CliRunner, Result

from sekisho.casework.subject_requests.actions import open_case
from sekisho.entrypoints.cli import person as commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.evidence.models import Entry
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval

NUMBER = "09001234567"
Run = Callable[..., Result]


@pytest.fixture
def run(db: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(commands, "opened", refusing)  # the registers are the test's own
    import_population(
        people=[
            NewPerson(
                ref=f"P-{n}",
                kinds=("customer",),
                acquired_on=date(2024, 4, 1),
                born_on=date(1980, 1, 1),
                identifiers=(IdentifierInterval(person=f"P-{n}", kind="customer_no", value=f"C0000000{n}"),),
                names=(NameInterval(name=f"関守 花{n}"),),
            )
            for n in (1, 2, 3)
        ],
        at=datetime(2024, 4, 1, tzinfo=UTC),
        acting_user="test",
    )

    def invoke(*arguments: str, said: str = "") -> Result:
        return CliRunner().invoke(commands.command, [*arguments, "--at", "2026-11-23T12:00"], input=said)

    assert invoke("assign", NUMBER, "--to", "P-1", "--on", "2025-01-01", "--document", "application").exit_code == 0
    return invoke


def shown(run: Run, *asked: str) -> dict[str, object]:
    found = run("show", *asked, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)  # type: ignore[no-any-return]


def test_a_transfer_is_recorded_and_shown_without_number_or_name(run: Run) -> None:
    done = run("transfer", NUMBER, "--to", "customer_no:C00000002", "--on", "2026-04-01", "--document", "transfer_form")
    assert done.exit_code == 0, done.output
    table = run("show", "--customer-no", "C00000002").stdout
    assert "2026-04-01 譲渡" in table
    assert NUMBER not in table
    assert "関守" not in table
    held = run("show", "--number", NUMBER).stdout
    assert held.index("P-1") < held.index("P-2")
    kinds = [interval["kind"] for interval in shown(run, "P-2")["intervals"]]  # type: ignore[attr-defined]
    assert kinds == ["customer_no", "number"]


def test_under_a_case_of_the_person_all_is_shown_and_the_look_recorded(run: Run) -> None:
    case = open_case(
        person="P-1", kind="disclosure", received_on=date(2026, 11, 20), at=datetime(2026, 11, 20, tzinfo=UTC), acting_user="account:1"
    ).reference  # fmt: skip
    assert "関守 花1" in run("show", "P-1", "--case", case).stdout
    assert Entry.objects.filter(kind="person-page.viewed").count() == 1
    refused = run("show", "P-2", "--case", case)
    assert refused.exit_code == 1
    assert "identities.not-this-case" in refused.stderr
    assert "関守" not in refused.output
    assert Entry.objects.filter(kind="person-page.viewed").count() == 1


def test_every_event_has_its_command(run: Run) -> None:
    for asked in (
        ("change-user", NUMBER, "--user", "P-3", "--on", "2025-02-01", "--document", "user_notice"),
        ("deceased", "P-1", "--on", "2025-03-01", "--document", "death_certificate"),
        ("succeed", "P-1", "--to", "P-2", "--on", "2025-04-01", "--document", "family_register"),
        ("port-out", NUMBER, "--on", "2025-05-01", "--document", "port_notice"),
        ("port-in", NUMBER, "--to", "P-3", "--on", "2025-06-01T10:00", "--document", "port_notice"),
        ("return", NUMBER, "--on", "2025-07-01", "--document", "cancellation"),
    ):
        assert run(*asked).exit_code == 0, run(*asked).output
    renamed = run(
        "rename", "P-3", "--on", "2025-08-01", "--document", "family_register", said="新関 花\nニイゼキ ハナ\n"
    )
    assert renamed.exit_code == 0, renamed.output
    seen = shown(run, "P-1")
    assert (seen["deceased_on"], seen["successors"]) == ("2025-03-01", ["P-2"])
    contracted = [one for one in seen["intervals"] if one["kind"] == "contracted_number"]  # type: ignore[attr-defined]
    assert [one["ended_by"] for one in contracted] == ["succeeded"]
    assert "新関" not in run("show", "P-3").stdout
    wrong = next(one["ref"] for one in shown(run, "P-3")["events"] if one["event"] == "returned")  # type: ignore[attr-defined]
    assert run("correct", wrong, "--on", "2025-07-02", "--reason", "case R-1").exit_code == 0
    assert "訂正済み" in run("show", "P-3").stdout


def test_a_refusal_says_what_to_do_and_shows_no_number(run: Run) -> None:
    again = run("transfer", NUMBER, "--to", "P-2", "--on", "2026-04-01", "--document", "application")
    assert again.exit_code == 1
    assert "transfer_form" in again.stderr
    assert NUMBER not in again.stderr
    assert run("show").exit_code == 2
