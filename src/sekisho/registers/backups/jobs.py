"""What goes on beside: keeping apart what commits, and letting backups die on their day."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import DatabaseError

from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.actions.keeping import keep_apart, keep_tombstones
from sekisho.registers.backups.actions.making import expire_backups

logger = logging.getLogger(__name__)


def after_commit() -> None:
    """Write apart what was just committed. What fails here is caught up by the next round, and the board says so."""
    _try(keep_tombstones)


def keep_current() -> None:
    """Recompute what should be apart, write what is missing, copy the ledger as far as it is signed."""
    _try(keep_apart)


def _try(keep: Callable[[], object]) -> None:
    try:
        keep()
    except (SekishoError, DatabaseError) as error:
        said = str(error) if isinstance(error, SekishoError) else type(error).__name__
        if said != _Told.last:  # each second of a server: once is enough until it is another
            logger.warning("%s", said)
        _Told.last = said
    else:
        _Told.last = ""


class _Told:
    last = ""


def expire(*, at: datetime) -> None:
    """Let backups die whose day has come."""
    _try(lambda: expire_backups(at=at))
