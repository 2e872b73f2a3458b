"""`sekisho desk gather` and `desk redactions`: who answered without values; values only to who opened the case."""

import json
from pathlib import Path

import gatherings as world
import pytest
from click.testing import CliRunner, Result
from pytest_django.fixtures import Settings

from sekisho.casework.subject_requests import queries
from sekisho.entrypoints import runtime
from sekisho.entrypoints.cli.main import main
from sekisho.evidence import queries as evidence


@pytest.fixture
def case(db: None, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    settings.HOME = tmp_path
    world.build(tmp_path)
    for name in ("start", "follow_policy"):
        monkeypatch.setattr(runtime, name, lambda: None)
    monkeypatch.setattr(runtime, "number_evidence", lambda: False)
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    return world.ready(world.HANA, by="cli")


def _desk(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["desk", *arguments])


def test_gather_says_who_answered_and_no_value(case: str) -> None:
    done = _desk("gather", case, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["complete"]
    assert {one["system"] for one in told["systems"]} == {"crm", "billing", "support", "cdr", "registers"}
    plain = _desk("gather", case)
    assert not any(value in plain.output + done.output for value in ("櫛田", "山口", world.HANAS))


def test_redactions_are_listed_by_place_and_decided_by_number(case: str) -> None:
    _desk("gather", case)
    listed = _desk("redactions", case, "--json")
    assert listed.exit_code == 1, "some wait"
    lines = [json.loads(line) for line in listed.stdout.splitlines()]
    assert {one["place"] for one in lines} == {"support.tickets"}
    first, *rest = [one["number"] for one in lines]
    refused = _desk("redactions", case, "--lift", str(first))
    assert refused.exit_code == 1
    assert "requests.lifting-reason" in refused.stderr
    keep = [part for one in rest for part in ("--keep", str(one))]
    done = _desk("redactions", case, *keep, "--lift", str(first), "--reason", "public")
    assert done.exit_code == 0, done.stderr
    assert queries.redacted(queries.gathering_of(case)).is_reviewed
    assert len(evidence.records(kinds=["person-page.viewed"])) == 3


def test_nobody_else_is_shown_a_value(case: str) -> None:
    other = world.ready(world.HANA, by="account:7")
    for reference in (case, other):
        _desk("gather", reference)
    done = _desk("redactions", other)
    assert done.exit_code == 1
    assert "requests.not-your-case" in done.stderr
    assert not any(value in done.output for value in ("山口", "080-0000-1234"))
