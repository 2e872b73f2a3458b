"""What every page knows: the carrier's name, where its centre is, and the time a page was made."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ruamel.yaml import YAML


def carrier(request: HttpRequest) -> dict[str, object]:
    """The carrier this installation serves, and now."""
    return {"carrier_name": carrier_name(), "now": timezone.now()}


def carrier_name() -> str:
    """The carrier's name as its configuration gives it; empty where none stands yet."""
    return str((_configured().get("carrier") or {}).get("name", ""))


def centre_address() -> str:
    """Where people reach the privacy centre, as letters print it (`web.centre`); empty where nobody said."""
    return str((_configured().get("web") or {}).get("centre", ""))


def proxies() -> tuple[str, ...]:
    """Addresses and networks of the proxies before us (`web.proxies`); none where nobody said."""
    return tuple(str(one) for one in (_configured().get("web") or {}).get("proxies") or ())


def _configured() -> Mapping[str, Any]:
    path = Path(settings.HOME) / "carrier.yaml"
    return _read(path, path.stat().st_mtime_ns) if path.exists() else {}


@lru_cache(maxsize=4)
def _read(path: Path, _changed: int) -> Mapping[str, Any]:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
