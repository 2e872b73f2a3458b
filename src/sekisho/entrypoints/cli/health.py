"""`sekisho health`: open or locked. Reads one file; changes nothing."""

import json
import sys

import click

from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock

LOCKED = 3


@click.command()
def command() -> None:
    """Print whether this home is open or locked after a restore; exit 3 where it is locked."""
    said = lock.health(homes.directory())
    click.echo(json.dumps(said))
    sys.exit(LOCKED if said["state"] == "locked" else 0)
