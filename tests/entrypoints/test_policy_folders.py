"""`policy check` and `lint` over the wrong folder and over several."""

import json
from pathlib import Path

from click.testing import CliRunner

from sekisho.entrypoints.cli.policy import command

POLICIES = Path(__file__).resolve().parents[2] / "policies"
FOLDERS = [str(POLICIES / name) for name in ("arlink", "carrier")]


def test_a_folder_of_policy_folders_names_them() -> None:
    done = CliRunner().invoke(command, ["check", str(POLICIES)])
    assert done.exit_code == 1
    assert "policy-folder.holds-folders" in done.stderr
    assert all(folder in done.stderr for folder in FOLDERS)
    assert done.stdout == ""


def test_a_folder_without_a_policy_says_what_it_should_hold(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["lint", str(tmp_path)])
    assert done.exit_code == 1
    assert "policy.yaml" in done.stderr


def test_several_folders_are_checked_at_once_and_one_bad_one_is_enough(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["check", *FOLDERS])
    assert done.exit_code == 0
    assert "arlink@" in done.stdout
    assert "carrier@" in done.stdout
    (tmp_path / "policy.yaml").write_text("sekisho: 1\n", encoding="utf-8")
    done = CliRunner().invoke(command, ["check", "--json", *FOLDERS, str(tmp_path)])
    assert done.exit_code == 1
    assert {str(tmp_path / "policy.yaml")} == {
        one["path"] for one in json.loads(done.stdout) if one["severity"] == "error"
    }


def test_several_folders_are_linted_at_once() -> None:
    done = CliRunner().invoke(command, ["lint", "--json", *FOLDERS])
    paths = {one["path"].rsplit("/", 2)[-2] for one in json.loads(done.stdout)}
    assert paths == {"arlink", "carrier"}
