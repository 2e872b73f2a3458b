"""`sekisho eligible` as somebody types it: a list and its manifest, the recheck, what it refuses, exit codes."""

import errno
import importlib.util
import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from django.conf import LazySettings

from sekisho.entrypoints import carrier
from sekisho.entrypoints.cli.eligible import WAITS, command
from sekisho.evidence import keys
from sekisho.registers.consents.actions import import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.lists.models import EligibleList

TESTS = Path(__file__).resolve().parents[1]
ARLINK = TESTS.parent / "policies" / "arlink"


@pytest.fixture(scope="module")
def world() -> ModuleType:
    spec = importlib.util.spec_from_file_location("list_world", TESTS / "registers" / "lists" / "list_world.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["list_world"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def home(
    world: ModuleType, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, transactional_db: None
) -> Path:
    there = tmp_path / "home"
    world.write_stores(there)
    carrier.write(there, carrier.Carrier(name="試験の事業者", policy=ARLINK, demo=True))
    settings.HOME = there
    monkeypatch.setenv("SEKISHO_HOME", str(there))
    world.fill_registers()
    return there


def run(*arguments: object) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def told(result: Result) -> Any:
    return json.loads(result.stdout)


def test_a_list_its_manifest_and_the_recheck(world: ModuleType, home: Path, tmp_path: Path) -> None:
    out, send = tmp_path / "list.parquet", tmp_path / "send.parquet"
    done = run("--purpose", "campaign", "--channel", "mail", "-o", out, "--json")
    assert done.exit_code == 0, done.output
    row = told(done)
    assert row["people"] - sum(lost["count"] for lost in row["waterfall"]) == row["rows"] == pq.read_table(out).num_rows
    assert out.stat().st_mode & 0o077 == 0
    manifest = json.loads((tmp_path / "list.manifest.json").read_text(encoding="utf-8"))["manifest"]
    assert manifest["rows"] == row["rows"]
    assert manifest["purpose"] == "campaign"
    at = datetime.now(UTC) - timedelta(seconds=1)
    event = world.consent(11, ConsentKind.OBJECTION, "campaign")
    import_events(consents=[event], at=at, acting_user="test")
    done = run("recheck", out, "-o", send, "--json")
    assert done.exit_code == 0, done.output
    assert [one["person"] for one in told(done)["dropped"]] == [world.ref(11)]
    assert told(done)["dropped"][0]["code"] == "gate.objection"
    assert pq.read_table(send).num_rows == row["rows"] - 1
    assert send.stat().st_mode & 0o077 == 0
    sent = told(run("verify", send, "--json"))
    assert sent["parent"] == {"sha256": row["sha256"], "evidence": row["evidence"]}
    assert (sent["rows"], sent["expires_at"]) == (row["rows"] - 1, row["expires_at"])
    assert sent["evidence"] == told(done)["evidence"]
    again = run("recheck", send, "-o", tmp_path / "again.parquet", "--json")
    assert (told(again)["rows"], told(again)["dropped"]) == (row["rows"] - 1, [])


def test_a_recheck_decides_nobody_when_its_result_cannot_be_written(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.parquet"
    assert run("--purpose", "campaign", "--channel", "mail", "-o", out).exit_code == 0
    done = run("recheck", out, "-o", tmp_path / "nowhere" / "send.parquet")
    assert done.exit_code == 2
    assert "lists.send-not-writable" in done.stderr
    assert "take" not in done.stderr
    assert EligibleList.objects.get().rechecked_at is None


def test_what_is_not_the_signed_list_is_refused(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.parquet"
    assert run("--purpose", "campaign", "--channel", "mail", "-o", out).exit_code == 0
    pq.write_table(pq.read_table(out).slice(1), out)
    done = run("recheck", out)
    assert done.exit_code == 2
    assert "lists.file-changed" in done.stderr


def test_a_notice_to_many_waits_for_a_second_person(
    world: ModuleType, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from sekisho.registers.lists.rules import limits

    few = replace(limits(), people_with_values=10)
    monkeypatch.setattr("sekisho.registers.lists.actions.building.limits", lambda: few)
    out = tmp_path / "notice.parquet"
    done = run("--purpose", "service_notice", "--notice", "-o", out, "--json")
    assert done.exit_code == WAITS
    assert not out.exists()
    ref = told(done)["list"]
    assert run("take", ref, "-o", out).exit_code == 2
    assert run("approve", ref, "--by", world.OFFICER).exit_code == 0
    assert run("take", ref, "-o", out).exit_code == 0
    assert {one["person"] for one in pq.read_table(out).to_pylist()} >= {world.ref(world.OBJECTS)}
    assert told(run("lists", "--json"))[0]["state"] == "taken"


def test_a_place_that_cannot_be_written_does_not_use_the_list_up(home: Path, tmp_path: Path) -> None:
    done = run("--purpose", "campaign", "--channel", "mail", "-o", tmp_path / "nowhere" / "list.parquet")
    assert done.exit_code == 2
    assert "lists.not-writable" in done.stderr
    ref = told(run("lists", "--json"))[0]["list"]
    assert run("take", ref, "-o", tmp_path / "list.parquet").exit_code == 0


def test_a_full_disk_is_told_and_leaves_no_half_list(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.parquet"
    ref = told(run("--purpose", "campaign", "--channel", "mail", "--json"))["list"]

    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.copyfileobj", full)
        done = run("take", ref, "-o", out)
    assert done.exit_code == 2
    assert "lists.not-written" in done.stderr
    assert list(tmp_path.glob("*.part")) + list(tmp_path.glob("list*")) == []


def test_anybody_can_verify_a_list_with_the_public_key(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "list.parquet"
    assert run("--purpose", "campaign", "--channel", "mail", "-o", out).exit_code == 0
    key = str(keys.signer(home).verifier)
    elsewhere = {name: value for name, value in os.environ.items() if not name.startswith("SEKISHO")}
    program = "import sys; from sekisho.entrypoints.cli.eligible import command; command(standalone_mode=False)"
    done = subprocess.run(
        [sys.executable, "-c", f"{program}; assert 'django' not in sys.modules", "verify", str(out), "--key", key],
        env=elsewhere | {"SEKISHO_HOME": str(tmp_path / "none")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--purpose", "fun"), "lists.unknown-purpose"),
        (("--purpose", "campaign", "--class", "shoes"), "lists.unknown-item"),
        (("--purpose", "campaign", "--channel", "pigeon"), "lists.unknown-channel"),
        (("--purpose", "campaign", "--notice"), "lists.no-notice"),
        (("--purpose", "campaign", "--class", "traffic"), "lists.nobody"),
        (("--purpose", "campaign", "--recipient", "nobody"), "lists.no-way-out"),
        (("--purpose", "campaign", "--actor", "nobody"), "lists.unknown-actor"),
        (("--purpose", "campaign", "--actor", ""), "projections.actor-missing"),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(home: Path, arguments: tuple[str, ...], code: str) -> None:
    done = run(*arguments)
    assert done.exit_code == 2
    assert code in done.stderr
