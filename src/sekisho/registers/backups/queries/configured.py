"""What the carrier says of backups in its carrier.yaml: days of our own, and when its stores' own backups die.

backups:
  days: 35
  drill: {billing: "postgresql://…"}   # for each PostgreSQL or MariaDB store an empty database that is there for drills only;
                                       # `sekisho` is our own
  stores: {crm: {dies_after_days: 30, said_by: 情報システム部}}
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sekisho.connectors.opening import SCHEMES
from sekisho.engine.catalog.model import SystemKind
from sekisho.engine.errors import SekishoError
from sekisho.registers.backups.rules import ROOM

FILE = "carrier.yaml"


def configured() -> Mapping[str, Any]:
    """The section `backups`; empty where there is none. Raises: backups.configuration-unreadable."""
    path = Path(settings.HOME) / FILE
    if not path.exists():
        return {}
    try:
        document: Mapping[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
        section: Mapping[str, Any] = document.get("backups") or {}
    except (YAMLError, UnicodeDecodeError, AttributeError) as error:
        raise SekishoError("backups.configuration-unreadable", room=ROOM) from error
    return section


def days_of_life() -> int | None:
    """How long a backup of ours lives, where the carrier says so."""
    days = configured().get("days")
    return int(days) if days is not None else None


def drill_places() -> Mapping[str, str]:
    """For each server's system the empty database that drills may fill. Raises: backups.configuration-unreadable."""
    told = configured().get("drill") or {}
    places = {str(id_): str(url) for id_, url in told.items()} if isinstance(told, Mapping) else None
    if places is None or not all(_is_server(url) for url in places.values()):
        raise SekishoError("backups.configuration-unreadable", room=ROOM)
    if len(set(places.values())) < len(places):  # two stores in one database: the second would empty the first
        raise SekishoError("backups.configuration-unreadable", room=ROOM)
    return places


def _is_server(url: str) -> bool:
    return SCHEMES.get(url.partition("://")[0]) in (SystemKind.POSTGRESQL, SystemKind.MARIADB)


def foreign_stores(foreign: Mapping[str, SystemKind]) -> tuple[Mapping[str, Any], ...]:
    """Systems that stand elsewhere: their backups are the carrier's own. None = it does not say when they die."""
    told = configured().get("stores") or {}
    return tuple(
        {
            "system": id_,
            "kind": kind.value,
            "dies_after_days": (told.get(id_) or {}).get("dies_after_days"),
            "said_by": (told.get(id_) or {}).get("said_by", ""),
        }
        for id_, kind in sorted(foreign.items())
    )
