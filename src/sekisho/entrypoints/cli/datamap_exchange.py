"""`sekisho datamap import` and `export`: the map's exchange with other inventories."""

import json
import sys
from pathlib import Path

import click

from sekisho.engine.catalog.model import SystemKind
from sekisho.engine.errors import DocumentRefused, SekishoError
from sekisho.engine.policy.load import load as load_policy
from sekisho.entrypoints import carrier as carriers
from sekisho.entrypoints import home as homes
from sekisho.entrypoints.cli.datamap_document import FOLDER, LANGUAGE, document
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.registers.datamap import rules

OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="write it there (default: standard output)"
)


@click.command()
@click.option("--from", "source", type=click.Choice(["fides"]), required=True, help="what the files are")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE…"
)
@click.option("--kind", type=click.Choice([kind.value for kind in SystemKind]), help="kind of store of these datasets")
@click.option("--url", help="where they stand")
@FOLDER
@OUT
@click.option("--json", "as_json", is_flag=True, help="the piece of the map and what was found as one JSON object")
@LANGUAGE
def import_(
    *,
    source: str,  # noqa: ARG001  one kind so far
    files: tuple[Path, ...],
    kind: str | None,
    url: str | None,
    folder: Path | None,
    out: Path | None,
    as_json: bool,
    language: str,
) -> None:
    """Read fideslang datasets into a piece of a data map. Broken files are refused with all faults at once (exit 1);
    collections that no request could reach are told.
    """
    try:
        with refusing():
            texts = {str(path): _text(path) for path in files}
        datasets = rules.read_datasets(texts)
    except DocumentRefused as refused:
        if as_json:
            click.echo(json.dumps([fault.as_json(language) for fault in refused.faults], ensure_ascii=False, indent=1))
        else:
            for fault in refused.faults:
                line = f"× {fault.place}  {fault.message(language)}\n    → {fault.remedy(language)}  ({fault.code})"
                click.echo(line, err=True)
        sys.exit(1)
    with refusing():
        found = rules.imported(datasets, items=_items(folder), kind=kind or "unknown", url=url or "unknown")
    lost = [f"{dataset.key}.{collection.name}" for dataset, collection in rules.unreachable(datasets)]
    dropped = {f"{dataset.key}.{name}": times for dataset in datasets for name, times in dataset.dropped}
    if out is not None:
        out.write_text(found.text, encoding="utf-8")
    if as_json:
        said = {
            "datasets": len(datasets),
            "columns": found.columns,
            "classed": found.classed,
            "not_personal": found.not_personal,
            "unknown": found.unknown,
            "unreachable": lost,
            "dropped": dropped,
            "map": found.text,
        }
        click.echo(json.dumps(said, ensure_ascii=False, indent=1))
        return
    _tell(found, lost, dropped, language)
    if out is None:
        click.echo(found.text, nl=False)


@click.command()
@click.option("--to", "target", type=click.Choice(["fides", "dpv"]), required=True, help="what to write")
@click.option(
    "--syntax",
    type=click.Choice(["jsonld", "turtle"]),
    default="jsonld",
    show_default=True,
    help="of the Data Privacy Vocabulary",
)
@FOLDER
@OUT
def export(*, target: str, syntax: str, folder: Path | None, out: Path | None) -> None:
    """Write the data map as fideslang datasets, or the processing it serves in the W3C Data Privacy Vocabulary."""
    with refusing():
        found = document(homes.directory(), folder)
        datamap = rules.load(found.text)
        if target == "fides":
            text = rules.rendered(rules.exported(datamap))
        else:
            write = rules.json_ld if syntax == "jsonld" else rules.turtle
            text = write(rules.processing(load_policy(found.files), datamap), rules.context())
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SekishoError("datamap.not-utf-8", room=rules.ROOM, path=path, byte=error.start) from error


def _items(folder: Path | None) -> frozenset[str]:
    """The items of the policy at hand; none where there is no policy, so that nothing is classed."""
    home = homes.directory()
    if folder is None and carriers.read(home) is None:
        return frozenset()
    return rules.vocabulary(load_policy(document(home, folder).files)).items


def _tell(found: rules.Imported, lost: list[str], dropped: dict[str, int], language: str) -> None:
    said = {
        "ja": (
            "列 {:,}(区分あり {:,}、個人に関しない {:,}、unknown {:,})",
            "本人をたどれない(請求で見つけられない)集まり: {}",
            "データマップに書く場所のない注記: {}",
        ),
        "en": (
            "{:,} columns ({:,} classed, {:,} not personal, {:,} unknown)",
            "collections no request could reach: {}",
            "annotations the map has no place for: {}",
        ),
    }[language]
    click.echo(said[0].format(found.columns, found.classed, found.not_personal, found.unknown), err=True)
    if lost:
        click.echo(said[1].format(", ".join(lost)), err=True)
    if dropped:
        click.echo(said[2].format(", ".join(f"{name} ×{times}" for name, times in dropped.items())), err=True)
