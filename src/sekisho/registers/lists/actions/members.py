"""Keeping who was on a list that leaves for somebody else, for as long as a record of provision is kept (APPI 29(2))."""

import contextlib
import os
import secrets
import tempfile
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.periods import add
from sekisho.evidence.actions import append
from sekisho.evidence.writing import writing
from sekisho.registers.lists.actions.building import PERSON
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries.members import key_of, marks_of
from sekisho.registers.lists.rules.limits import limits
from sekisho.registers.lists.rules.members import marks

KEY_SIZE = 32


def keep_members(ref: str, file: Path) -> None:
    """Write the marks of everybody on a list, before it leaves. A repeat, or another taker, writes the same."""
    try:
        people = pq.read_table(file, columns=[PERSON]).column(PERSON).to_pylist()
    except (pa.ArrowInvalid, FileNotFoundError):
        return  # not the file that was built, or taken meanwhile: it does not leave
    _write(marks_of(ref), marks(_key(ref), people))


def expire_members(*, at: datetime) -> int:
    """Let go of the marks of lists that left longer ago than records of provision are kept, and of lists that never left.

    Evidence: `lists.members-dropped`.
    """
    today = tokyo_date(at)
    keep = law(today).floors[limits().members_floor].period
    known = {row.ref: row for row in EligibleList.objects.all()}
    over = []
    for path in sorted(marks_of("").parent.glob("*.marks")):
        row = known.get(path.stem)
        left = row.handed_over_at if row else None
        is_waiting = row is not None and left is None and row.gone_at is None
        if not is_waiting and (left is None or add(tokyo_date(left), keep) < today):
            over.append(path.stem)
    if over:
        with writing():
            append(kind="lists.members-dropped", body={"lists": over[:100], "count": len(over)}, at=at)
    for ref in over:
        key_of(ref).unlink(missing_ok=True)
        marks_of(ref).unlink(missing_ok=True)
    return len(over)


def _key(ref: str) -> bytes:
    """The key of a list's marks: whoever comes first makes it."""
    path = key_of(ref)
    if not path.exists():
        new = _written(path, secrets.token_bytes(KEY_SIZE))
        with contextlib.suppress(FileExistsError):
            os.link(new, path)
        new.unlink()
    return path.read_bytes()


def _write(path: Path, content: bytes) -> None:
    _written(path, content).replace(path)


def _written(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".new")  # readable by its owner only
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
