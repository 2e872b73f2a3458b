"""`sekisho retention hold|extend|review|release|holds`: what stops an erasure, on whose paper and until when."""

import json
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.entrypoints.cli.asking_options import AS_JSON, AT, date_option
from sekisho.entrypoints.cli.language import LANGUAGE, spoken

if TYPE_CHECKING:
    from sekisho.registers.retention.queries import HoldRecord

BY = click.option("--by", "acting_user", required=True, metavar="REF", help="who does it, of the register of people")
APPROVED_BY = click.option(
    "--approved-by", required=True, metavar="REF", help="the second person, whose role may approve"
)
STATES = {
    "ja": {
        "stands": "有効",
        "to-review": "見直しの日が来ています",
        "ended": "期限が過ぎて終わりました",
        "released": "解除済み",
    },
    "en": {"stands": "stands", "to-review": "to be reviewed", "ended": "ended by itself", "released": "released"},
}


@click.command()
@click.option("--kind", metavar="KIND", help="kind of hold (see below); it says ground and period")
@click.option("--ground", metavar="RET-n", help="ground for keeping, where no kind is named")
@click.option("--source", required=True, metavar="PAPER", help="the order or paper: file number and day, no names")
@click.option("--person", metavar="PERSON", help="about whom: a reference, or kind:value such as number:09000000001")
@click.option("--table", metavar="SYSTEM[.TABLE]", help="only in this system, or this table")
@click.option("--item", "items", multiple=True, metavar="CLASS[.FIELD]", help="only this class; may be repeated")
@click.option("--everything", is_flag=True, help="over everything the carrier holds: every sweep stops")
@date_option("--from", "placed_on", "first day  [default: today]")
@date_option("--until", "until", "last day  [default: the kind's period, else until released]")
@date_option("--review", "review_on", "look at it again on  [default: six months on, where it has no last day]")
@click.option("--confidential", is_flag=True, help="secrecy was asked: only the authorities desk knows of it")
@BY
@APPROVED_BY
@AT
def hold(
    kind: str | None,
    ground: str | None,
    source: str,
    person: str | None,
    table: str | None,
    items: tuple[str, ...],
    everything: bool,
    placed_on: date | None,
    until: date | None,
    review_on: date | None,
    confidential: bool,
    acting_user: str,
    approved_by: str,
    clock: str | None,
) -> None:
    """Stop erasure on a paper: of a person, a table, some classes, or --everything. It freezes and opens nothing.

    Two people place it: --by and --approved-by. Periods come from the law packs: an investigator's preservation request
    stands 30 days and can be extended to 60 in total. Prints the hold's reference.

    \b
    sekisho retention hold --kind legal_claim --source "東京地裁 令和8年(ワ)123号" \\
        --person customer_no:C00100000 --by hosa --approved-by kansa
    sekisho retention hold --kind preservation --source "保全要請書 2026-11-20" \\
        --person number:09000000001 --confidential --by kankocho --approved-by kansa

    Kinds: preservation, erasure_ban, authority_order, legal_duty (RET-1), consent (RET-2), own_need (RET-3),
    legal_claim, special_reason (RET-4). `sekisho retention holds --kinds` says what each means.
    """
    from sekisho.entrypoints.cli.retention import instant, opened, resolved

    with opened():
        from sekisho.registers.retention import actions

        at = instant(clock)
        system, _, name = (table or "").partition(".")
        ref = actions.place_hold(
            kind=kind or "",
            ground=ground or "",
            source=source,
            person=resolved(person, at) if person else "",
            system=system,
            table=name,
            items=items,
            placed_on=placed_on or tokyo_date(at),
            until=until,
            review_on=review_on,
            is_confidential=confidential,
            is_over_everything=everything,
            at=at,
            acting_user=acting_user,
            approved_by=approved_by,
        )
    click.echo(ref)


@click.command()
@click.argument("ref", metavar="HOLD")
@date_option("--until", "until", "the new last day", required=True)
@click.option("--source", required=True, metavar="PAPER", help="the paper that asks for more time")
@BY
@APPROVED_BY
@AT
def extend(ref: str, until: date, source: str, acting_user: str, approved_by: str, clock: str | None) -> None:
    """Let HOLD stand longer, within what the law allows in total."""
    from sekisho.entrypoints.cli.retention import instant, opened

    with opened():
        from sekisho.registers.retention import actions

        actions.extend_hold(
            hold=ref, until=until, source=source, at=instant(clock), acting_user=acting_user, approved_by=approved_by
        )


@click.command()
@click.argument("ref", metavar="HOLD")
@date_option("--next", "review_on", "look at it again on", required=True)
@BY
@AT
def review(ref: str, review_on: date, acting_user: str, clock: str | None) -> None:
    """Say that the reason for HOLD still stands, and when it is looked at next."""
    from sekisho.entrypoints.cli.retention import instant, opened

    with opened():
        from sekisho.registers.retention import actions

        actions.review_hold(hold=ref, review_on=review_on, at=instant(clock), acting_user=acting_user)


@click.command()
@click.argument("ref", metavar="HOLD")
@click.option("--reason", default="", help="why it ends: no names")
@BY
@AT
def release(ref: str, reason: str, acting_user: str, clock: str | None) -> None:
    """End HOLD today: what waited for it is due again, and the next sweep takes it."""
    from sekisho.entrypoints.cli.retention import instant, opened

    with opened():
        from sekisho.registers.retention import actions

        actions.release_hold(hold=ref, reason=reason, at=instant(clock), acting_user=acting_user)


@click.command()
@click.option("--all", "with_ended", is_flag=True, help="those that were released or ended, too")
@click.option("--kinds", is_flag=True, help="instead: which kinds of hold there are, on which ground and how long")
@click.option("--confidential", "desk", metavar="REF", help="for the authorities desk: who asks, of that desk")
@AT
@AS_JSON
@LANGUAGE
def holds(
    with_ended: bool, kinds: bool, desk: str | None, clock: str | None, as_json: bool, language: str | None
) -> None:
    """What stops erasure now: on which ground and paper, until when, and when it is looked at again."""
    from sekisho.entrypoints.cli.retention import instant, opened

    tongue, at = spoken(language), instant(clock)
    if kinds:
        _tell_kinds(tokyo_date(at), tongue, as_json=as_json)
        return
    with opened():
        from sekisho.registers.retention import queries

        on = tokyo_date(at)
        found = queries.holds(on, with_ended=with_ended, confidential_for=desk or "", at=at)
    if as_json:
        click.echo(json.dumps([one.as_json(on) for one in found], ensure_ascii=False, indent=1))
    for one in () if as_json else found:
        _tell(one, on, tongue)
    if not found and not as_json:
        click.echo("消去を止める保留はありません" if tongue == "ja" else "nothing stops erasure")
    sys.exit(0)


def _tell(one: "HoldRecord", on: date, language: str) -> None:
    is_ja = language == "ja"
    label, article = (one.label, one.article) if is_ja else (one.label_en, one.article_en)
    over = one.person or (f"{one.system}.{one.table}".strip(".") or ("すべて" if is_ja else "everything"))
    days = [f"{'最後の日' if is_ja else 'last day'} {one.until}"] if one.until else []
    days += [f"{'延長しても' if is_ja else 'at the longest'} {one.longest}"] if one.longest else []
    days += [f"{'見直し' if is_ja else 'review'} {one.review_on}"] if one.review_on else []
    click.echo(f"{one.ref}　{STATES[language][one.state(on)]}　{over}　{', '.join(one.items)}".rstrip("　"))
    click.echo(f"   {one.ground} {label}（{article} [{one.mark}]）")
    click.echo(f"   {one.source}　{one.placed_on} {one.placed_by}, {one.approved_by}　{' / '.join(days)}".rstrip("　"))


def _tell_kinds(on: date, language: str, *, as_json: bool) -> None:
    packs = law(on)
    items = [
        {
            "kind": kind.id,
            "label": kind.name(language),
            "ground": kind.ground,
            "period": kind.period or None,
            "longest": kind.longest or None,
            "confidential": kind.confidential,
            "needs_person": kind.needs_person,
            "article": "、".join(packs.cite(key).text(language) for key in kind.cites),
            "source_mark": kind.certainty.value,
        }
        for kind in packs.hold_kinds.values()
    ]
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False, indent=1))
        return
    for one in items:
        span = f" {one['period']}→{one['longest']}" if one["period"] else ""
        click.echo(f"{one['kind']} ({one['ground']}{span}): {one['label']}  {one['article']} [{one['source_mark']}]")
