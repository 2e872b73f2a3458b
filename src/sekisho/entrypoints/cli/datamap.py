"""`sekisho datamap`: hold the carrier's data map against its policy and against the systems as they really are."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from sekisho.connectors.opening import look
from sekisho.engine.errors import Fault, text
from sekisho.engine.policy.load import load as load_policy
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.datamap_crawl import command as crawl
from sekisho.entrypoints.cli.datamap_document import FOLDER, LANGUAGE, document
from sekisho.entrypoints.cli.datamap_exchange import export, import_
from sekisho.entrypoints.cli.datamap_ledger import ledger, picture
from sekisho.entrypoints.cli.datamap_reclassify import command as reclassify
from sekisho.entrypoints.cli.datamap_reclassify import reclassified
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.rules import Comparison

UNREAD = "datamap.unread-system"


@click.group(cls=Commands)
def command() -> None:
    """Crawl systems, check the data map, exchange it with others, show it."""


command.add_command(reclassify, "reclassify")
command.add_command(crawl, "crawl")
command.add_command(import_, "import")
command.add_command(export, "export")
command.add_command(ledger, "ledger")
command.add_command(picture, "picture")


@command.command()
@FOLDER
@click.option("--json", "as_json", is_flag=True, help="one object per finding, as a JSON list")
@click.option("--no-systems", is_flag=True, help="look at the document only")
@LANGUAGE
def check(*, folder: Path | None, as_json: bool, no_systems: bool, language: str) -> None:
    """List every undeclared column, every column without a class or deletion rule, every view declared narrower than
    what it is made from; exit 1 if there is any.
    """
    home = homes.directory()
    with refusing():
        found_document = document(home, folder)
        files = found_document.files
        policy, columns = load_policy(files), 0
        releases, said = reclassified(home)
        datamap, faults = rules.check(files[rules.FILE], policy, releases=releases)
        compared = None
        if datamap is not None and not no_systems:
            looked = look(datamap, home=home, urls=found_document.urls)
            compared = rules.compare(
                datamap, {id_: one if isinstance(one, str) else one.tables for id_, one in looked.items()}
            )
            stored = {id_: one.views for id_, one in looked.items() if not isinstance(one, str)}
            _, faults = rules.check(files[rules.FILE], policy, releases=releases, stored=stored)
            columns = compared.columns_seen + sum(
                len(view.columns) for views in stored.values() for view in views.values()
            )
    found = [_of_fault(fault, language) for fault in faults]
    found += list(_of_comparison(compared, language)) if compared else []
    _print(found, columns, as_json=as_json)
    if not as_json:
        for one in said:
            click.echo(one)
    sys.exit(1 if found else 0)


def _of_fault(fault: Fault, language: str) -> dict[str, object]:
    return fault.as_json(language)


def _of_comparison(compared: Comparison, language: str) -> Iterator[dict[str, object]]:
    for one in compared.differences:
        values = {"system": one.system, "table": one.table, "column": one.column}
        yield _finding(one.code, values | {"type": one.type, "declared": one.declared}, language)
    for system, code in compared.unread.items():
        yield _finding(UNREAD, {"system": system, "code": code}, language)


def _finding(code: str, values: Mapping[str, str], language: str) -> dict[str, object]:
    return {
        "code": code,
        "severity": "error",
        **{key: value for key, value in values.items() if value and key != "code"},
        "message": text(rules.ROOM, code, language, values),
        "remedy": text(rules.ROOM, code, f"{language}_remedy", values),
    }


def _print(found: list[dict[str, object]], columns: int, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        place = f"{one['path']}:{one['line']}:{one['column']}  " if "path" in one else ""
        click.echo(f"× {place}{one['message']}\n    → {one['remedy']}  ({one['code']})")
    click.echo(f"実際の列 {columns:,}、指摘 {len(found):,}件")
