"""`sekisho erase orders|receipt|holding`: what contractors hold of ours, and their word that it is gone."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.entrypoints.cli.misuse import missing
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened

if TYPE_CHECKING:
    from datetime import date

    from sekisho.registers.contractors.queries import OrderRecord

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--plan", default="", help="of this erasure only")
@click.option("--waiting", is_flag=True, help="without a receipt only")
@click.option("--hand-over", "order", metavar="ORDER", help="write this order and its sealed list into --output")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="folder for --hand-over")
@BY
@AT
@AS_JSON
def orders(
    plan: str,
    waiting: bool,
    order: str | None,
    output: Path | None,
    acting_user: str | None,
    clock: str | None,
    as_json: bool,
) -> None:
    """Erasure orders to contractors with their last day; or hand one over: the key is printed, to go another way."""
    with opened() as _:
        from sekisho.engine.japanese.tokyo import tokyo_date
        from sekisho.registers.contractors import actions, queries

        at = instant(clock)
        if order:
            if output is None:
                raise missing("--output")
            key = actions.hand_over(order=order, folder=output, at=at, acting_user=acting(acting_user, clock))
            click.echo(
                json.dumps({"order": order, "key": key}) if as_json else f"鍵（別の手段で渡してください）: {key}"
            )
            return
        found = queries.orders(plan=plan, waiting=waiting)
        on = tokyo_date(at)
    if as_json:
        click.echo(json.dumps([_json(one, on) for one in found], ensure_ascii=False, indent=1))
        return
    if not found:
        click.echo("委託先への消去依頼はありません")
    for one in found:
        said = f"受領 {one.done_on}" if one.done_on else f"期限 {one.due_on}{'（超過）' if on > one.due_on else ''}"
        asked = f"　督促 {'、'.join(one.chased)}" if one.chased else ""
        click.echo(
            f"{'✓' if one.done_on else '×' if on > one.due_on else '…'} {one.ref}　{one.contractor}　{said}{asked}"
        )


@click.command()
@click.argument("order")
@click.option("--sealed-sha256", required=True, help="hash of the list it answers, as the contractor's receipt says")
@click.option("--done-on", required=True, type=DAY, help="day on which the contractor erased")
@click.option("--method", required=True, help="how: deleted, shredded, returned …")
@BY
@AT
def receipt(
    order: str, sealed_sha256: str, done_on: datetime, method: str, acting_user: str | None, clock: str | None
) -> None:
    """Record a contractor's receipt for ORDER. The sealed list and its key are destroyed."""
    with opened() as _:
        from sekisho.registers.contractors import actions

        actions.record_receipt(
            order=order,
            sealed_sha256=sealed_sha256,
            done_on=done_on.date(),
            method=method,
            at=instant(clock),
            acting_user=acting(acting_user, clock),
        )
    click.echo(f"✓ 消去依頼 {order} の受領書を記録しました")


@click.command()
@click.argument("contractor")
@click.option("--what", required=True, help="what it holds, in words")
@click.option("--class", "items", multiple=True, required=True, help="class of the policy; may be repeated")
@click.option("--kind", "kinds", multiple=True, required=True, help="kind of identifier by which it knows people")
@click.option("--since", required=True, type=DAY)
@click.option("--until", type=DAY, help="given back or erased as a whole on this day")
@BY
@AT
def holding(
    contractor: str,
    what: str,
    items: tuple[str, ...],
    kinds: tuple[str, ...],
    since: datetime,
    until: datetime | None,
    acting_user: str | None,
    clock: str | None,
) -> None:
    """Write down that CONTRACTOR holds data of ours: erasures from now on order it to erase, and wait for its receipt."""
    with opened() as _:
        from sekisho.registers.contractors import actions

        ref = actions.record_holding(
            contractor=contractor,
            what=what,
            items=items,
            kinds=kinds,
            since=since.date(),
            until=until.date() if until else None,
            at=instant(clock),
            acting_user=acting(acting_user, clock),
        )
    click.echo(f"✓ {ref}")


@click.command(name="holding-ended")
@click.argument("holding")
@click.option("--on", "until", required=True, type=DAY, help="day on which everything was given back or erased")
@BY
@AT
def holding_ended(holding: str, until: datetime, acting_user: str | None, clock: str | None) -> None:
    """HOLDING is over: later erasures no longer wait for this contractor. Orders that are out still wait."""
    with opened() as _:
        from sekisho.registers.contractors import actions

        actions.end_holding(
            holding=holding, until=until.date(), at=instant(clock), acting_user=acting(acting_user, clock)
        )
    click.echo(f"✓ {holding}")


def _json(one: "OrderRecord", on: "date") -> dict[str, object]:
    return {
        "order": one.ref,
        "contractor": one.contractor,
        "plan": one.plan,
        "issued_at": one.issued_at.isoformat(),
        "due_on": one.due_on.isoformat(),
        "overdue": one.received_at is None and on > one.due_on,
        "chased": list(one.chased),
        "done_on": one.done_on.isoformat() if one.done_on else None,
        "method": one.method,
        "sealed_sha256": one.sealed_sha256,
    }
