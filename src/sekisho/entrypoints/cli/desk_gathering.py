"""`sekisho desk gather` and `sekisho desk redactions`: for who has no browser."""

import json
import sys
from datetime import datetime
from typing import TYPE_CHECKING

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints.cli.retention import AS_JSON, AT, BY, acting, instant, opened

if TYPE_CHECKING:
    from sekisho.casework.subject_requests.queries import Gathered
    from sekisho.casework.subject_requests.rules.gathering import RedactionRecord

ROOM = "sekisho.casework.subject_requests"
AROUND = 20  # signs before and after a place


@click.command()
@click.argument("reference")
@click.option(
    "--in-full", is_flag=True, help="called numbers with their last four digits, where the person asked for it"
)
@BY
@AT
@AS_JSON
def gather(reference: str, in_full: bool, acting_user: str | None, clock: str | None, as_json: bool) -> None:
    """Ask every system of the data map what it holds of the person of a case; exit 1 while one did not answer.

    Prints who answered and how many rows, no values.
    """
    with opened() as _:
        from sekisho.casework.subject_requests import actions, queries

        ref = actions.gather(
            reference=reference, at=instant(clock), acting_user=acting(acting_user, clock), in_full=in_full
        )
        found = queries.gathered(ref)
        if as_json:
            systems = [
                {"system": one.system, "state": one.state.value, "rows": one.rows, "code": one.code or None}
                for one in found.systems
            ]
            told = {"gathering": ref, "complete": found.is_complete, "waiting": len(found.waiting), "systems": systems}
            click.echo(json.dumps(told, ensure_ascii=False))
        else:
            for line in found.statement():
                click.echo(line)
            click.echo(f"{ref}　黒塗りの候補 残り{len(found.waiting)}件")
    sys.exit(0 if found.is_complete else 1)


@click.command()
@click.argument("reference")
@click.option("--keep", "kept", type=int, multiple=True, metavar="N", help="keep this redaction black; may be repeated")
@click.option("--lift", "lifted", type=int, multiple=True, metavar="N", help="lift this redaction; may be repeated")
@click.option("--reason", default="", metavar="KEY", help="on what they are lifted: own, not_personal, public, …")
@click.option("--all", "with_decided", is_flag=True, help="those already decided too")
@BY
@AT
@AS_JSON
def redactions(
    reference: str,
    kept: tuple[int, ...],
    lifted: tuple[int, ...],
    reason: str,
    with_decided: bool,
    acting_user: str | None,
    clock: str | None,
    as_json: bool,
) -> None:
    """What was gathered that may be somebody else's, by place; decide by number. Exit 1 while any waits.

    Shows values, so only to who opened the case (--by); every look is recorded.
    """
    with opened() as _:
        from sekisho.casework.subject_requests import actions, queries
        from sekisho.casework.subject_requests.rules.gathering import RedactionState

        at, who = instant(clock), acting(acting_user, clock)
        ref = _newest(reference, who)
        actions.record_view(reference=reference, account=who, at=at)
        for number in kept:
            actions.decide_redaction(ref=ref, number=number, keep=True, at=at, acting_user=who)
        for number in lifted:
            actions.decide_redaction(ref=ref, number=number, keep=False, reason=reason, at=at, acting_user=who)
        found = queries.gathered(ref)
        for one in found.redactions:
            if with_decided or one.state is RedactionState.PROPOSED or one.number in {*kept, *lifted}:
                told = _told(found, one)
                click.echo(json.dumps(told, ensure_ascii=False) if as_json else _line(told))
        waiting = len(found.waiting)
        if not as_json:
            click.echo(f"{ref}　残り{waiting}件")
    sys.exit(1 if waiting else 0)


def _newest(reference: str, who: str) -> str:
    """The newest gathering of a case that this person opened. Raises: requests.not-your-case, requests.unknown-gathering."""
    from sekisho.casework.subject_requests import queries

    if queries.case(reference).opened_by != who:
        raise SekishoError("requests.not-your-case", room=ROOM, reference=reference)
    ref = queries.gathering_of(reference)
    if not ref:
        raise SekishoError("requests.unknown-gathering", room=ROOM, ref=f"{reference}-G1")
    return ref


def _told(found: "Gathered", one: "RedactionRecord") -> dict[str, object]:
    section = found.sections[one.section]
    value = section.rows[one.row][[column.name for column in section.columns].index(one.column)]
    text = value if isinstance(value, str) else ""
    return {
        "number": one.number,
        "place": f"{section.system}.{section.table}",
        "row": one.row + 1,
        "column": one.column,
        "why": one.why,
        "state": one.state.value,
        "reason": one.reason or None,
        "before": text[max(one.start - AROUND, 0) : one.start],
        "text": text[one.start : one.end],
        "after": text[one.end : one.end + AROUND],
        "decided_at": _iso(one.decided_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _line(told: dict[str, object]) -> str:
    text = f"{told['before']}【{told['text']}】{told['after']}".replace("\n", " ")
    place = f"{told['place']} {told['row']}行目 {told['column']}"
    return f"{told['number']:>4}　{told['state']}　{told['why']}　{place}\n      {text}"
