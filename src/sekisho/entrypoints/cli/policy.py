"""`sekisho policy`: check, lint, render, compare policy folders. Reads files only; never loads Django.

`plan` (what a new version would change on real data) is not here yet.
"""

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from sekisho.engine.erasure.contradictions import in_policy
from sekisho.engine.erasure.floors import retention_law
from sekisho.engine.errors import Fault, SekishoError, Severity
from sekisho.engine.law.pack import law
from sekisho.engine.policy.diff import How, diff
from sekisho.engine.policy.load import MAIN
from sekisho.engine.policy.load import check as check_files
from sekisho.engine.policy.load import lint as lint_policy
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.page import html, markdown
from sekisho.engine.policy.schema import json_schema
from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.refusing import refusing
from sekisho.entrypoints.home import ROOM

TOKYO = ZoneInfo("Asia/Tokyo")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FOLDERS = click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=FOLDER)
LANGUAGE = click.option(
    "--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True, help="of what is printed"
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="one object per finding, as a JSON list")
MARKS = {Severity.ERROR: "×", Severity.WARNING: "△", Severity.NOTE: "・"}
SIGNS = {How.ADDED: "+", How.REMOVED: "-", How.CHANGED: "~"}


@click.group(cls=Commands)
def command() -> None:
    """Check, lint, render and compare policy documents (`plan` comes with a later release)."""


@command.command()
@FOLDERS
@AS_JSON
@LANGUAGE
def check(folders: tuple[Path, ...], *, as_json: bool, language: str) -> None:
    """Read each FOLDER and report every fault with file:line:column; exit 1 if there is an error."""
    found: list[Fault] = []
    read = []
    for folder in folders:
        policy, faults = check_files(_read(folder))
        faults += in_policy(policy, retention_law(law(datetime.now(TOKYO).date()))) if policy else ()
        found += faults
        read.append(policy)
        if as_json:
            continue
        _print(faults, language)
        if policy is not None:
            click.echo(f"{policy.era}: {len(policy.clauses)}/{policy.clause_count} clauses")
    if as_json:
        _print_json(found, language)
    sys.exit(1 if None in read else 0)


@command.command()
@FOLDERS
@AS_JSON
@LANGUAGE
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="judge papers and editions on this day (default: today)")
def lint(folders: tuple[Path, ...], *, as_json: bool, language: str, on: datetime | None) -> None:
    """Report what is wrong with the policy in each FOLDER as a policy; exit 1 if a finding is an error."""
    day = on.date() if on else datetime.now(TOKYO).date()
    found: list[Fault] = []
    for folder in folders:
        policy = _load(folder, language)
        findings = lint_policy(policy, law(day))
        found += findings
        if as_json:
            continue
        _print(findings, language)
        counts = {severity: sum(1 for one in findings if one.severity is severity) for severity in Severity}
        click.echo(f"{policy.era}: " + ", ".join(f"{count} {severity.value}" for severity, count in counts.items()))
    if as_json:
        _print_json(found, language)
    sys.exit(1 if any(one.severity is Severity.ERROR for one in found) else 0)


@command.command()
@click.argument("folder", type=FOLDER)
@LANGUAGE
@click.option("--format", "form", type=click.Choice(["html", "md"]), default="html", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="write here instead of printing")
def render(folder: Path, *, language: str, form: str, output: Path | None) -> None:
    """Write the published text of the policy in FOLDER: every clause, with its id as anchor."""
    policy = _load(folder, language)
    text = (html if form == "html" else markdown)(policy, law(), language)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        click.echo(f"{output}: {len(policy.clauses)} clauses")


@command.command(name="diff")
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@click.option("--json", "as_json", is_flag=True, help="one object per change, as a JSON list")
@LANGUAGE
def diff_command(old: Path, new: Path, *, as_json: bool, language: str) -> None:
    """List what differs between the policies in OLD and NEW, by clause."""
    changes = diff(_load(old, language), _load(new, language))
    if as_json:
        click.echo(json.dumps([change.as_json() for change in changes], ensure_ascii=False, indent=2))
        return
    for change in changes:
        click.echo(
            f"{SIGNS[change.how]} {change.part} {change.key}" + (f"  [{change.clause}]" if change.clause else "")
        )
        for name in change.after:
            click.echo(f"    {name}: {change.before[name]} -> {change.after[name]}")
    click.echo(f"{len(changes)} changes")


@command.command()
def schema() -> None:
    """Print the JSON Schema of the policy format, for editors."""
    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))


def _read(folder: Path) -> dict[str, str]:
    """The folder's YAML files by path as the user would write it."""
    with refusing():
        _require_policy(folder)
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*.y*ml")):
        try:
            files[str(path)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise click.ClickException(f"{path}: not UTF-8 at byte {error.start}") from error
    return files


def _require_policy(folder: Path) -> None:
    """A folder without a policy is not read: where policies stand below it, they are named."""
    if (folder / MAIN).is_file():
        return
    below = sorted(path.parent for path in folder.glob(f"*/{MAIN}"))
    if below:
        raise SekishoError("policy-folder.holds-folders", room=ROOM, folder=folder, found=" ".join(map(str, below)))
    raise SekishoError("policy-folder.holds-nothing", room=ROOM, folder=folder)


def _load(folder: Path, language: str) -> Policy:
    policy, faults = check_files(_read(folder))
    if policy is None:
        _print([fault for fault in faults if fault.severity is Severity.ERROR], language, err=True)
        sys.exit(1)
    return policy


def _print(faults: Sequence[Fault], language: str, *, err: bool = False) -> None:
    for fault in faults:
        about = " ".join(part for part in (fault.clause, fault.place.field) if part)
        click.echo(f"{fault.place}: {MARKS[fault.severity]} {fault.message(language)} [{fault.code}]", err=err)
        said = f"    {about}: {fault.remedy(language)}" if about else f"    {fault.remedy(language)}"
        click.echo(said + (f" ({fault.source})" if fault.source else ""), err=err)


def _print_json(faults: Sequence[Fault], language: str) -> None:
    click.echo(json.dumps([fault.as_json(language) for fault in faults], ensure_ascii=False, indent=2))
