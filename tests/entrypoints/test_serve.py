"""`sekisho serve` as a person runs it: one process that answers, follows the policy folder and numbers evidence."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import warm

from sekisho.entrypoints import carrier

SMALL = Path(__file__).resolve().parents[1] / "fixtures" / "small" / "policy.yaml"
SEKISHO = (sys.executable, "-m", "sekisho.entrypoints.cli.main")
PATIENCE = 60  # seconds; the machine may be busy
pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder, home = tmp_path / "policy", tmp_path / "home"
    for made in (folder, home):
        made.mkdir()
    (folder / "policy.yaml").write_text(SMALL.read_text(encoding="utf-8"), encoding="utf-8")
    carrier.write(home, carrier.Carrier(name="汐見テレコム", policy=folder, demo=True, follow=True))
    assert run(home, "promises").returncode == 0
    (home / "demo-logins.json").write_text(
        json.dumps([{"username": "kanri", "password": "only-a-test", "label": "個人情報保護管理者"}]), encoding="utf-8"
    )
    return home


@pytest.fixture
def served(home: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [*SEKISHO, "serve", "--port", str(port)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield f"http://127.0.0.1:{port}", process
        process.kill()


def test_it_answers_follows_an_edit_and_ends_with_its_evidence_numbered(
    home: Path, served: tuple[str, "subprocess.Popen[str]"]
) -> None:
    address, process = served
    assert "料金の請求と収納のために使います。" in until(lambda: page(address), lambda text: "S-07" in text)
    assert "管理画面に入る" in page(f"{address}/console/login/")
    assert "--ink" in page(f"{address}/static/web/sekisho.css")

    policy = home.parent / "policy" / "policy.yaml"
    text = policy.read_text(encoding="utf-8")
    policy.write_text(
        text.replace("料金の請求と収納のために使います。", "請求のためだけに使います。"), encoding="utf-8"
    )
    until(lambda: page(address), lambda shown: "請求のためだけに使います。" in shown)

    policy.write_text(text.replace("purpose: billing", "purpose: biling"), encoding="utf-8")
    time.sleep(4)
    assert "請求のためだけに使います。" in page(address)

    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0
    for part in (f"{address}/console/", "kanri", "only-a-test", "履行台帳", "policy.unknown-purpose"):
        assert part in said
    assert run(home, "ledger", "verify").returncode == 0


def test_a_taken_port_is_said_so(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run(home, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "--port" in done.stderr


def test_without_a_carrier_it_says_what_to_do(tmp_path: Path) -> None:
    done = run(tmp_path, "serve")
    assert done.returncode == 1
    assert "sekisho demo" in done.stderr


def run(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return warm.run(
        [*SEKISHO, *arguments],
        env=environment(home),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


def environment(home: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key != "SEKISHO_DATABASE_URL"}
    return kept | {"SEKISHO_HOME": str(home)}


def until(ask: Callable[[], str], good: Callable[[str], bool]) -> str:
    """Ask again until the answer is good."""
    last = ""
    for _ in range(PATIENCE * 4):
        last = ask()
        if good(last):
            return last
        time.sleep(0.25)
    pytest.fail(f"not within {PATIENCE} s: {last[:400]}")


def page(address: str) -> str:
    """The page at an address; nothing while nobody listens yet."""
    try:
        with urllib.request.urlopen(address, timeout=10) as response:  # noqa: S310  our own server
            return str(response.read().decode())
    except OSError:
        return ""
