"""What happens to the carrier of restores.py between its backup and its loss: each function is one act of the child process."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

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


def erase(home: Path, *, person: str) -> str:
    from sekisho.registers.retention import actions

    world = small_world()
    plan: str = world.propose_and_approve(person)
    actions.run_plan(plan=plan, at=world.AT, acting_user="test")
    actions.verify_plan(plan=plan, at=world.AT, acting_user="test")
    actions.certify_plan(plan=plan, at=world.AT, acting_user="test")
    number()
    return plan


def sweep(home: Path) -> None:
    """What is past its period goes; the ledger has sealed entries of it."""
    from sekisho.registers.retention import actions

    world = small_world()
    actions.sweep(on=world.ON, at=world.AT, acting_user="test")
    number()


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


def number_now(home: Path) -> None:
    number()


def number(*, hand_over: bool = True) -> None:
    """As a command does when it ends."""
    from sekisho.entrypoints.runtime import number_evidence

    number_evidence(hand_over=hand_over)
