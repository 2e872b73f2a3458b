"""Keys for other systems: made once, told once, stopped for good."""

import os
import pathlib
import sqlite3
import subprocess
import sys

import warm


def run(home: pathlib.Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return warm.run(
        [sys.executable, "-m", "sekisho.entrypoints.cli.main", "key", *arguments],
        env=environment | {"SEKISHO_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_key_is_told_once_kept_only_as_a_hash_and_its_name_is_not_used_again(tmp_path: pathlib.Path) -> None:
    (tmp_path / "carrier.yaml").write_text("carrier: {name: 試験, policy: policy}\n", encoding="utf-8")
    made = run(tmp_path, "create", "crm")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert key.startswith("sk_")
    with sqlite3.connect(tmp_path / "sekisho.sqlite3") as product:
        assert key not in str(product.execute("SELECT * FROM decisions_apikey").fetchall())
    assert run(tmp_path, "revoke", "crm").returncode == 0
    again = run(tmp_path, "create", "crm")
    assert again.returncode == 1
    assert "decisions.key-exists" in again.stderr
    assert "Traceback" not in again.stderr
