"""The OpenAPI document of the API."""

import json
from importlib import resources
from typing import Any


def document(base: str) -> dict[str, Any]:
    """The document, for the address this decision point is found at."""
    text = resources.files(__package__ or "").joinpath("openapi.json").read_text(encoding="utf-8")
    return {**json.loads(text), "servers": [{"url": base}]}
