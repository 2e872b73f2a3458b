"""The quick way of an evaluation through ASGI: past Django's middleware and request threads, to the desk.

Sessions, languages and pages have nothing to do with a machine that asks. The answers are those of `api.py`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from sekisho.entrypoints.api import REQUEST_ID, is_request_id
from sekisho.entrypoints.desk import desk
from sekisho.registers.decisions.api.exchange import EVALUATION, EVALUATIONS, Reply, Request, language_of
from sekisho.registers.decisions.rules import limits

Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
QUICK = frozenset({EVALUATION, EVALUATIONS})


def quickened(application: Application) -> Application:
    """The application with evaluations taken past it."""

    async def dispatch(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] in QUICK:
            await _evaluate(scope, receive, send)
        else:
            await application(scope, receive, send)

    return dispatch


async def _evaluate(scope: Message, receive: Receive, send: Send) -> None:
    headers = _headers(scope)
    body = await _body(receive)
    if body is None:
        return
    request = Request(
        method=scope["method"],
        path=scope["path"],
        content_type=headers.get("content-type", ""),
        authorization=headers.get("authorization", ""),
        body=body,
        language=language_of(headers.get("accept-language", "")),
    )
    await _send(send, await desk().answer(request), headers.get(REQUEST_ID.lower(), ""))


def _headers(scope: Message) -> dict[str, str]:
    """The headers that are read; one sent twice is two values, as Django joins them."""
    found: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


async def _body(receive: Receive) -> bytes | None:
    """The body, no longer than one byte past the limit; None where the caller has gone."""
    parts: list[bytes] = []
    room = limits()["api"]["largest_body"] + 1
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        part = message.get("body", b"")[:room]
        room -= len(part)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _send(send: Send, reply: Reply, request_id: str) -> None:
    body = reply.body()
    headers = {
        "content-type": reply.content_type,
        "content-length": str(len(body)),
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
        **{name.lower(): value for name, value in reply.headers.items()},
    }
    if is_request_id(request_id):
        headers[REQUEST_ID.lower()] = request_id
    raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": body})
