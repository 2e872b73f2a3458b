"""Which data map a command reads: the carrier's own, or that of a folder; with its policy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from sekisho.connectors.documents import read_folder
from sekisho.engine.errors import SekishoError
from sekisho.entrypoints import carrier as carriers
from sekisho.registers.datamap import rules

LANGUAGE = click.option(
    "--language", type=click.Choice(["ja", "en"]), default="ja", show_default=True, help="of what is printed"
)
FOLDER = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="policy folder with the data map (default: the carrier's own)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The files of a policy folder, the map among them, and where the carrier says its systems stand."""

    files: Mapping[str, str]
    urls: Mapping[str, str]

    @property
    def text(self) -> str:
        """The map as written."""
        return self.files[rules.FILE]


def document(home: Path, folder: Path | None) -> Document:
    """The map of `folder`, else the carrier's own. Raises: datamap.no-carrier, datamap.no-file."""
    carrier = carriers.read(home)
    if folder is None and carrier is None:
        raise SekishoError("datamap.no-carrier", room=rules.ROOM, home=home)
    files = read_folder(folder) if folder else (carrier.documents() if carrier else {})
    if rules.FILE not in files:
        raise SekishoError("datamap.no-file", room=rules.ROOM, file=rules.FILE)
    return Document(files=files, urls=carrier.urls if carrier else {})
