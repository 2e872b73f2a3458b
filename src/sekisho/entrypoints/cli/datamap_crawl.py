"""`sekisho datamap crawl`: a system as it really is, as a proposal for the map and as differences from it."""

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import click

from sekisho.connectors.opening import SCHEMES, open_system, url_of
from sekisho.connectors.schema_keys import TableKeys, keys_of
from sekisho.engine.catalog.model import DataMap, Reference, System
from sekisho.engine.errors import SekishoError, text
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.datamap_document import FOLDER, LANGUAGE, document
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.rules import Crawled, Difference


@click.command()
@click.argument("named", metavar="SYSTEM_OR_URL")
@FOLDER
@click.option("--id", "id_", help="what a system that is not in the map shall be called")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="write the proposal there (default: standard output)"
)
@click.option("--json", "as_json", is_flag=True, help="the differences, the proposal and the keys as one JSON object")
@LANGUAGE
def command(
    *, named: str, folder: Path | None, id_: str | None, out: Path | None, as_json: bool, language: str
) -> None:
    """Crawl the schema of a system and hold it against the map: tables and columns missing, gone or retyped. What the
    map lacks is proposed as YAML with types, keys and references, its class left `unknown`; exit 1 if they differ.
    """
    with refusing(code=2):
        target = _target(named, folder, id_)
        crawled, views = _crawl(target)
    differences = rules.compare_system(target.system, crawled.tables)
    undeclared_views = sorted(set(views) - {*target.system.views, *target.system.tables})
    proposed = rules.proposal(
        target.system,
        crawled,
        comment="sekisho datamap crawl が書いた下書き。unknown を埋めるまで datamap check は通りません。",
    )
    if out is not None and proposed:
        out.write_text(proposed, encoding="utf-8")
    told = [_told(one, language) for one in differences]
    told += [_view(target.system.id, name, language) for name in undeclared_views]
    if as_json:
        columns = sum(len(one) for one in crawled.tables.values())
        answer = {"system": target.system.id, "columns": columns, "differences": told, "proposal": proposed}
        click.echo(json.dumps(answer, ensure_ascii=False, indent=1))
    else:
        _print(told, crawled, proposed if out is None else "", language)
    sys.exit(1 if told else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    system: System
    url: str


def _target(named: str, folder: Path | None, id_: str | None) -> _Target:
    """A system of the map by its name or its url, else a new one."""
    home = homes.directory()
    datamap, urls = _known(folder, home)
    systems = datamap.systems if datamap else {}
    if named in systems:
        return _Target(system=systems[named], url=url_of(systems[named], home=home, urls=urls))
    for system in systems.values():
        if url_of(system, home=home, urls=urls) == named:
            return _Target(system=system, url=named)
    scheme = named.partition("://")[0]
    if "://" not in named or scheme not in SCHEMES:
        schemes = ", ".join(f"{one}://" for one in SCHEMES)
        raise SekishoError("datamap.nothing-named", room=rules.ROOM, named=without_secret(named), schemes=schemes)
    own = id_ or _name_of(named)
    system = systems.get(own) or System(id=own, label=own, kind=SCHEMES[scheme], url=without_secret(named), tables={})
    return _Target(system=replace(system, id=own), url=named)


def _known(folder: Path | None, home: Path) -> tuple[DataMap | None, dict[str, str]]:
    if folder is None and carriers.read(home) is None:
        return None, {}
    found = document(home, folder)
    datamap, _ = rules.check(found.text, None)
    return datamap, dict(found.urls)


def _crawl(target: _Target) -> tuple[Crawled, tuple[str, ...]]:
    source = open_system(target.system, target.url)
    try:
        tables, views, keys = source.crawl(), tuple(source.views()), keys_of(source)
    finally:
        source.close()
    references: dict[tuple[str, str], tuple[Reference, ...]] = {}
    for table, known in keys.items():
        for column, reference in _referring(known):
            references[table, column] = (*references.get((table, column), ()), reference)
    return Crawled(
        tables=tables, keys={table: known.primary for table, known in keys.items()}, references=references
    ), views


def _referring(known: TableKeys) -> list[tuple[str, Reference]]:
    return [
        (own, Reference(table=one.table, column=theirs))
        for one in known.foreign
        for own, theirs in zip(one.columns, one.theirs, strict=True)
    ]


def without_secret(url: str) -> str:
    """The url without user and password: it is written into documents and shown."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])) if parts.netloc else url


def _name_of(url: str) -> str:
    """A name for a system out of the last part of its url."""
    stem = Path(urlsplit(url).path.rstrip("/")).stem.lower()
    name = "".join(sign if sign.isascii() and sign.isalnum() else "_" for sign in stem).strip("_")
    return name if name[:1].isalpha() else f"system_{name}".rstrip("_")


def _told(one: Difference, language: str) -> dict[str, str]:
    values = {
        "system": one.system,
        "table": one.table,
        "column": one.column,
        "type": one.type,
        "declared": one.declared,
    }
    return _finding(rules.ROOM, one.code, values, language)


def _view(system: str, name: str, language: str) -> dict[str, str]:
    return _finding("sekisho.engine.catalog", "catalog.undeclared-view", {"system": system, "table": name}, language)


def _finding(room: str, code: str, values: dict[str, str], language: str) -> dict[str, str]:
    return {
        "code": code,
        **{key: value for key, value in values.items() if value},
        "message": text(room, code, language, values),
        "remedy": text(room, code, f"{language}_remedy", values),
    }


def _print(told: list[dict[str, str]], crawled: Crawled, proposed: str, language: str) -> None:
    for one in told:
        click.echo(f"× {one['message']}\n    → {one['remedy']}  ({one['code']})", err=bool(proposed))
    columns = sum(len(one) for one in crawled.tables.values())
    sums = (len(crawled.tables), columns, len(told))
    line = (
        "表 {:,}、列 {:,}、データマップとの違い {:,}件"
        if language == "ja"
        else "{:,} tables, {:,} columns, {:,} differences from the map"
    )
    click.echo(line.format(*sums), err=bool(proposed))
    if proposed:
        click.echo(proposed, nl=False)
