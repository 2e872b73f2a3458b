"""What a command needs that writes: Django set up, the database current, and its evidence numbered before it ends."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from uuid import uuid4

import click

from sekisho.engine.errors import DocumentRefused
from sekisho.entrypoints import home as homes


def start() -> None:
    """Set Django up and bring the product database up to date. Loads neither URLs nor the API."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.entrypoints.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


@contextmanager
def running() -> Generator[None]:
    """Run a command: what it wrote is sealed, numbered and signed when it ends, by it or by whoever holds the lease.

    Where the carrier follows its policy folder, an edit is taken into force first; a faulty one is told and left aside.
    """
    start()
    try:
        follow_policy()
        yield
    finally:
        from django.db import connections

        from sekisho.registers.decisions.actions import stop_sealing

        stop_sealing()
        number_evidence()
        connections.close_all()


def follow_policy() -> None:
    """Adopt the edited policy folder; say what is wrong with a faulty one, and go on under the version in force."""
    from sekisho.entrypoints.following import follow

    try:
        follow(homes.directory(), datetime.now(UTC))
    except DocumentRefused as error:
        for fault in error.faults:
            click.echo(f"! {fault.place} {fault.message()} → {fault.remedy()} ({fault.code})", err=True)
        click.echo("! 方針の文書に誤りがあるため、いま効力のある版のまま続けます", err=True)


def number_evidence() -> bool:
    """Number and sign what waits; False where another process holds the lease and will do it."""
    from sekisho.evidence import actions as evidence

    holder = f"command-{uuid4()}"
    while (done := evidence.sequence(at=datetime.now(UTC), holder=holder)).more:
        pass
    evidence.hand_to_witness()
    evidence.release(holder=holder)
    return done.is_holder
