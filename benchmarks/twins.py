"""What a clock tells: numbers at the centre that are known, unknown, expired or closed, and, at the desk, a person whom an
authority asked about against twins. `python benchmarks/twins.py [--rounds N] [--write]`.

Every round does every case once, in an order drawn anew; processor time (all threads) and wall time of each are kept. Two
samples are compared by the test of Mann and Whitney: p is how often chance alone would set them so far apart, and the share how
often a draw of the one is above a draw of the other (0.50: no clock tells). The two twins against each other show what the
test says where there is nothing to tell.
"""

import argparse
import logging
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from measuring import machine, table, tell

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "timing.md"
sys.path.append(str(ROOT / "tests" / "worlds"))
ASKED, TWIN, THIRD = "P-13", "P-15", "P-17"
CLERK = "account:1"
HEADS = (
    "compared",
    "median CPU ms",
    "median CPU ms",
    "p (CPU)",
    "share",
    "median ms",
    "median ms",
    "p (wall)",
    "share",
)
Took = tuple[float, float]  # CPU, wall; milliseconds
CENTRE = ("unknown number", "expired", "closed", "no number at all")
DESK = ("person page", "case page", "gathering", "lines")


def main() -> None:
    """Both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--only", choices=("centre", "desk"))
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = [*machine("Django", "argon2-cffi"), f"{given.rounds} rounds", ""]
    with tempfile.TemporaryDirectory() as folder:
        world = _world(Path(folder))
        if given.only != "desk":
            lines += _centre(world, given.rounds)
        if given.only != "centre":
            lines += _desk(world, given.rounds)
    tell("twins", lines, write=given.write, page=PAGE)


def _centre(world: ModuleType, rounds: int) -> list[str]:
    """With the carrier's slow hash, then with one that costs nothing: what the slow one's noise covers shows there."""
    from django.conf import settings
    from django.contrib.auth import hashers

    slow = _measured(_numbers(world), rounds)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    hashers.get_hashers.cache_clear()
    hashers.get_hashers_by_algorithm.cache_clear()
    quick = _measured(_numbers(world), 4 * rounds)
    lines = ["At the centre, entering number and secret:", ""]
    lines += table(HEADS, [_row("wrong secret", other, slow) for other in CENTRE])
    lines += ["", f"The same with a hash that costs nothing, {4 * rounds} rounds:", ""]
    return [*lines, *table(HEADS, [_row("wrong secret", other, quick) for other in CENTRE]), ""]


def _desk(world: ModuleType, rounds: int) -> list[str]:
    people, rows = _measured(_people(world), rounds), []
    for what in DESK:
        for one, other in (("asked about", "twin"), ("twin", "third")):
            rows.append(_row(f"{what}: {one}", f"{what}: {other}", people))
    head = "At the desk, one whom an authority asked about (a hold in confidence, the sweep done) and twins:"
    return [head, "", *table(HEADS, rows)]


def _measured(
    calls: Mapping[str, tuple[Callable[[], object], Callable[[], object]]], rounds: int
) -> dict[str, list[Took]]:
    """Every call in turns. The second of a pair prepares it, untimed."""
    drawn, took = random.Random(1), {name: list[Took]() for name in calls}
    for number in range(rounds + 2):
        for name in drawn.sample(sorted(calls), len(calls)):
            call, prepare = calls[name]
            prepare()
            cpu, wall = time.process_time_ns(), time.perf_counter_ns()
            call()
            if number >= 2:  # two rounds to warm up
                took[name].append(((time.process_time_ns() - cpu) / 1e6, (time.perf_counter_ns() - wall) / 1e6))
    return took


def _row(one: str, other: str, took: Mapping[str, Sequence[Took]]) -> list[str]:
    cells = [f"{one} / {other.rpartition(': ')[2]}"]
    for place in (0, 1):
        first, second = ([took_[place] for took_ in took[name]] for name in (one, other))
        p, share = compared(first, second)
        cells += [f"{statistics.median(first):.2f}", f"{statistics.median(second):.2f}", f"{p:.3f}", f"{share:.2f}"]
    return cells


def compared(first: Sequence[float], second: Sequence[float]) -> tuple[float, float]:
    """Mann and Whitney by the normal approximation with ties: p, and the share of pairs in which the first is larger."""
    ranked = sorted((value, side) for side, values in enumerate((first, second)) for value in values)
    ranks, ties, start = [0.0, 0.0], 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        for _, side in ranked[start:end]:
            ranks[side] += (start + end + 1) / 2
        ties += (end - start) ** 3 - (end - start)
        start = end
    n, m = len(first), len(second)
    above = ranks[0] - n * (n + 1) / 2
    spread = math.sqrt(n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1))))
    far = abs(above - n * m / 2) / spread if spread else 0.0
    return math.erfc(far / math.sqrt(2)), above / (n * m)


def _world(home: Path) -> ModuleType:
    import effects_world

    world = effects_world.carrier()
    world.setup(home)
    world.build(home)
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    logging.getLogger("django.request").setLevel(logging.CRITICAL)  # refusals are what is measured
    from sekisho.registers.retention import actions as retention

    retention.place_hold(
        kind="preservation", source="HOZEN-4711", placed_on=world.ON, at=world.AT, acting_user="hino",
        approved_by="abe", person=ASKED, is_confidential=True,
    )  # fmt: skip
    retention.sweep(on=world.ON, at=world.AT, acting_user="test")
    return world


def _numbers(world: ModuleType) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """Entering by the page itself: form, limits, hash, transaction, page."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from sekisho.casework.subject_requests.actions.access import issue_access, nobodys_hash
    from sekisho.casework.subject_requests.centre import status
    from sekisho.casework.subject_requests.models import CaseAccess

    nobodys_hash.cache_clear()
    client, page, now = Client(), reverse("centre:request-status"), timezone.now()
    cases = [_case(world, ASKED) for _ in range(3)]
    secrets = [issue_access(reference=case, at=now, acting_user=CLERK) for case in cases]
    far = now + timedelta(days=1)

    def reset() -> None:
        status.WINDOW.forget()
        CaseAccess.objects.update(tries=0, closed_until=None, expires_at=far)
        CaseAccess.objects.filter(request__reference=cases[1]).update(expires_at=now - timedelta(days=1))
        CaseAccess.objects.filter(request__reference=cases[2]).update(closed_until=far)

    def entered(number: str, secret: str) -> Callable[[], object]:
        def call() -> None:
            answer = client.post(page, {"number": number, "secret": secret})
            if answer.status_code != 403:
                raise SystemExit(answer.status_code)

        return call

    tries = {
        "wrong secret": entered(cases[0], secrets[1]),
        "unknown number": entered("K-2026-9999", secrets[1]),
        "expired": entered(cases[1], secrets[1]),
        "closed": entered(cases[2], secrets[2]),
        "no number at all": entered("anything", secrets[1]),
    }
    return {name: (call, reset) for name, call in tries.items()}


def _people(world: ModuleType) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    from django.contrib.auth.models import User
    from django.test import Client
    from django.utils import timezone

    from sekisho.casework.subject_requests import actions
    from sekisho.casework.subject_requests.queries.answering import open_lines
    from sekisho.web.actions import open_account
    from sekisho.web.roles import Role

    real: Any = timezone
    real.now = lambda: world.AT  # the world's day
    open_account(username="madoguchi", password=os.urandom(9).hex(), display_name="窓口", role=Role.CLERK, at=world.AT)
    user, client = User.objects.get(username="madoguchi"), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    calls: dict[str, Callable[[], object]] = {}

    def got(path: str) -> Callable[[], object]:
        def call() -> None:
            if client.get(path).status_code != 200:
                raise SystemExit(path)

        return call

    for who, person in (("asked about", ASKED), ("twin", TWIN), ("third", THIRD)):
        case = _case(world, person)
        actions.open_page(reference=case, account=f"account:{user.pk}", at=world.AT)
        calls[f"person page: {who}"] = got(f"/console/cases/{case}/person/")
        calls[f"case page: {who}"] = got(f"/console/cases/{case}/")
        calls[f"lines: {who}"] = lambda case=case: open_lines(case, world.AT)  # type: ignore[misc]
        calls[f"gathering: {who}"] = lambda case=case: actions.gather(  # type: ignore[misc]
            reference=case, at=world.AT, acting_user=CLERK
        )
    return {name: (call, lambda: None) for name, call in calls.items()}


def _case(world: ModuleType, person: str) -> str:
    from sekisho.casework.subject_requests import actions
    from sekisho.casework.subject_requests.models import SubjectRequest

    case = actions.open_case(person=person, kind="disclosure", received_on=world.ON, at=world.AT, acting_user=CLERK)
    rows = SubjectRequest.objects.filter(reference=case.reference)
    rows.update(identity_checked_at=world.AT, identity_checked_by=CLERK)
    return case.reference


if __name__ == "__main__":
    main()
