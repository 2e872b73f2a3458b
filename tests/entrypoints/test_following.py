"""A policy folder that can't be followed is told: in one line by commands, in a banner by pages, every time."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory
from django.utils import translation

from sekisho.entrypoints import carrier, following, runtime
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies

ARLINK = Path(__file__).resolve().parents[2] / "policies" / "arlink"
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    there = tmp_path / "home"
    there.mkdir()
    shutil.copytree(ARLINK, tmp_path / "policy")
    carrier.write(there, carrier.Carrier(name="試験", policy=tmp_path / "policy", demo=True, follow=True))
    settings.HOME = there
    monkeypatch.setenv("SEKISHO_HOME", str(there))
    monkeypatch.setattr(following, "_looked", type(following._looked)())
    assert following.try_following(there, AT)
    assert following.following_fault() is None
    return there


def spoil(home: Path, name: str) -> None:
    file = home.parent / "policy" / name
    file.write_text("bogus: 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")


@pytest.mark.parametrize("name", ["policy.yaml", "datamap.yaml"])
def test_a_faulty_folder_is_told_every_time_with_code_and_place_and_changes_nothing(
    home: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = policies.in_force(AT).sha256, datamap.current().sha256
    spoil(home, name)
    for _ in range(2):  # once is easy: a half-taken edit was silent from the second time on
        runtime.follow_policy()
        line, heading = capsys.readouterr().err.splitlines()
        assert "効力のある版のまま" in heading
        assert f"{home.parent / 'policy' / name}:1:1" in line
        assert "policy.unknown-key" in line
        assert (policies.in_force(AT).sha256, datamap.current().sha256) == before
    shutil.copy(ARLINK / name, home.parent / "policy" / name)
    runtime.follow_policy()
    assert capsys.readouterr().err == ""


def test_two_faults_are_two_places(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(home, "policy.yaml")
    file = home.parent / "policy" / "policy.yaml"
    file.write_text("bogus2: 1\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    runtime.follow_policy()
    first, second, _ = capsys.readouterr().err.splitlines()
    assert "policy.yaml:1:1" in first
    assert "policy.yaml:2:1" in second


def test_a_folder_that_is_gone_is_told_and_the_version_in_force_goes_on(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home.parent / "policy").rename(home.parent / "moved")
    runtime.follow_policy()
    assert "connector.no-such-folder" in capsys.readouterr().err
    assert policies.in_force(AT).id == "arlink"


def test_pages_know_what_is_wrong_in_their_language(home: Path) -> None:
    assert following.banner(RequestFactory().get("/")) == {"following_fault": None}
    spoil(home, "policy.yaml")
    following.try_following(home, AT)
    with translation.override("en"):
        told = following.banner(RequestFactory().get("/"))["following_fault"]
    assert isinstance(told, dict)
    assert told["place"] == "policy.yaml:1:1"
    assert "version in force" in told["heading"]
    shown = render_to_string("web/parts/following_fault.html", {}, RequestFactory().get("/"))
    assert "policy.yaml:1:1" in shown
    assert "policy.unknown-key" in shown
    assert "web/parts/following_fault.html" in get_template("web/console.html").template.source  # type: ignore[attr-defined]
