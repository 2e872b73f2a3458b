"""`sekisho key`: keys with which other systems ask the gate over HTTP."""

from datetime import UTC, datetime

import click

from sekisho.entrypoints.cli.groups import Commands
from sekisho.entrypoints.cli.retention import opened


@click.group(cls=Commands)
def command() -> None:
    """Make and revoke the keys with which other systems ask the gate over HTTP."""


@command.command()
@click.argument("name")
@click.option("--by", default="cli", show_default=True, help="who makes it")
@click.option(
    "--may",
    multiple=True,
    type=click.Choice(["evaluate", "search"]),
    default=["evaluate"],
    show_default=True,
    help="what it opens; search tells who may and on whom, so few systems need it",
)
def create(name: str, by: str, may: tuple[str, ...]) -> None:
    """Make a key for the system NAME and print it, once: only its hash is kept."""
    with opened():
        from sekisho.registers.decisions.actions import KeyScope, create_api_key

        scopes = [KeyScope(scope) for scope in may]
        click.echo(create_api_key(name=name, at=datetime.now(UTC), acting_user=by, scopes=scopes))


@command.command()
@click.argument("name")
@click.option("--by", default="cli", show_default=True, help="who revokes it")
def revoke(name: str, by: str) -> None:
    """Let the key of the system NAME open nothing from now on."""
    with opened():
        from sekisho.registers.decisions.actions import revoke_api_key

        revoke_api_key(name=name, at=datetime.now(UTC), acting_user=by)
