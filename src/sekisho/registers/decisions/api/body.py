"""The body of a request: strict JSON, one object, of bounded size and depth. What two readers could read in two ways is refused."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from sekisho.registers.decisions.api.exchange import JSON, BadRequest, Request
from sekisho.registers.decisions.rules import limits


def body_of(request: Request) -> dict[str, Any]:
    """The request's JSON object. Raises: BadRequest."""
    kind, _, parameters = request.content_type.partition(";")
    if kind.strip().lower() != JSON or not _is_utf8(parameters):
        raise BadRequest("Content-Type")
    if len(request.body) > limits()["api"]["largest_body"]:
        raise BadRequest("size")
    try:
        said = _DECODER.decode(request.body.decode("utf-8"))
    except (ValueError, RecursionError):  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise BadRequest("body") from None
    if not isinstance(said, dict):
        raise BadRequest("body")
    _require_plain(said, limits()["api"]["deepest"])
    return said


def _is_utf8(parameters: str) -> bool:
    """RFC 8259: JSON is UTF-8; a charset that says otherwise contradicts it."""
    name, _, value = parameters.strip().partition("=")
    return name.strip().lower() != "charset" or value.strip().strip('"').lower() in ("utf-8", "utf8")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are told once: readers differ on which of two counts."""
    said = dict(pairs)
    if len(said) != len(pairs):
        raise ValueError("a name twice")
    return said


def _no_number(_text: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")


def _require_plain(value: object, depth: int) -> None:
    """No deeper than the limit, and no text that cannot be written again: lone surrogates."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
            raise BadRequest("body")
    elif isinstance(value, Mapping):
        if not depth:
            raise BadRequest("depth")
        for name, inner in value.items():
            _require_plain(name, depth)
            _require_plain(inner, depth - 1)
    elif isinstance(value, list):
        if not depth:
            raise BadRequest("depth")
        for inner in value:
            _require_plain(inner, depth - 1)


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_no_number)
