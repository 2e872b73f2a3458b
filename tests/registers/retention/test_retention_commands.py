"""`sekisho retention`: what the commands refuse with a remedy, and what they say in words."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner, Result

from sekisho.entrypoints.cli import retention as commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.batch_jobs.models import JobRequest

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
