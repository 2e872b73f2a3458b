"""A carrier's home with a ledger, made by the product itself in a process of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import warm

MAKE = """
import django, json, sys
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from django.core.management import call_command
from django.db import transaction
from sekisho.evidence import actions, queries
call_command("migrate", verbosity=0)
at = datetime(2026, 11, 23, tzinfo=UTC)
document = {"plan": "p-1", "systems": ["crm", "billing"], "rows": 12, "note": "消去証明"}
for size in (0, 120, 256, 300):
    with transaction.atomic():
        for number in range(size, {0: 120, 120: 256, 256: 300, 300: 301}[size]):
            body = {"number": number}
            if number == 260:
                body["certificate"] = queries.digest_of(document)
            entry = actions.append(kind="test.happened", body=body, at=at)
            if number == 260:
                certified = entry
    if size < 300:
        actions.sequence(at=at, holder="test")
        home = Path(sys.argv[1])
        home.joinpath(f"known.{actions.sequence(at=at, holder='test').size}").write_text(
            (home / "ledger" / "checkpoint").read_text())
home.joinpath("receipt.json").write_text(json.dumps(queries.receipt(certified), ensure_ascii=False))
home.joinpath("certificate.json").write_text(json.dumps(queries.certificate(certified, document), ensure_ascii=False))
"""


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three checkpoints over 300 entries, one entry more that waits, a receipt and a certificate. Not to be changed."""
    home = tmp_path_factory.mktemp("carrier")
    run_python("-c", MAKE, str(home), home=home)
    sekisho("ledger", "export", str(home / "export"), home=home)
    return home


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return Path(shutil.copytree(made_home, tmp_path / "home"))


@pytest.fixture(scope="session")
def run_sekisho() -> Callable[..., subprocess.CompletedProcess[str]]:
    return sekisho


def sekisho(*arguments: str, home: Path, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "sekisho.entrypoints.cli.main", *arguments, home=home, check=check, **more)


def run_python(*arguments: str, home: Path, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SEKISHO_", "DJANGO_"))}
    environment = kept | {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings"} | more
    done = warm.run(
        [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert not check or done.returncode == 0, done.stderr
    return done
