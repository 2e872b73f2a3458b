"""Letting go of lists: when their time is over, and when somebody on them is erased, suppressed or gone."""

import contextlib
import time
from collections.abc import Collection
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.lists.actions.building import PERSON
from sekisho.registers.lists.models import EligibleList, ReturnedMail
from sekisho.registers.lists.queries.records import FOLDER, file_of
from sekisho.registers.lists.rules import Why

UNDER_WAY = 3600  # seconds: an unfinished file younger than this may still be written


def expire(*, at: datetime) -> int:
    """Remove the files of lists whose time is over, and files no row knows. Evidence: `lists.dropped`."""
    over = EligibleList.objects.filter(expires_at__lte=at, gone_at=None)
    count = _drop(list(over), Why.EXPIRED, at)
    _remove_strangers()
    return count


def copies_of(person: str) -> tuple[str, ...]:
    """References of the lists whose file holds a person, or may."""
    rows = EligibleList.objects.filter(gone_at=None).order_by("ref")
    return tuple(row.ref for row in rows if _holds(file_of(row.ref), person))


def drop_for(*, person: str, at: datetime) -> int:
    """Remove the file of every list that holds a person, and what is noted of their mail; returns how many lists.

    Evidence: `lists.dropped`.
    """
    standing = EligibleList.objects.filter(gone_at=None)
    count = _drop([row for row in standing if _holds(file_of(row.ref), person)], Why.PERSON, at)
    with writing():
        ReturnedMail.objects.filter(person_ref=person).delete()
    _remove_strangers(person)
    return count


def drop_of(*, tables: Collection[tuple[str, str]], at: datetime) -> int:
    """Remove the file of every list with values from one of these tables; returns how many. Evidence: `lists.dropped`."""
    named = {f"{system}.{table}" for system, table in tables}
    standing = EligibleList.objects.filter(gone_at=None)
    return _drop([row for row in standing if named & set(row.tables)], Why.TABLE, at)


def _holds(path: Path, person: str) -> bool:
    if not path.exists():
        return False
    try:
        column = pq.read_table(path, columns=[PERSON]).column(PERSON)
    except pa.ArrowInvalid:  # not ours, or half written by somebody who was killed: whom it holds nobody can tell
        return True
    return bool(pc.any(pc.equal(column, person)).as_py())


def _is_old(path: Path) -> bool:
    return time.time() - path.stat().st_mtime > UNDER_WAY


def _drop(rows: list[EligibleList], why: Why, at: datetime) -> int:
    """Files first: a row that says gone must be true."""
    for row in rows:
        file_of(row.ref).unlink(missing_ok=True)
    if rows:
        refs = [row.ref for row in rows]
        with writing():
            EligibleList.objects.filter(ref__in=refs).update(gone_at=at, gone_why=why.value)
            append(kind="lists.dropped", body={"lists": refs[:100], "count": len(refs), "why": why.value}, at=at)
    return len(rows)


def _remove_strangers(person: str = "") -> None:
    """Files of a build that was killed, and of lists that are gone: whatever is old, or holds this person."""
    folder = Path(settings.HOME) / FOLDER
    known = {f"{ref}.parquet" for ref in EligibleList.objects.filter(gone_at=None).values_list("ref", flat=True)}
    with contextlib.suppress(FileNotFoundError):
        for file in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                if file.name not in known and (_is_old(file) or (person and _holds(file, person))):
                    file.unlink()
