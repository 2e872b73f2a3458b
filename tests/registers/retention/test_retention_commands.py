"""`sekisho retention`: what the commands refuse with a remedy, and what they say in words."""

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from sekisho.entrypoints.cli import erase, retention_swept
from sekisho.entrypoints.cli import retention as commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.batch_jobs.models import JobRequest
from sekisho.registers.retention import actions, queries

Run = Callable[..., Result]
AT = "2026-11-23T12:00"


@pytest.fixture
def run(world: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(commands, "opened", refusing)  # the registers are the test's own

    def invoke(*arguments: str, at: str = AT) -> Result:
        return CliRunner().invoke(commands.command, [*arguments, "--at", at])

    return invoke


def test_a_sweep_for_a_day_to_come_is_only_looked_at(run: Run, world: ModuleType, home: Path) -> None:
    before = world.state(home)
    for on, at in (("2040-01-01", AT), ("2040-01-01", "2040-01-01T12:00"), ("2026-11-23", "2040-01-01T12:00")):
        refused = run("sweep", "--on", on, at=at)
        assert refused.exit_code == 1
        assert "retention.sweep-ahead" in refused.stderr
        assert "--dry-run" in refused.stderr
    assert not JobRequest.objects.exists()
    assert world.state(home) == before
    looked = run("sweep", "--on", "2040-01-01", "--dry-run")
    assert looked.exit_code == 0, looked.output
    assert "2040-01-01 時点" in looked.stdout


def test_a_hold_says_what_it_is_over_and_who_may_place_it(run: Run) -> None:
    paper = ("hold", "--kind", "legal_claim", "--source", "東京地裁 令和8年(ワ)123号")
    two = ("--by", "mori", "--approved-by", "abe")
    asked: list[tuple[tuple[str, ...], str]] = [
        (two, "retention.hold-scope"),
        (("--table", "nosys.t", *two), "retention.unknown-table"),
        (("--table", "crm.customers", "--everything", *two), "retention.hold-scope"),
    ]
    for more, code in asked:
        refused = run(*paper, *more)
        assert refused.exit_code == 1
        assert code in refused.stderr
    refused = run(*paper, "--table", "crm.customers", "--by", "nobody", "--approved-by", "abe")
    assert "retention.unknown-actor" in refused.stderr
    assert "abe" in refused.stderr
    assert "省いて" not in refused.stderr
    refused = run("holds", "--confidential", "mori")
    assert "hino" in refused.stderr
    for over in ("--everything", "--table=crm.customers"):
        placed = run(*paper, over, *two)
        assert placed.exit_code == 0, placed.output
    assert "すべて" in run("holds").stdout


def test_the_examples_of_the_help_name_people_of_the_demo() -> None:
    from sekisho.demo.hr import APPOINTED

    refs = {one[0] for one in APPOINTED}
    said = CliRunner().invoke(commands.command, ["hold", "--help"]).stdout
    named = re.findall(r"--by ([a-z]+) --approved-by ([a-z]+)", said)
    assert len(named) == 2
    assert {ref for pair in named for ref in pair} <= refs


def test_a_calendar_that_runs_backwards_is_refused(run: Run) -> None:
    refused = run("calendar", "--from", "2027-01-01", "--to", "2026-01-01")
    assert refused.exit_code == 1
    assert "retention.calendar-backwards" in refused.stderr
    assert run("calendar", "--from", "2027-01-01", "--to", "2027-01-01").exit_code == 0


def test_places_and_items_are_told_in_words_before_and_after(run: Run, world: ModuleType) -> None:
    asked = {"source": "令和8年(ワ)1号", "placed_on": world.ON, "at": world.AT}
    actions.place_hold(
        kind="legal_claim",
        person="P-09",
        items=("identity.name",),
        acting_user="hino",
        approved_by="abe",
        **asked,
    )
    looked = run("sweep", "--dry-run").stdout
    swept = queries.sweep(actions.sweep(on=world.ON, at=world.AT, acting_user="test"))
    done = CliRunner().invoke(told_of(swept, world))
    for said in (looked, done.stdout):
        assert "を空にする" in said
        for raw in ("cdr calls", "cdr.calls", "hr.applicants", "plan を"):
            assert raw not in said
    assert "痕跡の除去" in done.stdout


def told_of(swept: queries.SweepRecord, world: ModuleType) -> click.Command:
    @click.command()
    def tell() -> None:
        retention_swept.sweep(swept, retention_swept.labels(world.AT), as_json=False)

    return tell


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "0001-01-02"), ("2026-01-01", "9999-12-31")])
def test_a_calendar_beyond_the_calendar_is_refused(run: Run, first: str, last: str) -> None:
    refused = run("calendar", "--from", first, "--to", last)
    assert refused.exit_code == 1
    assert "retention.calendar-day" in refused.stderr
    assert "1900-01-01" in refused.stderr


IDS = re.compile(r"\b(?:partly|proposed|approved|certified|verified|cdr|crm|hr|support|billing)\b|\b\w+\.\w+_\w+\b")


def test_nothing_is_said_in_words_of_ours(run: Run, world: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """States, systems, tables and columns are called what the carrier calls them; a code stands in brackets only."""
    monkeypatch.setattr(erase, "opened", refusing)
    plan = actions.propose_plan(person=world.KEN, reason="request", at=world.AT, acting_user="sato")
    refused = CliRunner().invoke(erase.command, ["verify", plan])
    assert refused.exit_code == 1
    assert "「承認待ち」なので、「検査済み」へは進めません" in refused.stderr
    swept = run("due", "--on", "2026-11-23")
    listed = CliRunner().invoke(erase.command, ["list"])
    for said in (swept.stdout, listed.stdout, refused.stderr.split("(")[0]):
        assert not IDS.search(re.sub(r"[(（][a-z]+\.[a-z-]+[)）]", "", said)), said
    assert "support.tickets" not in swept.stdout
