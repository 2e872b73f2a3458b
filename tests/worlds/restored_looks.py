"""Backing up, restoring and looking at the carrier of restores.py: each function is one act of the child process."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from restored_world import number, small_world


def backup(home: Path, *, days: int | None = None) -> str:
    from sekisho.registers.backups.actions.making import make_backup

    number()
    ref = make_backup(target=home.parent / "backups", at=small_world().AT, acting_user="test", days=days)
    number()
    return ref


def holders(home: Path, *, line: str) -> list[list[str | None]]:
    """Who had a number, and until when."""
    from sekisho.registers.identities import queries

    held = queries.holders_of("number", line)
    return [[one.person, one.until.isoformat() if one.until else None] for one in held]


def called(home: Path, *, line: str) -> list[str]:
    """When calls in which a number stands were made."""
    rows = [json.loads(row) for row in small_world().state(home)["cdr.calls"]]
    return sorted(row["started_at"] for row in rows if line in (row["caller"], row["callee"]))


def restore(home: Path, *, backup: str, reached: Callable[[str], None]) -> int:
    from sekisho.entrypoints import lock
    from sekisho.registers.backups.actions import restoring

    opened = restoring.open_backup(home.parent / "backups" / backup, home.parent / "home.apart")
    home.mkdir(exist_ok=True)
    said = {"backup": backup, "tombstones": opened.manifest.tombstones}
    lock.write(home, said | {"stage": lock.RESTORING})
    restoring.check_backup(opened, lambda *_: reached("checked"))
    count = restoring.put_back(opened, home, lambda *_: reached("put"))
    if opened.manifest.database == "postgresql":
        from sekisho.registers.backups.actions.loading import load_tables

        load_tables(opened)
    lock.write(home, said | {"stage": lock.RESTORED})
    return count


def check(home: Path, *, reached: Callable[[str], None], declare_gap: bool = False) -> dict[str, object]:
    from sekisho.entrypoints import lock
    from sekisho.registers.backups.actions.keeping import keep_apart
    from sekisho.registers.backups.actions.opening import check_restored

    said = lock.state(home)
    assert said is not None
    opening = check_restored(
        backup=said["backup"],
        since=said["tombstones"],
        at=small_world().AT,
        declared_gap=declare_gap,
        reached=reached,
    )
    number(hand_over=not declare_gap)
    keep_apart()
    reached("kept")
    lock.remove(home)
    return opening.as_json()


def points(home: Path) -> list[str]:
    """Every point that a check reaches, by doing it."""
    seen: list[str] = []
    check(home, reached=seen.append)
    return seen


def registers(home: Path) -> dict[str, Any]:
    """What stands, by questions to the rooms."""
    from sekisho.registers.consents import queries as consents
    from sekisho.registers.identities import queries as identities
    from sekisho.registers.people import queries as people
    from sekisho.registers.policies import queries as policies
    from sekisho.registers.retention import queries as retention

    world = small_world()
    standing = {}
    for person in world.refs():
        held = identities.standing_of(person, world.AT)
        given = consents.standing_of(person, world.AT)
        standing[person] = {
            "known": held.known,
            "suppressed": held.suppressed,
            "identifiers": len(identities.identifiers_of(person)),
            "names": len(identities.names_of(person)),
            "consents": sorted(f"{kind.value} {scope}" for kind, scope in given.holds),
            "erased": identities.is_erased(person),
        }
    policy = policies.in_force(world.AT)
    return {
        "people": standing,
        "staff": sorted(one.ref for one in people.everyone(world.ON)),
        "active": sorted(ref for ref, *_ in world.STAFF if people.standing_of(ref, world.ON, policy).active),
        "holds": sorted(one.id for one in retention.standing_holds(world.ON)),
        "plans": {one.ref: one.status.value for one in retention.plans()},
    }


def verify(home: Path) -> list[str]:
    """Problems of the ledger."""
    from datetime import UTC, datetime

    from sekisho.entrypoints.cli.ledger import check as check_ledger

    return [problem.code for problem in check_ledger(home, datetime.now(UTC)).problems]


def expire(home: Path, *, days: int) -> list[str]:
    from datetime import timedelta

    from sekisho.registers.backups.actions.making import expire_backups

    gone = expire_backups(at=small_world().AT + timedelta(days=days), acting_user="test")
    number()
    return list(gone)


def apart(home: Path) -> dict[str, object]:
    from sekisho.registers.backups.queries.standing import kept_apart

    return kept_apart().as_json()


def returned(home: Path) -> list[dict[str, object]]:
    from sekisho.registers.backups.actions.returning import quarantine_rows
    from sekisho.registers.backups.queries.standing import quarantined

    quarantine_rows(at=small_world().AT)
    number()
    return [one.as_json() for one in quarantined()]


def proof(home: Path, *, days: int = 0) -> dict[str, object]:
    """What the board would say so many days later."""
    from datetime import UTC, datetime, timedelta

    from sekisho.registers.backups import proofs

    at = datetime.now(UTC) + timedelta(days=days)
    verdict, why = proofs.of_restores(at)
    return {"verdict": verdict.value, "why": str(why)}
