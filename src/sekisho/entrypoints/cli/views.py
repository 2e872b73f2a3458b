"""`sekisho views`: enforced views and grants in the carrier's PostgreSQL, the facts they read, and the drift check."""

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError, text
from sekisho.entrypoints.cli.misuse import missing
from sekisho.entrypoints.cli.refusing import refusing

if TYPE_CHECKING:
    from sekisho.engine.gate.view_columns import Left
    from sekisho.registers.enforcement.queries import Planned

ROOM = "sekisho.registers.enforcement"
GATE = "sekisho.engine.gate"


@click.command()
@click.option("--purpose", metavar="PURPOSE", help="a purpose of the policy in force")
@click.option("--dialect", type=click.Choice(["postgres"]), default="postgres", show_default=True, expose_value=False)
@click.option("--system", metavar="SYSTEM", help="system of the data map  [default: the one that is a PostgreSQL]")
@click.option("--channel", help="the one channel that solicitation from these views uses: mail, sms, phone, post")
@click.option("--apply", "applies", is_flag=True, help="make the views stand in the system, and send the facts")
@click.option("--check", "checks", is_flag=True, help="what differs from what should stand; exit 1 if anything does")
@click.option("--refresh", "refreshes", is_flag=True, help="send the facts of now to all views of the system")
@click.option("--enroll", metavar="LOGIN=STAFF", multiple=True, help="say whose login it is")
@click.option("--by", "acting_user", default="cli", show_default=True, help="who does it")
@click.option("--json", "as_json", is_flag=True, help="JSON instead of SQL or sentences")
def command(
    *,
    purpose: str | None,
    system: str | None,
    channel: str | None,
    applies: bool,
    checks: bool,
    refreshes: bool,
    enroll: tuple[str, ...],
    acting_user: str,
    as_json: bool,
) -> None:
    """Print the DDL of a purpose's views; make it stand, keep its facts current, and see whether it still stands."""
    from sekisho.entrypoints import runtime

    if not (checks or refreshes or enroll) and purpose is None:
        raise missing("--purpose")
    with refusing(), runtime.running():
        from sekisho.registers.enforcement import actions, queries

        at = datetime.now(UTC)
        system = system or _only(queries.postgresql_systems())
        for one in enroll:
            login, separator, actor = one.partition("=")
            if not (login and separator and actor):
                raise click.BadParameter(one, param_hint="--enroll")
            actions.enroll(system=system, login=login, actor=actor, at=at, acting_user=acting_user)
        if purpose is not None and applies:
            planned = actions.apply(system=system, purpose=purpose, channel=channel, at=at, acting_user=acting_user)
            _tell_applied(planned, as_json=as_json and not checks)
        elif refreshes or (enroll and queries.ordered(system)):
            count = actions.refresh(system=system, at=at, acting_user=acting_user)
            click.echo(f"✓ {system} に {count:,}人分の事実を送りました", err=as_json)
        elif purpose is not None and not checks:
            _tell_plan(queries.planned(system, purpose, at=at, channel=channel), as_json=as_json)
        different = _check(system, purpose, at, as_json=as_json) if checks else False
    sys.exit(1 if different else 0)


def _only(systems: tuple[str, ...]) -> str:
    if len(systems) != 1:
        raise SekishoError("enforcement.no-postgresql", room=ROOM)
    return systems[0]


def _check(system: str, purpose: str | None, at: datetime, *, as_json: bool) -> bool:
    from sekisho.registers.enforcement import queries

    found = queries.check(system, at=at, purpose=purpose)
    if as_json:
        items = [
            {"code": one.code, "about": one.about, "message": one.message(), "remedy": one.remedy()}
            for one in found.differences
        ]
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
    else:
        for one in found.differences:
            click.echo(f"× {one.message()}\n    → {one.remedy()}  ({one.code})")
        click.echo(f"{system}: 利用目的 {len(found.purposes)}、ビュー {found.views}、違い {len(found.differences)}件")
    return bool(found.differences)


def _tell_applied(planned: "Planned", *, as_json: bool) -> None:
    from sekisho.engine.gate.view_sql import role_of

    if as_json:
        click.echo(json.dumps(_as_json(planned), ensure_ascii=False, indent=1))
        return
    plan = planned.plan
    for view in plan.views:
        click.echo(f"✓ {role_of(plan.purpose)}.{view.table.name}: {len(view.shown)}列(除いた列 {len(view.left)})")
    click.echo(f"読ませるには: GRANT {role_of(plan.purpose)} TO ログイン;  そのうえで --enroll ログイン=従業者の参照")


def _tell_plan(planned: "Planned", *, as_json: bool) -> None:
    from sekisho.engine.gate.view_grants import ddl

    if as_json:
        click.echo(json.dumps(_as_json(planned), ensure_ascii=False, indent=1))
        return
    plan = planned.plan
    click.echo(f"-- {plan.system}: {plan.label} ({plan.purpose}, {plan.clause}), {plan.era}")
    for table, left in [(view.table.name, view.left) for view in plan.views] + list(plan.without.items()):
        for one in left:
            click.echo(f"-- {table}.{one.column}: {_why(one)}")
    if plan.views:
        click.echo("\n".join(["BEGIN;", *(f"{statement.sql};" for statement in ddl(plan)), "COMMIT;"]))
    else:
        click.echo(f"-- {text(ROOM, 'enforcement.nothing-to-see', 'ja', _of(planned))}")


def _as_json(planned: "Planned") -> dict[str, object]:
    from sekisho.engine.gate.view_grants import ddl
    from sekisho.engine.gate.view_sql import role_of

    plan = planned.plan
    return {
        "purpose": plan.purpose,
        "system": plan.system,
        "policy": plan.era,
        "role": role_of(plan.purpose),
        "views": [
            {
                "table": view.table.name,
                "columns": [
                    {"name": one.column.name, "item": one.column.item, "transform": one.transform or None}
                    for one in view.shown
                ],
                "without": [_left_json(one) for one in view.left],
            }
            for view in plan.views
        ],
        "without": {table: [_left_json(one) for one in left] for table, left in plan.without.items()},
        "statements": [{"about": one.about, "sql": one.sql} for one in ddl(plan)] if plan.views else [],
    }


def _left_json(left: "Left") -> dict[str, str]:
    return {
        "column": left.column,
        "item": left.item,
        "code": left.code,
        "clause": left.clause,
        "message": _why(left),
    }


def _why(left: "Left") -> str:
    return text(GATE, left.code, "ja", {"item": left.item, "clause": left.clause})


def _of(planned: "Planned") -> Mapping[str, str]:
    return {"purpose": planned.plan.purpose, "system": planned.plan.system}
