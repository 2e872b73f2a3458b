"""`sekisho discover`: find Japanese personal information in a database, files, a folder or text. Never loads Django.

The values found are not printed: their place is.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from sekisho.connectors.documents import read_folder
from sekisho.connectors.sample_files import Passage, Sample, Unread, decoded
from sekisho.connectors.samples import Sampled, Wish, samples
from sekisho.engine.catalog.model import DataMap, System
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.folding import fold_number
from sekisho.engine.scanning.columns import ColumnFinding
from sekisho.engine.scanning.comparing import declared, is_undeclared, system_of
from sekisho.engine.scanning.recogniser import Grade
from sekisho.engine.scanning.tables import WHOLE, judge_table
from sekisho.engine.scanning.text import scan
from sekisho.engine.scanning.weighing import THRESHOLD, Finding
from sekisho.entrypoints.cli.language import LANGUAGE, spoken
from sekisho.entrypoints.cli.misuse import give_one
from sekisho.entrypoints.cli.refusing import refusing, tell
from sekisho.registers.datamap import rules

STDIN = "-"
ROOM = "sekisho.engine.scanning"
MARKS = {Grade.BLOCKED: "×", Grade.SECRET: "×", Grade.SENSITIVE: "△", Grade.PERSONAL: "・", Grade.NOT_PERSONAL: " "}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One finding where it was found. `undeclared` is None where no map was given."""

    location: str
    finding: Finding | ColumnFinding
    undeclared: bool | None = None


@click.command()
@click.argument("source", required=False)
@click.option("--systems", is_flag=True, help="look over the carrier's own systems and keep what is found")
@click.option("--again", is_flag=True, help="judge anew what older rules judged, reading only what must be read")
@click.option("--alarms", is_flag=True, help="what was found and is not in the map, without looking; exit 1 if any")
@click.option("--patch", is_flag=True, help="the change of the data map that was accepted, as a diff")
@click.option("--queue", is_flag=True, help="rows left in a catch-all class; exit 1 if any for too long")
@click.option("--json", "as_json", is_flag=True, help="one object per finding and per unread file, as a JSON list")
@click.option("--schema-only", is_flag=True, help="read names of columns, no data")
@click.option("--rows", default=1000, show_default=True, help="drawn of each table")
@click.option("--score", default=THRESHOLD, show_default=True, help="tell findings from this score on (0 to 1)")
@click.option("--own", multiple=True, metavar="NUMBER", help="a phone number of the carrier itself; may be repeated")
@click.option(
    "--map",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="policy folder whose data map the source is held against; exit 1 if personal data is not declared",
)
@click.option(
    "--system", help="which system of the map SOURCE is (default: by its tables); with --systems the only one"
)
@LANGUAGE
def command(
    source: str | None,
    *,
    systems: bool,
    again: bool,
    alarms: bool,
    patch: bool,
    queue: bool,
    as_json: bool,
    schema_only: bool,
    rows: int,
    score: float,
    own: tuple[str, ...],
    folder: Path | None,
    system: str | None,
    language: str | None,
) -> None:
    """Find personal information in SOURCE: a database URL, a file or folder (csv, tsv, xlsx, pdf, jsonl, parquet, sqlite, duckdb,
    text), or - for text on standard input. Without SOURCE, in the carrier's own systems. Exit 1 if anything could not be read.
    """
    speech = spoken(language)
    if source is None:
        from sekisho.entrypoints.cli import discover_systems as own_systems

        asked = [
            name
            for name, is_asked in (
                ("systems", systems),
                ("again", again),
                ("alarms", alarms),
                ("patch", patch),
                ("queue", queue),
            )
            if is_asked
        ]
        if len(asked) != 1:
            raise give_one("SOURCE", "--systems", "--again", "--alarms", "--patch", "--queue")
        sys.exit(
            own_systems.run(asked[0], as_json=as_json, schema_only=schema_only, rows=rows, only=system, language=speech)
        )
    if systems or again or alarms or patch or queue:
        raise give_one("SOURCE", "--systems", "--again", "--alarms", "--patch", "--queue")
    with refusing():
        datamap = rules.load(read_folder(folder)[rules.FILE]) if folder else None
        looked = list(_looked(source, Wish(rows=rows, schema_only=schema_only)))
        own_numbers = frozenset(fold_number(number) for number in own)
        told = list(_judged(looked, datamap, system, source, score, own_numbers))
    unread = [one for one in looked if isinstance(one, Unread)]
    for one in unread:
        tell(one.error)
    if as_json:
        said = [_as_json(source, one, speech) for one in told] + [_unread(source, one, speech) for one in unread]
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
    else:
        _print(told, speech)
    click.echo(_sum(told, looked, speech, is_compared=datamap is not None), err=True)
    sys.exit(1 if unread or any(one.undeclared for one in told) else 0)


def _looked(source: str, wish: Wish) -> Iterator[Sampled]:
    if source == STDIN:
        yield Passage(location=STDIN, text=decoded(sys.stdin.buffer.read(), STDIN))
    else:
        yield from samples(source, wish)


def _judged(
    looked: list[Sampled],
    datamap: DataMap | None,
    named: str | None,
    source: str,
    score: float,
    own: frozenset[str],
) -> Iterator[_Told]:
    held = None if datamap is None else _system(datamap, looked, named, source)
    for one in looked:
        if isinstance(one, Passage):
            for finding in scan(one.text, threshold=score, own_numbers=own):
                yield _Told(location=one.location, finding=finding)
        elif isinstance(one, Sample):
            for column, findings in judge_table(one.columns, threshold=score, own_numbers=own).items():
                items = () if held is None else declared(held, one.table, column)
                for judged in findings:
                    yield _Told(
                        location=f"{one.table}.{column}" if column != WHOLE else one.table,
                        finding=judged,
                        undeclared=None if held is None else is_undeclared(judged, items),
                    )


def _system(datamap: DataMap, looked: list[Sampled], named: str | None, source: str) -> System:
    tables = [one.table for one in looked if isinstance(one, Sample)]
    if not tables:
        raise SekishoError("discover.nothing-to-compare", room=ROOM, source=source)
    return system_of(datamap, tables, named=named)


def _as_json(source: str, told: _Told, language: str) -> dict[str, object]:
    finding = told.finding
    said: dict[str, object] = {
        "source": _without_password(source),
        "location": told.location,
        "start": finding.start if isinstance(finding, Finding) else None,
        "end": finding.end if isinstance(finding, Finding) else None,
        "type": finding.type,
        "score": finding.score,
        "why": finding.why.said(language),
        "label": finding.label.said(language),
        "grade": finding.grade.name.lower(),
    }
    if isinstance(finding, ColumnFinding):
        said |= {"sampled": finding.sampled, "matched": finding.matched}
    if told.undeclared is not None:
        said["undeclared"] = told.undeclared
    return said


def _unread(source: str, one: Unread, language: str) -> dict[str, object]:
    """What could not be read stands among the findings: nobody knows what is in it."""
    return {
        "source": _without_password(source),
        "location": one.location,
        "type": None,
        "unread": one.error.code,
        "why": one.error.message(language),
    }


def _without_password(source: str) -> str:
    scheme, separator, rest = source.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}" if separator else source


def _print(told: list[_Told], language: str) -> None:
    for one in told:
        finding = one.finding
        place = f"{one.location}:{finding.start}-{finding.end}" if isinstance(finding, Finding) else one.location
        alarm = (
            "" if not one.undeclared else ("  [not in the data map]" if language == "en" else "  [データマップにない]")
        )
        click.echo(f"{place}: {MARKS[finding.grade]} {finding.label.said(language)} ({finding.score:.2f}){alarm}")
        click.echo(f"    {finding.why.said(language)}")


def _sum(told: list[_Told], looked: list[Sampled], language: str, *, is_compared: bool) -> str:
    """What was looked over and what not. A map that was not given is not spoken of."""
    tables, texts, unread = (sum(isinstance(one, kind) for one in looked) for kind in (Sample, Passage, Unread))
    undeclared = sum(1 for one in told if one.undeclared)
    if language == "en":
        said = f"{len(told)} findings in {tables} tables and {texts} texts"
        said += f", {undeclared} not in the data map" if is_compared else ""
        return said + (f"; {unread} could not be read" if unread else "")
    said = f"表{tables}件と文章{texts}件に{len(told)}件"
    said += f"、うちデータマップにないもの{undeclared}件" if is_compared else ""
    return said + (f"。読めなかったもの{unread}件" if unread else "")
