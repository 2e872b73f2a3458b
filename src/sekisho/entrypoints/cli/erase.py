"""`sekisho erase`: plan, approve, run, verify and certify the erasure of a person."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from ruamel.yaml import YAML

from sekisho.engine.erasure.strategies import AGGREGATE
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import TOKYO
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli import erase_contractors
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened, resolved
from sekisho.entrypoints.cli.steps import stepping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sekisho.registers.retention.queries import PlanRecord

KINDS = {
    "copies": "当社が作った写しの消去",
    "order": "委託先への消去依頼",
    "delete": "行の消去",
    "blank": "項目の消去",
    "generalise": "項目の一般化",
    "pseudonymise": "仮名への置換え",
    "rewrite": "本文の言及の消去",
    "purge": "痕跡の除去",
    "forget": "本人台帳の消去",
    "receipt": "委託先の受領書",
}
COUNTED = "行の消去（一人分なので、集計には加えません）"


@click.group(cls=Commands)
def command() -> None:
    """Plan, approve, run, verify and certify the erasure of a person."""


@command.command()
@click.argument("person")
@click.option("--reason", required=True, help="why: a code such as subject_request")
@click.option("--asked-by", "asker", help="who asked: PERSON, or the guardian of a minor  [default: nobody is named]")
@BY
@AT
@AS_JSON
def plan(
    person: str, reason: str, asker: str | None, acting_user: str | None, clock: str | None, as_json: bool
) -> None:
    """Look for PERSON (a reference, or kind:value) in all systems and write the plan down. Nothing is erased yet."""
    with opened() as _:
        from sekisho.registers.retention import actions, queries

        at = _come(clock)
        by = acting(acting_user, clock)
        asked_by = resolved(asker, at) if asker else ""
        ref = actions.propose_plan(person=resolved(person, at), reason=reason, at=at, acting_user=by, asked_by=asked_by)
        record = queries.plan(ref)
        _warn(queries.warnings(record))
        _tell(record, as_json=as_json)


@command.command()
@click.argument("plan")
@click.option("--by", required=True, help="who approves: two different people must")
@click.option("--sha256", help="hash of the plan as read  [default: the plan as it stands now]")
@click.option(
    "--hold-days",
    type=click.IntRange(0, 365),
    help="how long execution waits after the second approval  [default: erasure.hold_days of carrier.yaml, else 0]",
)
@AT
@AS_JSON
def approve(plan: str, by: str, sha256: str | None, hold_days: int | None, clock: str | None, as_json: bool) -> None:
    """Approve PLAN. With the second approval every use of the person's data stops."""
    with opened() as _:
        from sekisho.registers.retention import actions, queries

        read = sha256 or queries.plan(plan).sha256
        window = timedelta(days=_hold_days() if hold_days is None else hold_days)
        actions.approve_plan(plan=plan, sha256=read, by=by, at=_come(clock), hold_window=window)
        record = queries.plan(plan)
        _tell(record, as_json=as_json)
        if record.hold_until and not as_json:
            click.echo(
                f"実行までの猶予: {window.days}日（{record.hold_until.astimezone(TOKYO):%Y-%m-%d %H:%M} から実行できます）"
            )


@command.command()
@click.argument("plan")
@BY
@AT
@AS_JSON
def run(plan: str, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Carry out PLAN, or go on with it where it stopped. Exit 1 if anything is left (一部未了)."""
    with opened() as _:
        from sekisho.entrypoints import working
        from sekisho.registers.retention import queries

        with stepping("消去", quiet=as_json) as progress:
            by, as_of = acting(acting_user, clock), _come(clock) if clock else None
            working.run_plan(plan=plan, as_of=as_of, acting_user=by, told=progress)
        record = queries.plan(plan)
        _tell(record, as_json=as_json)
    sys.exit(1 if record.status == "partly" else 0)


@command.command()
@click.argument("plan")
@BY
@AT
@AS_JSON
def verify(plan: str, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Look for what is left of the person in every store, by a reader of its own. Exit 1 if anything is."""
    with opened() as _:
        from sekisho.registers.retention import actions, queries

        actions.verify_plan(plan=plan, at=_come(clock), acting_user=acting(acting_user, clock))
        record = queries.plan(plan)
        _tell(record, as_json=as_json)
    sys.exit(1 if record.status == "partly" else 0)


@command.command()
@click.argument("plan")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="write it here  [default: print]")
@BY
@AT
def certify(plan: str, output: Path | None, acting_user: str | None, clock: str | None) -> None:
    """Issue the certificate of PLAN with its inclusion proof: anyone can check it offline."""
    with opened() as _:
        from sekisho.entrypoints import runtime
        from sekisho.evidence import queries as ledger
        from sekisho.registers.retention import actions, queries

        entry = actions.certify_plan(plan=plan, at=_come(clock), acting_user=acting(acting_user, clock))
        runtime.wait_for_number(entry)
        document = ledger.certificate(entry, queries.certificate(plan))
    said = json.dumps(document, ensure_ascii=False, indent=1)
    if output is None:
        click.echo(said)
    else:
        output.write_text(f"{said}\n", encoding="utf-8")
        click.echo(f"✓ 証明書を {output} に書きました（python verifier/sekisho_verify.py で確かめられます）")


@command.command()
@click.argument("plan")
@BY
@AT
@AS_JSON
def withdraw(plan: str, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Give PLAN up before anything was erased."""
    with opened() as _:
        from sekisho.registers.retention import actions, queries

        actions.withdraw_plan(plan=plan, at=_come(clock), acting_user=acting(acting_user, clock))
        _tell(queries.plan(plan), as_json=as_json)


@command.command(name="list")
@AS_JSON
def list_(as_json: bool) -> None:
    """All erasures with their state, newest first."""
    with opened() as _:
        from sekisho.registers.retention import queries

        records = queries.plans()
        words = queries.wording(datetime.now(UTC)) if records else None  # without a data map there is nothing to name
    if as_json:
        click.echo(json.dumps([_json(one) for one in records], ensure_ascii=False, indent=1))
        return
    if words is None:
        click.echo("消去計画はまだありません（sekisho erase plan で立てます）")
        return
    for one in records:
        why = "、".join(words.code(code, {"plan": one.ref}) for code in one.why)
        click.echo(f"{one.ref}　{_state(one)}　{one.person}　{one.on.isoformat()}　{why}".rstrip())


command.add_command(erase_contractors.orders)
command.add_command(erase_contractors.receipt)
command.add_command(erase_contractors.holding)
command.add_command(erase_contractors.holding_ended)


def _warn(warnings: "Sequence[Mapping[str, object]]") -> None:
    for one in warnings:
        click.echo(f"! {one['message']}", err=True)
    for code, remedy in dict.fromkeys((one["code"], one["remedy"]) for one in warnings):
        click.echo(f"  → {remedy}\n  ({code})", err=True)


def _come(clock: str | None) -> datetime:
    """The instant an erasure goes on at: one that has come, else no hold window would hold. Raises: erasure.ahead."""
    at = instant(clock)
    if at > datetime.now(UTC):
        raise SekishoError("erasure.ahead", room="sekisho.engine.erasure", at=at.astimezone(TOKYO).isoformat())
    return at


def _hold_days() -> int:
    path = homes.directory() / carriers.FILE
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return int((document.get("erasure") or {}).get("hold_days", 0))


def _tell(record: "PlanRecord", *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_json(record), ensure_ascii=False, indent=1))
        return
    from sekisho.registers.policies.queries import in_force
    from sekisho.registers.retention.queries import item_label, role_label, unknowns, wording

    policy, words = in_force(record.proposed_at), wording(datetime.now(UTC))
    click.echo(f"{record.ref}　{_state(record)}　{record.person}　sha256 {record.sha256}")
    for step in record.steps:
        mark = {"done": "✓", "failed": "×", "begun": "…"}.get(step.status, "・")
        place = words.place(step.system, step.table)
        kind = COUNTED if step.how == AGGREGATE else KINDS[step.kind]
        counts = f"{step.before:,} → {step.after:,}" if step.before is not None and step.after is not None else ""
        columns = f"（{words.columns(step.system, step.table, step.columns)}）" if step.columns else ""
        values = {"plan": record.ref, "system": step.system, "table": step.table}
        why = f"{words.code(step.why, values)}（{step.why}）" if step.why else ""
        said = f"{mark} {step.ordinal:>2} {kind} {place} {role_label(step.role)}{columns} {counts} {why}"
        click.echo(" ".join(said.split(" ")).rstrip())
    for kept in record.retained:
        until = f"{kept.until.isoformat()} まで" if kept.until else "期限なし"
        click.echo(
            f"留保 {words.place(kept.system, kept.table)} {item_label(policy, kept.item)}（{kept.rows:,}行、{until}）: {kept.says}"
        )
    for unknown in unknowns(record):
        click.echo(f"! 不明 {unknown}")
    if record.verification:
        for place in record.verification["places"]:
            mark = "×" if place["residue"] or place["unread"] else "✓"
            click.echo(
                f"{mark} 検査 {words.place(place['id'])}: 残り {len(place['residue'])}、正当に残る値 {place['allowed']} {words.code(place['unread'])}".rstrip()
            )
            for left in place["residue"][:10]:
                click.echo(f"     {left['location']}（{left['how']}）")
    if record.status == "partly":
        retry = f"{record.retry_at.astimezone(TOKYO):%Y-%m-%d %H:%M}" if record.retry_at else ""
        click.echo("一部未了")
        for code in record.why:
            click.echo(
                f"  {words.code(code, {'plan': record.ref})}（{code}）\n  → {words.remedy(code, {'plan': record.ref})}"
            )
        click.echo(f"次に試す時刻 {retry}")
    if record.approved_by:
        click.echo(f"承認: {'、'.join(record.approved_by)}")


def _state(record: "PlanRecord") -> str:
    from sekisho.registers.retention.rules import state_word

    return state_word(record.status.value)


def _json(record: "PlanRecord") -> dict[str, object]:
    from sekisho.registers.retention.queries import warnings

    return {
        "plan": record.ref,
        "person": record.person,
        "status": record.status.value,
        "sha256": record.sha256,
        "approved_by": list(record.approved_by),
        "steps": [
            {
                "step": step.ordinal,
                "kind": step.kind,
                "system": step.system,
                "table": step.table,
                "role": step.role,
                "columns": list(step.columns),
                "how": step.how,
                "status": step.status.value,
                "before": step.before,
                "after": step.after,
                "why": step.why,
            }
            for step in record.steps
        ],
        "retained": [
            {
                "system": kept.system,
                "table": kept.table,
                "class": kept.item,
                "clause": kept.clause,
                "article": kept.article,
                "until": kept.until.isoformat() if kept.until else None,
                "rows": kept.rows,
                "says": kept.says,
            }
            for kept in record.retained
        ],
        "copies": list(record.copies),
        "unknown": [dict(one) for one in record.unknown],
        "warnings": [dict(one) for one in warnings(record)],
        "why": list(record.why),
        "retry_at": record.retry_at.isoformat() if record.retry_at else None,
        "verification": record.verification,
        "evidence": record.entry,
    }
