"""`sekisho datamap reclassify`: two people say what a derived column is, against what it inherits."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.engine.japanese.tokyo import TOKYO, tokyo_date
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.retention import AS_JSON, AT, instant, opened
from sekisho.registers.datamap import rules

if TYPE_CHECKING:
    from datetime import datetime

    from sekisho.registers.datamap.queries import ReclassificationRecord

BY = click.option("--by", required=True, help="who: registered staff whose role may, and two different people in all")
WORDS = {
    rules.Standing.PROPOSED: "承認待ち",
    rules.Standing.HOLDS: "有効",
    rules.Standing.LAPSED: "失効（定義が変わった）",
    rules.Standing.REPLACED: "後のものに置き換え",
    rules.Standing.WITHDRAWN: "取下げ",
}
SHOWN = (rules.Standing.PROPOSED, rules.Standing.HOLDS, rules.Standing.LAPSED)
NOT_PERSONAL = "none"
MACHINE = "system"  # an employment of the people register: it asks, it approves nothing


@click.group(cls=Commands)
def command() -> None:
    """Say with two people and a reason what a derived column is, whatever it inherits."""


@command.command()
@click.argument("column", metavar="SYSTEM.TABLE.COLUMN")
@click.option("--to", "items", multiple=True, required=True, help="class or class.field, or none; may be repeated")
@click.option("--reason", required=True, help="why it is no longer what it was made from")
@BY
@AT
@AS_JSON
def propose(column: str, items: tuple[str, ...], reason: str, by: str, clock: str | None, as_json: bool) -> None:
    """Propose that a derived column is something else than what it inherits. Nothing changes until it is approved."""
    with opened():
        from sekisho.registers.datamap import actions

        at = instant(clock)
        system, table, name = [*column.split(".", 2), "", ""][:3]
        ref = actions.propose_reclassification(
            system=system,
            table=table,
            column=name,
            items=tuple(item for item in items if item != NOT_PERSONAL),
            reason=reason,
            by=signatory(by, at),
            at=at,
        )
        _tell(ref, as_json=as_json)


@command.command()
@click.argument("ref")
@BY
@AT
@AS_JSON
def approve(ref: str, by: str, clock: str | None, as_json: bool) -> None:
    """Approve REF. It must have been proposed by another person, on the definition as it is now."""
    with opened():
        from sekisho.registers.datamap import actions

        at = instant(clock)
        actions.approve_reclassification(ref=ref, by=signatory(by, at), at=at)
        _tell(ref, as_json=as_json)


@command.command()
@click.argument("ref")
@BY
@AT
@AS_JSON
def withdraw(ref: str, by: str, clock: str | None, as_json: bool) -> None:
    """Take REF back, whether it holds or waits."""
    with opened():
        from sekisho.registers.datamap import actions

        at = instant(clock)
        actions.withdraw_reclassification(ref=ref, by=signatory(by, at), at=at)
        _tell(ref, as_json=as_json)


@command.command(name="list")
@AS_JSON
def list_(as_json: bool) -> None:
    """List all reclassifications with their state, newest first."""
    with opened():
        from sekisho.registers.datamap import queries

        records = queries.reclassifications()
    if as_json:
        click.echo(json.dumps([_json(one) for one in records], ensure_ascii=False, indent=1))
    for one in () if as_json else records:
        click.echo(told(one))


def signatory(ref: str, at: "datetime") -> rules.Signatory:
    """Who acts, as the people register knows them on that day."""
    from sekisho.registers.people import queries as people
    from sekisho.registers.policies import queries as policies

    standing = people.standing_of(ref, tokyo_date(at), policies.in_force(at))
    works_here = standing.known and standing.active and standing.employment != MACHINE
    return rules.Signatory(ref=ref, role=standing.role, is_active=works_here)


def reclassified(home: Path) -> tuple[rules.Releases, tuple[str, ...]]:
    """What two people have reclassified in the carrier's registers, and a line on each; nothing where it has none."""
    has_registers = (home / homes.DATABASE_FILE).exists() or "SEKISHO_DATABASE_URL" in os.environ
    if not has_registers or not (home / homes.CARRIER_FILE).exists():
        return {}, ()
    from sekisho.entrypoints import runtime

    runtime.set_up(home)
    from sekisho.registers.datamap import queries

    return queries.releases(), tuple(told(one) for one in queries.reclassifications() if one.standing in SHOWN)


def told(one: "ReclassificationRecord") -> str:
    """A reclassification in one line."""
    until = f"、承認 {one.approved_by}（{one.approved_at.astimezone(TOKYO):%Y-%m-%d}）" if one.approved_at else ""
    return (
        f"再分類 {one.ref}　{WORDS[one.standing]}　{one.system}.{one.table}.{one.column}: "
        f"{'、'.join(one.inherited) or NOT_PERSONAL} → {'、'.join(one.items) or NOT_PERSONAL}"
        f"（申出 {one.proposed_by}{until}）理由: {one.reason}"
    )


def _tell(ref: str, *, as_json: bool) -> None:
    from sekisho.registers.datamap import queries

    record = next(one for one in queries.reclassifications() if one.ref == ref)
    click.echo(json.dumps(_json(record), ensure_ascii=False, indent=1) if as_json else told(record))


def _json(one: "ReclassificationRecord") -> dict[str, object]:
    return {
        "reclassification": one.ref,
        "standing": one.standing.value,
        "column": f"{one.system}.{one.table}.{one.column}",
        "inherited": list(one.inherited),
        "items": list(one.items),
        "reason": one.reason,
        "proposed_by": one.proposed_by,
        "proposed_at": one.proposed_at.isoformat(),
        "approved_by": one.approved_by or None,
        "approved_at": one.approved_at.isoformat() if one.approved_at else None,
    }
