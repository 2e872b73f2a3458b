"""The command's root: names and one-line helps of all commands, each loaded from its own module when called."""

import sys
from importlib import import_module
from typing import Any

import click

from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock
from sekisho.entrypoints.cli.misuse import saying_misuse
from sekisho.entrypoints.cli.refusing import refusing

COMMANDS = {  # name -> (module of this package, one line of help)
    "demo": ("demo", "build the demo carrier, run the whole story once, say what happened"),
    "serve": ("serve", "serve console, centre and API on loopback"),
    "policy": ("policy", "check, lint, render and compare policy documents"),
    "decide": ("decide", "ask the gate: JSON lines in, JSON lines out"),
    "eligible": ("eligible", "lists of people who may be used for a purpose, signed, rechecked when they are sent"),
    "sql": ("sql", "SQL under a purpose: SELECT over what it may see"),
    "key": ("key", "make and revoke the keys with which other systems ask over HTTP"),
    "views": ("views", "enforced views and grants in the carrier's PostgreSQL, and whether they still stand"),
    "datamap": ("datamap", "check the data map against the real systems"),
    "discover": ("discover", "find personal information in a database, files or text; hold it against the data map"),
    "retention": ("retention", "why something is still held, what is due, and the sweep"),
    "person": ("person", "whose a line was when; transfers, successions, names, ports, returns, deaths"),
    "erase": ("erase", "plan, approve, run, verify and certify the erasure of a person"),
    "desk": ("desk", "the request desk: forms out, scans and faxes in, the book of a day"),
    "backup": ("backup", "make, list and expire backups, see who came back, hold the drill"),
    "restore": ("restore", "put a backup into an empty home, locked"),
    "restore-check": ("restore_check", "replay what was decided since the backup, verify, and open"),
    "health": ("health", "whether this home is open, or locked after a restore"),
    "jobs": ("jobs", "long work: what runs, what waits, what stands still, what runs by itself and when"),
    "work": ("work", "carry jobs out without serving"),
    "ledger": ("ledger", "verify, prove and export the evidence ledger"),
    "promises": ("promises", "the promise board; exit 1 if any promise is broken"),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and imports one only when it is called."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The root's own line."""
        with saying_misuse():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Every command below and its line; what it refuses outside its own words is still said in words."""
        with saying_misuse(ctx), refusing():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"sekisho.entrypoints.cli.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table of commands, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


AT_ANY_TIME = frozenset({"restore", "restore-check", "health", "serve"})  # serve answers that the home is locked


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sekisho")
@click.pass_context
def main(context: click.Context) -> None:
    """Sekisho (関所): the published privacy policy is the program.

    The carrier it works for stands in the folder SEKISHO_HOME [default: var/demo]. Begin with `sekisho demo`, then
    `sekisho serve`. Each command says more under --help.
    """
    home = homes.directory()
    if (home / lock.FILE).exists() and context.invoked_subcommand not in AT_ANY_TIME and "--help" not in sys.argv:
        with refusing():
            lock.require_open(home)


if __name__ == "__main__":
    main()
