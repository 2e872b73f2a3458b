"""Files that leave over the console: the list with its manifest, and the list without those who dropped out."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import IO

from django.conf import settings

from sekisho.registers.lists import actions, queries
from sekisho.registers.lists.actions import HandedOver
from sekisho.registers.lists.queries import FOLDER


def parcel(handed: HandedOver) -> IO[bytes]:
    """The list and its manifest in one file that has no name here, and so is gone when it is sent."""
    ref = handed.row.ref
    out = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115  the response closes it
    with zipfile.ZipFile(out, "w") as archive:
        with archive.open(f"{ref}.parquet", "w", force_zip64=True) as entry:
            shutil.copyfileobj(handed.file, entry)
        archive.writestr(f"{ref}.manifest.json", handed.row.manifest)
    out.seek(0)
    return out


def still_usable(given: Iterable[bytes], ref: str, at: datetime, account: str) -> IO[bytes]:
    """The list somebody is about to send, without those who dropped out since it was built, and its manifest. Raises as `recheck`."""
    with tempfile.NamedTemporaryFile(dir=_folder()) as file:
        for chunk in given:
            file.write(chunk)
        file.flush()
        manifest = queries.list_of(ref).manifest
        found = actions.recheck(path=Path(file.name), manifest=manifest, at=at, acting_user=account)
    out = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115  the response closes it
    with zipfile.ZipFile(out, "w") as archive:
        with archive.open(f"{ref}-send.parquet", "w", force_zip64=True) as entry:
            entry.write(found.file)
        archive.writestr(f"{ref}-send.manifest.json", found.manifest)
    out.seek(0)
    return out


def _folder() -> Path:
    folder = Path(settings.HOME) / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
