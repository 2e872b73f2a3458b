"""The two ways a request takes to the API: through Django, and past it to the desk."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client

from sekisho.entrypoints.desk import desk
from sekisho.entrypoints.quick import quickened

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def said(self) -> Any:
        """The JSON of it."""
        return json.loads(self.raw)


def through_django(
    path: str, body: object, key: str | None, content_type: str = "application/json", **headers: str
) -> Got:
    """By Django's test client."""
    sent = headers | ({"Authorization": f"Bearer {key}"} if key else {})
    response = Client(raise_request_exception=False).post(
        path, data=raw_of(body), content_type=content_type, headers=sent
    )
    return Got(
        status=response.status_code, headers={k.lower(): v for k, v in response.headers.items()}, raw=response.content
    )


def past_django(
    path: str, body: object, key: str | None, content_type: str = "application/json", **headers: str
) -> Got:
    """As the served application takes it."""
    sent = {"content-type": content_type} | {name.lower(): value for name, value in headers.items()}
    sent |= {"authorization": f"Bearer {key}"} if key else {}
    raw = raw_of(body)
    half = len(raw) // 2
    parts = [
        {"type": "http.request", "body": raw[:half], "more_body": True},
        {"type": "http.request", "body": raw[half:], "more_body": False},
    ]
    told: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return parts.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        told.append(message)

    async def elsewhere(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError("not taken by the quick way")

    async def ask() -> None:
        await quickened(elsewhere)(scope, receive, send)

    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
    }
    try:
        asyncio.run(ask())
    finally:
        desk().stop()
    start, end = told
    return Got(
        status=start["status"],
        headers={name.decode(): value.decode() for name, value in start["headers"]},
        raw=end["body"],
    )


def raw_of(body: object) -> bytes:
    """A body as bytes."""
    if isinstance(body, bytes):
        return body
    return (body if isinstance(body, str) else json.dumps(body)).encode()
