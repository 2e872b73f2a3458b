"""Evaluations over HTTP, evidence durable, against an empty endpoint of the same server.

`python benchmarks/http_evaluation.py [--home FOLDER] [--seconds 5] [--rounds 5] [--write]`. Without a home a demo carrier
of 2,000 people is built in a scratch folder. The server is what `sekisho serve` runs, sequencer and all, in a process of
its own; the load comes from another. Rounds take turns; figures are medians over rounds.
"""

import argparse
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from measuring import machine, table, tell

FOLDER = Path(__file__).parent / "http_evaluation"
EVALUATION = "/access/v1/evaluation"
ENDPOINTS = {
    "empty endpoint": "/bench/empty",
    "evaluation": EVALUATION,
    "empty endpoint without middleware": "/bench/bare",
    "nothing but the server": "/bench/asgi",
}
MANY = 64
PEOPLE = 500  # asked about, in turn
ASKS = (  # actor, purpose, items: of every demo carrier
    ("madoguchi", "billing", ["identity.name", "identity.address"]),
    ("hansoku", "marketing", ["identity.name", "identity.mail"]),
    ("bunseki", "analysis", ["usage"]),
    ("seikyu", "billing", ["bill"]),
)


def main() -> None:
    """Measure and tell."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--home", type=Path)
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--write", action="store_true")
    said = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = said.home or _built(Path(scratch) / "home")
        environment = os.environ | {"SEKISHO_HOME": str(home.absolute())}
        headers, bodies = _prepared(environment)
        environment["LOAD_HEADERS"] = headers
        port = _free_port()
        server = subprocess.Popen([sys.executable, str(FOLDER / "server.py"), str(port)], env=environment)  # noqa: S603
        try:
            _wait(port, server)
            runs = _runs(port, environment, bodies, said.rounds, said.seconds)
        finally:
            server.terminate()
            server.wait(30)
    tell("http_evaluation", _lines(runs, said.rounds, said.seconds), write=said.write)


def _runs(
    port: int, environment: dict[str, str], bodies: bytes, rounds: int, seconds: float
) -> dict[tuple[str, int], list[Any]]:
    runs: dict[tuple[str, int], list[Any]] = {}
    for path in ENDPOINTS.values():  # the policy is compiled at the first ask
        _load(port, path, 4, 1.0, environment, bodies)
    for _ in range(rounds):
        for name, path in ENDPOINTS.items():
            for connections in (MANY, 1):
                runs.setdefault((name, connections), []).append(
                    _load(port, path, connections, seconds if connections > 1 else seconds / 2, environment, bodies)
                )
    failed = sum(run["failed"] for those in runs.values() for run in those)
    if failed:
        raise SystemExit(f"{failed} answers were not 200, or came without evidence")
    return runs


def _lines(runs: dict[tuple[str, int], list[Any]], rounds: int, seconds: float) -> list[str]:
    def middle(name: str, connections: int, what: str) -> float:
        return statistics.median(run[what] for run in runs[name, connections])

    rows = []
    for name in ENDPOINTS:
        ratios = [
            one["per_second"] / empty["per_second"]
            for one, empty in zip(runs[name, MANY], runs["empty endpoint", MANY], strict=True)
        ]
        rows.append(
            (
                name,
                f"{middle(name, MANY, 'per_second'):,.0f}",
                f"{statistics.median(ratios):.2f}",
                f"{middle(name, MANY, 'p50_ms'):.1f}",
                f"{middle(name, MANY, 'p99_ms'):.1f}",
                f"{middle(name, 1, 'p50_ms'):.2f}",
                f"{middle(name, 1, 'per_second'):,.0f}",
            )
        )
    asked = sum(run["asked"] for run in runs["evaluation", MANY])
    permitted = sum(run["permitted"] for run in runs["evaluation", MANY])
    return [
        *machine("django", "granian"),
        "",
        *table(
            (
                "endpoint",
                f"a second, {MANY} connections",
                "of the empty one",
                "p50 ms",
                "p99 ms",
                "p50 ms, 1 connection",
                "a second, 1 connection",
            ),
            rows,
        ),
        "",
        f"Medians of {rounds} rounds of {seconds:g} s in turns; {asked:,} evaluations at {MANY} connections, {permitted / asked:.0%} permitted, every",
        "one sealed in a committed batch before its answer (SQLite, `synchronous=FULL`). Goal: at least half of the empty endpoint.",
    ]


def _load(port: int, path: str, connections: int, seconds: float, environment: dict[str, str], bodies: bytes) -> Any:
    command = [sys.executable, str(FOLDER / "load.py"), str(port), path, str(connections), str(seconds)]
    done = subprocess.run(command, env=environment, input=bodies, capture_output=True, check=True)  # noqa: S603
    return json.loads(done.stdout)


def _prepared(environment: dict[str, str]) -> tuple[str, bytes]:
    """A key, and requests about people of the carrier."""
    os.environ |= {
        "SEKISHO_HOME": environment["SEKISHO_HOME"],
        "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings",
    }
    import django

    django.setup()
    from datetime import UTC, datetime
    from itertools import islice

    from django.core.management import call_command
    from django.db import connection

    from sekisho.registers.decisions.actions import create_api_key
    from sekisho.registers.identities.queries import people_of_kind

    call_command("migrate", verbosity=0)
    key = create_api_key(name=f"bench-{time.time_ns()}", at=datetime.now(UTC), acting_user="bench")
    people = list(islice(people_of_kind("customer"), PEOPLE))
    connection.close()
    bodies = [
        {
            "subject": {"type": "staff", "id": actor},
            "action": {"name": "use"},
            "resource": {"type": "person", "id": person, "properties": {"items": items}},
            "context": {"purpose": purpose, "channel": "mail"},
        }
        for person in people
        for actor, purpose, items in ASKS
    ]
    random.Random(7).shuffle(bodies)
    return f"Authorization: Bearer {key}\r\n", "\n".join(json.dumps(body) for body in bodies).encode()


def _built(home: Path) -> Path:
    command = [
        str(Path(sys.executable).with_name("sekisho")),
        "demo",
        "--dir",
        str(home),
        "--subscribers",
        "2000",
        "--calls",
        "20000",
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return home


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        if server.poll() is not None:
            raise SystemExit("the server ended")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit("the server does not listen")


if __name__ == "__main__":
    main()
