"""The data map in force, the systems it names, and whether they are what it says."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from ruamel.yaml import YAML

from sekisho.connectors.opening import crawl_all, open_system, url_of
from sekisho.connectors.source import Source
from sekisho.engine.catalog.model import DataMap, System
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import rules
from sekisho.registers.datamap.models import DataMapVersion
from sekisho.registers.datamap.rules import Comparison


def current() -> DataMap:
    """The data map adopted last. Raises: datamap.none-adopted."""
    row = DataMapVersion.objects.values_list("id", "sha256").last()
    if row is None:
        raise SekishoError("datamap.none-adopted", room=rules.ROOM)
    return _loaded(*row)


def system(id_: str) -> System:
    """One system of the map. Raises: datamap.unknown-system."""
    systems = current().systems
    if id_ not in systems:
        raise SekishoError("datamap.unknown-system", room=rules.ROOM, system=id_)
    return systems[id_]


def open_source(system_or_id: System | str) -> Source:
    """A system's store, open: close it when done. Raises what the store refuses."""
    found = system(system_or_id) if isinstance(system_or_id, str) else system_or_id
    return open_system(found, located(found))


def located(system_: System) -> str:
    """The url of a system of this carrier: from carrier.yaml, else from the map with {home} filled in."""
    return url_of(system_, home=Path(settings.HOME), urls=_urls())


def compare(datamap: DataMap | None = None) -> Comparison:
    """Every system as it really is against the map: what nobody declared is an alarm."""
    datamap = datamap or current()
    real = crawl_all(datamap, home=Path(settings.HOME), urls=_urls())
    return rules.compare(datamap, real)


@lru_cache(maxsize=8)
def _loaded(row: int, sha256: str) -> DataMap:  # noqa: ARG001  the hash is part of the key: another carrier's row 1 is another map
    return rules.load(DataMapVersion.objects.get(pk=row).text)


def _urls() -> Mapping[str, str]:
    path = Path(settings.HOME) / "carrier.yaml"
    if not path.exists():
        return {}
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    urls: Mapping[str, str] = document.get("urls") or {}
    return urls
