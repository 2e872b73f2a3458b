"""What `sekisho eligible` says."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sekisho.entrypoints.cli.eligible_files import manifest_of
from sekisho.evidence.body import instant

if TYPE_CHECKING:
    from sekisho.registers.lists.actions import Rechecked
    from sekisho.registers.lists.models import EligibleList
    from sekisho.registers.lists.rules.manifest import Manifest

WITHHELD = {
    "rule": "方針と法令の決まり",
    "erasure": "消去の手続き中",
    "deceased": "亡くなった方",
    "protected": "支援措置を受けている方",
    "moved": "前のお知らせが戻った方",
}
STATES = {
    "draft": "下書き",
    "asked": "承認待ち",
    "ready": "受け取れる",
    "taken": "受け取り済み",
    "expired": "失効",
    "dropped": "取り下げ",
}
SHOWN = 20  # people of a recheck that are told one by one on a terminal


def built(row: "EligibleList", out: Path | None, *, as_json: bool) -> None:
    """A list that was built: the waterfall, the account, where it is."""
    if as_json:
        _json(built_json(row, out))
        return
    remaining = row.people
    click.echo(f"{row.ref} {row.title}".strip())
    click.echo(f"{remaining:>12,}  調べた人")
    for lost in row.waterfall:
        remaining -= lost["count"]
        click.echo(f"{-lost['count']:>12,}  {lost['message']}（{lost['clause']}）")
    for one in row.withheld:
        if one["why"] not in ("rule", "erasure"):
            click.echo(f"{-one['count']:>12,}  {WITHHELD[one['why']]}")
    if row.undeliverable:
        click.echo(f"{-row.undeliverable:>12,}  宛先または番号がない")
    click.echo(f"{row.rows:>12,}  名簿に載る人")
    click.echo(f"方針 {row.policy}、申し出の世代 {row.epoch:,}、証跡 {row.entry}", err=True)
    click.echo(f"失効 {instant(row.expires_at)}", err=True)
    if row.needs_approval:
        click.echo(f"承認が要ります: sekisho eligible approve {row.ref} --by …", err=True)
        click.echo(f"そのあとで:     sekisho eligible take {row.ref} -o {out or 'list.parquet'}", err=True)
    elif out is None:
        click.echo(f"受け取るには: sekisho eligible take {row.ref} -o list.parquet（一度だけ）", err=True)
    else:
        click.echo(f"{out} と {manifest_of(out)} に書きました", err=True)


def built_json(row: "EligibleList", out: Path | None) -> dict[str, object]:
    """The same for programs."""
    written = out is not None and not row.needs_approval
    return {
        "list": row.ref,
        "kind": row.kind,
        "purpose": row.purpose,
        "act": row.act,
        "items": row.items,
        "recipient": row.recipient or None,
        "channel": row.channel or None,
        "policy": row.policy,
        "epoch": row.epoch,
        "people": row.people,
        "rows": row.rows,
        "withheld": {one["why"]: one["count"] for one in row.withheld},
        "undeliverable": row.undeliverable,
        "waterfall": row.waterfall,
        "sha256": row.sha256,
        "expires_at": instant(row.expires_at),
        "needs_approval": row.needs_approval,
        "file": str(out) if written else None,
        "manifest": str(manifest_of(out)) if written and out is not None else None,
        "evidence": row.entry,
        "decided": row.decided,
    }


def rechecked(found: "Rechecked", out: Path | None, *, as_json: bool) -> None:
    """Who may still be used, and who dropped out."""
    if as_json:
        _json(
            {
                "list": found.row.ref,
                "rows": found.rows.num_rows,
                "dropped": [
                    {"person": one.person, "code": one.code, "clause": one.clause, "message": one.message}
                    for one in found.dropped
                ],
                "epoch": found.epoch,
                "file": str(out) if out else None,
                "manifest": str(manifest_of(out)) if out else None,
                "evidence": found.entry,
                "decided": found.decided,
            }
        )
        return
    click.echo(f"{found.row.ref}: いまも使える {found.rows.num_rows:,}人、外れた {len(found.dropped):,}人")
    for one in found.dropped[:SHOWN]:
        click.echo(f"   {one.person}  {one.message}（{one.clause or one.code}）")
    if len(found.dropped) > SHOWN:
        click.echo(f"   ほか {len(found.dropped) - SHOWN:,}人（--json ですべて）")
    if out is not None:
        click.echo(f"外れた人を除いて {out} と {manifest_of(out)} に書きました", err=True)
    click.echo(f"申し出の世代 {found.epoch:,}、証跡 {found.entry}", err=True)


def verified(found: "Manifest", *, as_json: bool) -> None:
    """A manifest and file that hold."""
    if as_json:
        _json({"valid": True, **found.told})
        return
    click.echo(f"{found.ref}: 署名、指紋、期限とも正しい（{found.told['rows']:,}人、{found.told['expires_at']} まで）")


def listed(rows: "Sequence[EligibleList]", at: datetime, *, as_json: bool) -> None:
    """Every list and where it stands."""
    from sekisho.registers.lists.queries import state_of

    if as_json:
        _json([built_json(row, None) | {"state": state_of(row, at).value, "title": row.title} for row in rows])
        return
    for row in rows:
        click.echo(f"{row.ref}  {STATES[state_of(row, at)]:<8}  {row.rows:>10,}人  {row.purpose}  {row.title}")


def line(what: str, which: str) -> None:
    """One thing done."""
    click.echo(f"{what}: {which}")


def _json(told: object) -> None:
    click.echo(json.dumps(told, ensure_ascii=False, indent=1))
