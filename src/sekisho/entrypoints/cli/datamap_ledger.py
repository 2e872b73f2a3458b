"""`sekisho datamap ledger` and `picture`: 個人情報管理台帳, and systems, flows and recipients as a drawing."""

import getpass
import json
from pathlib import Path

import click

from sekisho.entrypoints.cli.datamap_document import LANGUAGE
from sekisho.entrypoints.cli.retention import AT, instant, opened

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--xlsx", type=FILE, help="write the ledger there as a spreadsheet")
@click.option("--count", is_flag=True, help="look at every system now and count the rows of every table")
@click.option("--json", "as_json", is_flag=True, help="one object per class and system, as a JSON list")
@AT
@LANGUAGE
def ledger(*, xlsx: Path | None, count: bool, as_json: bool, clock: str | None, language: str) -> None:
    """Show 個人情報管理台帳: per class and system what is held of whom, for what, how acquired, where, by whom, whither,
    until when, and how safely.
    """
    with opened():
        from sekisho.registers.datamap import actions, queries, rules
        from sekisho.registers.policies import queries as policies

        at = instant(clock)
        rows = queries.ledger(at)
        if count:
            actions.look(at=at, acting_user=getpass.getuser(), is_counting=True)
        looks = queries.looks()
        said = [rules.cells(row, looks.get(row.system), language) for row in rows]
        if xlsx is not None:
            from sekisho.registers.datamap.rules.workbook import workbook

            title = policies.in_force(at).operator.name
            xlsx.write_bytes(workbook(rows, looks, title=title, at=at, language=language))
    if as_json:
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    for one in said:
        number = f"{one['rows']:,}" if isinstance(one["rows"], int) else "―"
        click.echo(f"{one['class']}　{one['system']}　{one['subjects']}　{number}")
    open_ones = sum(bool(row.gaps) for row in rows)
    line = (
        "{:,}行、書かれていないことのある行 {:,}"
        if language == "ja"
        else "{:,} rows, {:,} of them with something not said"
    )
    click.echo(line.format(len(rows), open_ones))
    if xlsx is not None:
        click.echo(str(xlsx))


@click.command()
@click.option("--svg", type=FILE, help="write the drawing there (default: standard output)")
@AT
@LANGUAGE
def picture(*, svg: Path | None, clock: str | None, language: str) -> None:
    """Draw systems, what they hold, what is made from what, and to whom it goes, as SVG."""
    with opened():
        from sekisho.registers.datamap import queries

        drawn = queries.picture(instant(clock), language=language, is_alone=True)
    if svg is None:
        click.echo(drawn.svg, nl=False)
    else:
        svg.write_text(drawn.svg, encoding="utf-8")
