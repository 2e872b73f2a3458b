"""A folder of documents, read: a policy with its data map and texts."""

from collections.abc import Mapping
from pathlib import Path

from sekisho.engine.errors import SekishoError

READ = {".yaml", ".yml", ".md", ".txt"}


def read_folder(folder: Path) -> Mapping[str, str]:
    """The documents of a folder: path relative to it -> text, in order of path.

    Raises: connector.no-such-folder, connector.not-utf8.
    """
    if not folder.is_dir():
        raise SekishoError("connector.no-such-folder", room="sekisho.connectors", folder=folder)
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in READ:
            try:
                found[path.relative_to(folder).as_posix()] = path.read_text(encoding="utf-8")
            except UnicodeDecodeError as error:
                raise SekishoError(
                    "connector.not-utf8", room="sekisho.connectors", path=path, offset=error.start
                ) from error
    return found
