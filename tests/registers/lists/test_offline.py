"""The verifier that knows nothing of us accepts a list with its manifest, and names what was changed."""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest

from sekisho.engine.errors import SekishoError
from sekisho.evidence import keys
from sekisho.registers.lists import actions
from sekisho.registers.lists.queries import Wanted, file_of, opened, require_file

VERIFIER = Path(__file__).resolve().parents[3] / "verifier" / "sekisho_verify.py"


@pytest.fixture
def taken(lists: ModuleType, list_home: Path, tmp_path: Path) -> Path:
    """A list that was taken out, its manifest beside it."""
    row = actions.build_list(Wanted(purpose="campaign", actor=lists.ANALYST, at=lists.AT, channel="mail"))
    out = tmp_path / "list.parquet"
    shutil.copy(file_of(row.ref), out)
    out.with_suffix(".manifest.json").write_text(row.manifest, encoding="utf-8")
    return out


def verify(list_: Path, *options: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-I", str(VERIFIER), str(list_.with_suffix(".manifest.json")), "--json", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, [problem["code"] for problem in json.loads(done.stdout)["problems"]]


def test_a_whole_list_is_accepted(taken: Path, list_home: Path) -> None:
    assert verify(taken, "--key", str(keys.signer(list_home).verifier)) == (0, [])


def test_another_key_is_named(taken: Path, tmp_path: Path) -> None:
    assert verify(taken, "--key", str(keys.signer(tmp_path / "other").verifier))[0] == 1


def test_a_changed_list_is_named(taken: Path) -> None:
    pq.write_table(pq.read_table(taken).slice(1), taken)
    assert verify(taken) == (1, ["list-altered"])


@pytest.mark.parametrize(
    ("name", "value"),
    [("expires_at", "2999-01-01T00:00:00Z"), ("purpose", "marketing"), ("rows", 1), ("sha256", "0" * 64)],
)
def test_a_changed_manifest_is_named(taken: Path, name: str, value: Any) -> None:
    path = taken.with_suffix(".manifest.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    said["manifest"][name] = value
    path.write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")
    assert verify(taken) == (1, ["manifest-invalid"])


def test_a_manifest_alone_expires_on_the_instant(lists: ModuleType, list_home: Path, taken: Path) -> None:
    manifest = opened(taken.with_suffix(".manifest.json").read_text(encoding="utf-8"), keys.signer(list_home).verifier)
    require_file(manifest, taken, manifest.expires_at - timedelta(microseconds=1))
    with pytest.raises(SekishoError, match=r"lists\.expired"):
        require_file(manifest, taken, manifest.expires_at)


@pytest.mark.parametrize(
    "document", ["", "[]", "{}", '{"manifest": {}}', '{"manifest": {"format": "sekisho-list-1"}}', "[" * 9999]
)
def test_what_is_no_manifest_is_refused(document: str, tmp_path: Path) -> None:
    with pytest.raises(SekishoError, match=r"lists\.manifest-malformed"):
        opened(document, keys.signer(tmp_path).verifier)
