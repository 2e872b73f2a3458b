"""A small carrier that is backed up, goes on, is lost and restored; each act in a process of its own that may be killed.

`python restores.py HOME` reads one JSON object per line, forks, does it, and says when the child is gone. `kill_at`: dies
by SIGKILL at the point of that number. What an act returns is written to HOME's parent as `result.json`.
"""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
FIXTURE = ROOT / "tests" / "fixtures" / "erasure_world.py"
OTHERS = tuple(f"P-{index:02d}" for index in range(4, 20))


def small_world() -> ModuleType:
    """The carrier of tests/fixtures/erasure_world.py."""
    if "erasure_world" in sys.modules:
        return sys.modules["erasure_world"]
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module


class Carrier:
    """The parent's side: a home, what stands apart of it, its backups, and the process that forks."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder, self.home, self.backups = folder, folder / "home", folder / "backups"
        self.apart = folder / "home.apart"
        self.home.mkdir(parents=True)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", __file__, str(self.home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ
            | {"SEKISHO_HOME": str(self.home), "SEKISHO_DATABASE_URL": "", "SEKISHO_APART": ""}
            | environment,
        )
        assert self._line() == "ready"

    def do(self, act: str, *, kill_at: int | None = None, code: int = 0, **values: Any) -> Any:
        """Do it in a child; returns what it returned. `code` -9: it is expected to die."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": act, "kill_at": kill_at, **values}) + "\n")
        self.process.stdin.flush()
        assert self._line().startswith("pid ")
        ended = int(self._line().removeprefix("end "))
        said = json.loads(result.read_text(encoding="utf-8")) if result.exists() else None
        assert ended == code, f"{act} {values} ended with {ended}: {said}"
        return said

    def lose(self) -> None:
        """The disk under the home is gone. What was kept apart is elsewhere."""
        shutil.rmtree(self.home)

    def snapshot(self) -> None:
        """Remember home, backups and what is apart, to begin anew from."""
        for name in ("home", "home.apart", "backups"):
            if (self.folder / name).exists():
                shutil.copytree(self.folder / name, self.folder / "snapshot" / name)

    def begin_anew(self) -> None:
        """Back to the snapshot."""
        for name in ("home", "home.apart", "backups"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
            if (self.folder / "snapshot" / name).exists():
                shutil.copytree(self.folder / "snapshot" / name, self.folder / name)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()


# The child's side.


def build(home: Path) -> None:
    world = small_world()
    world.build(home)
    from sekisho.registers.consents.actions import NewConsent, record
    from sekisho.registers.consents.rules import ConsentKind

    for person in (*OTHERS[:6], world.HANA):
        for kind in (ConsentKind.ACCEPTED_PURPOSE, ConsentKind.PROVISION):
            new = NewConsent(
                person=person, kind=kind, scope="*", given=True, notice_era="arlink/1.0", channel="web", at=world.AT
            )
            record(consent=new, at=world.AT, acting_user="test")
    number()


def backup(home: Path, *, days: int | None = None) -> str:
    from sekisho.registers.backups.actions.making import make_backup

    number()
    ref = make_backup(target=home.parent / "backups", at=small_world().AT, acting_user="test", days=days)
    number()
    return ref


def erase(home: Path, *, person: str) -> str:
    from sekisho.registers.retention import actions

    world = small_world()
    plan: str = world.propose_and_approve(person)
    actions.run_plan(plan=plan, at=world.AT, acting_user="test")
    actions.verify_plan(plan=plan, at=world.AT, acting_user="test")
    actions.certify_plan(plan=plan, at=world.AT, acting_user="test")
    number()
    return plan


def approve(home: Path, *, person: str) -> str:
    plan: str = small_world().propose_and_approve(person)
    number()
    return plan


def run(home: Path, *, plan: str) -> str:
    from sekisho.registers.retention import actions

    at = small_world().AT
    actions.run_plan(plan=plan, at=at, acting_user="test")
    actions.verify_plan(plan=plan, at=at, acting_user="test")
    actions.certify_plan(plan=plan, at=at, acting_user="test")
    number()
    return plan


def give_up(home: Path, *, plan: str) -> None:
    from sekisho.registers.retention import actions

    actions.withdraw_plan(plan=plan, at=small_world().AT, acting_user="test")
    number()


def withdraw(home: Path, *, person: str) -> None:
    """The person withdraws the consent to provision and objects to marketing."""
    from sekisho.registers.consents.actions import NewConsent, record
    from sekisho.registers.consents.rules import ConsentKind

    at = small_world().AT
    for kind, scope, given in ((ConsentKind.PROVISION, "*", False), (ConsentKind.OBJECTION, "marketing", True)):
        new = NewConsent(
            person=person, kind=kind, scope=scope, given=given, notice_era="arlink/1.0", channel="web", at=at
        )
        record(consent=new, at=at, acting_user="test")
    number()


def leave(home: Path, *, staff: str) -> None:
    """Yesterday was the last day."""
    from datetime import timedelta

    from sekisho.registers.people.actions import record_leaving

    record_leaving(ref=staff, on=small_world().ON - timedelta(days=1), at=small_world().AT, acting_user="test")
    number()


def open_access(home: Path) -> dict[str, str]:
    """A claim, a key and a ticket, all usable."""
    from datetime import timedelta

    from sekisho.registers.decisions import actions

    at = small_world().AT
    key = actions.create_api_key(name="crm", at=at, acting_user="test")
    ticket = actions.open_ticket(
        kind=actions.TicketKind.FAULT,
        lines=["09007000005"],
        since=at - timedelta(hours=2),
        until=at,
        expires_at=at + timedelta(days=1),
        approved_by="mori",
        at=at,
        acting_user="sato",
    )
    case = actions.open_case(case="case-1", person="P-05", actors=["sato"], at=at, acting_user="mori")
    number()
    return {"key": key, "ticket": ticket, "case": case}


def end_access(home: Path, *, ticket: str, case: str, **_: str) -> None:
    from sekisho.registers.decisions import actions

    at = small_world().AT
    actions.revoke_api_key(name="crm", at=at, acting_user="test")
    actions.close_ticket(ticket=ticket, at=at, acting_user="test")
    actions.close_claim(claim=case, at=at, acting_user="test")
    number()


def hold(home: Path, *, person: str) -> str:
    from sekisho.registers.retention.actions import place_hold

    world = small_world()
    ref = place_hold(
        ground="RET-1",
        source="保全の依頼書 1",
        placed_on=world.ON,
        until=None,
        at=world.AT,
        acting_user="sato",
        approved_by="mori",
        person=person,
    )
    number()
    return ref


def pass_on(home: Path, *, line: str, to: str, days: int) -> str:
    """A line is transferred, so many days before today."""
    from datetime import timedelta

    from sekisho.registers.identities import actions

    at = small_world().AT
    told = actions.Recorded(happened=at - timedelta(days=days), at=at, document="transfer_form", acting_user="test")
    ref: str = actions.transfer(number=line, to=to, told=told)
    number()
    return ref


def take_back(home: Path, *, event: str) -> None:
    """There was no such transfer."""
    from sekisho.registers.identities import actions

    actions.withdraw(event=event, reason="another line", at=small_world().AT, acting_user="test")
    number()


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


def acquire(
    home: Path, *, ref: str, identifiers: list[list[str | None]]
) -> dict[str, object]:  # [kind, value, since, until]
    """Write somebody down; returns whether they may be used."""
    from datetime import datetime

    from sekisho.registers.identities import queries
    from sekisho.registers.identities.actions import NewPerson, import_population
    from sekisho.registers.identities.rules import IdentifierInterval

    def instant(text: str | None) -> datetime | None:
        return datetime.fromisoformat(text) if text else None

    world = small_world()
    held = tuple(
        IdentifierInterval(person=ref, kind=str(kind), value=str(value), since=instant(since), until=instant(until))
        for kind, value, since, until in identifiers
    )
    new = NewPerson(ref=ref, kinds=("customer",), acquired_on=world.ON, identifiers=held)
    import_population(people=[new], at=world.AT, acting_user="test")
    number()
    return {"suppressed": queries.suppressed(ref, world.AT)}


def proof(home: Path, *, days: int = 0) -> dict[str, object]:
    """What the board would say so many days later."""
    from datetime import UTC, datetime, timedelta

    from sekisho.registers.backups import proofs

    at = datetime.now(UTC) + timedelta(days=days)
    verdict, why = proofs.of_restores(at)
    return {"verdict": verdict.value, "why": str(why)}


def number_now(home: Path) -> None:
    number()


def number(*, hand_over: bool = True) -> None:
    """As a command does when it ends."""
    from sekisho.entrypoints.runtime import number_evidence

    number_evidence(hand_over=hand_over)


ACTS: Mapping[str, Callable[..., Any]] = {
    act.__name__: act
    for act in (
        build,
        backup,
        erase,
        approve,
        run,
        give_up,
        withdraw,
        leave,
        open_access,
        end_access,
        hold,
        pass_on,
        take_back,
        holders,
        called,
        restore,
        check,
        points,
        registers,
        verify,
        expire,
        apart,
        returned,
        acquire,
        proof,
        number_now,
    )
}


def counting(stop_at: int | None) -> Callable[[str], None]:
    """Dies at the point of that number, as hard as a process can."""
    seen = 0

    def reached(_point: str) -> None:
        nonlocal seen
        seen += 1
        if seen == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def act(home: Path, said: dict[str, Any]) -> None:
    """Do one act and leave its result."""
    from sekisho.engine.errors import SekishoError

    name, kill_at = said.pop("do"), said.pop("kill_at")
    if name in ("check", "restore"):
        said["reached"] = counting(kill_at)
    result = home.parent / "result.json"
    try:
        result.write_text(json.dumps(ACTS[name](home, **said)), encoding="utf-8")
    except SekishoError as error:
        result.write_text(json.dumps({"refused": error.code} | error.values), encoding="utf-8")
        os._exit(3)


def serve(home: Path) -> None:
    """Fork for each line: imports are paid once, the child is a process of its own."""
    small_world().setup(home)
    import sekisho.connectors.delta_folder
    import sekisho.connectors.duckdb_file
    import sekisho.connectors.jsonl_folder
    import sekisho.connectors.sqlite_file
    import sekisho.registers.backups.actions.opening  # noqa: F401

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                act(home, json.loads(line))
                code = 0
            finally:
                if code:
                    traceback.print_exc()
                    sys.stderr.flush()
                os._exit(code)
        sys.stdout.write(f"pid {child}\n")
        sys.stdout.flush()
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"end {os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "src"))
    serve(Path(sys.argv[1]))
