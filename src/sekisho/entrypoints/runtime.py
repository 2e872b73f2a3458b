"""What a command needs that writes: Django set up, the database current, and its evidence numbered before it ends."""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import click

from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import home as homes
from sekisho.entrypoints import lock

NOT_YET = "evidence.not-covered-yet"


def start() -> None:
    """Set Django up and bring the product database up to date. Loads neither URLs nor the API.

    Raises: home.no-carrier, home.not-usable, home.database-refused.
    """
    home = homes.directory()
    homes.require_carrier(home)
    set_up(home)


def set_up(home: Path) -> None:
    """The same for a home that is being built. Raises: home.not-usable, home.database-refused, backups.locked."""
    lock.require_open(home)
    set_up_locked(home)


def set_up_locked(home: Path) -> None:
    """The same for a home that was restored and is being opened. Raises: home.not-usable, home.database-refused."""
    set_up_django()
    from django.core.management import call_command
    from django.db import DatabaseError

    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        why = next(iter(str(error).splitlines()), "") or type(error).__name__
        raise SekishoError("home.database-refused", room=homes.ROOM, home=home, why=why) from error


def set_up_django() -> None:
    """Settings, apps and models; the database is not touched."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.entrypoints.settings")
    import django

    django.setup()


@contextmanager
def running(*, building: Path | None = None) -> Generator[None]:
    """Run a command: what it wrote is sealed, numbered and signed when it ends, by it or by whoever holds the lease.

    Where the carrier follows its policy folder, an edit is taken into force first; a faulty one is told and left aside.
    `building`: the home of a carrier that does not stand yet. Raises: what `start` raises.
    """
    if building is None:
        start()
    else:
        set_up(building)
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
    from sekisho.entrypoints.following import following_fault, try_following

    try_following(homes.directory(), datetime.now(UTC))
    fault = following_fault()
    if fault is not None:
        for place, message, code in fault.told():
            click.echo(f"! {place} {message} ({code})", err=True)
        click.echo(f"! {fault.heading()} / {fault.heading('en')}", err=True)


def wait_for_number(entry: str) -> None:
    """Number the entry and sign over it, or wait until whoever holds the lease has.

    Somebody else's lease ends by itself when its holder died. Raises: evidence.not-covered-yet.
    """
    from sekisho.evidence import queries as ledger
    from sekisho.evidence.actions import LEASE

    deadline = time.monotonic() + LEASE.total_seconds() + 2
    while True:
        number_evidence()
        try:
            ledger.receipt(entry)
        except SekishoError as error:
            if error.code != NOT_YET or time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def number_evidence(*, hand_over: bool = True) -> bool:
    """Number and sign what waits; False where another process holds the lease and will do it."""
    from sekisho.evidence import actions as evidence
    from sekisho.registers.backups import jobs as backups

    holder = f"command-{uuid4()}"
    while (done := evidence.sequence(at=datetime.now(UTC), holder=holder)).more:
        pass
    if hand_over:
        evidence.hand_to_witness()
    evidence.release(holder=holder)
    backups.keep_current()
    return done.is_holder
