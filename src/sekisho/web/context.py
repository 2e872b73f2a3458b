"""What every page knows: the carrier's name and the time it was made."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ruamel.yaml import YAML


def carrier(request: HttpRequest) -> dict[str, object]:
    """The carrier this installation serves, and now."""
    return {"carrier_name": carrier_name(), "now": timezone.now()}


def carrier_name() -> str:
    """The carrier's name as its configuration gives it; empty where none stands yet."""
    path = Path(settings.HOME) / "carrier.yaml"
    return _name_in(path, path.stat().st_mtime_ns) if path.exists() else ""


@lru_cache(maxsize=4)
def _name_in(path: Path, _changed: int) -> str:
    document = YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}
    return str((document.get("carrier") or {}).get("name", ""))
