"""What a server answers while its home is locked: 503 with the code to everybody, and its health to whoever asks."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from sekisho.entrypoints import lock

Message: TypeAlias = dict[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Mapping[str, Any]]]
Send: TypeAlias = Callable[[Mapping[str, Any]], Awaitable[None]]
Application: TypeAlias = Callable[[Message, Receive, Send], Awaitable[None]]
Wsgi: TypeAlias = Callable[[dict[str, Any], Any], Iterable[bytes]]
HEALTH = "/health"
UNAVAILABLE = 503


def guarded(application: Application, home: Path) -> Application:
    """The application, which answers nothing but its health while the home is locked."""

    async def dispatch(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        answer = _answer(scope["path"], home)
        if answer is None:
            await application(scope, receive, send)
            return
        status, kind, body = answer
        headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
        headers.append((b"cache-control", b"no-store"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    return dispatch


def guarded_wsgi(application: Wsgi, home: Path) -> Wsgi:
    """The same for a WSGI server."""

    def dispatch(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = _answer(environ.get("PATH_INFO", ""), home)
        if answer is None:
            return application(environ, start_response)
        status, kind, body = answer
        phrase = "200 OK" if status != UNAVAILABLE else "503 Service Unavailable"
        start_response(phrase, [("content-type", kind), ("cache-control", "no-store")])
        return [body]

    return dispatch


async def only_locked(scope: Message, _receive: Receive, send: Send) -> None:
    """What stands behind a locked home: nothing, not even Django. Asked in the moment of opening it says so."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": UNAVAILABLE, "headers": [(b"retry-after", b"2")]})
        await send({"type": "http.response.body", "body": b""})


def _answer(path: str, home: Path) -> tuple[int, str, bytes] | None:
    if path.rstrip("/") == HEALTH:
        return 200, "application/json", json.dumps(lock.health(home)).encode()
    said = lock.state(home)
    if said is None:
        return None
    error = lock.refusal(said, "")
    problem = {
        "type": f"urn:sekisho:{error.code}",
        "status": UNAVAILABLE,
        "code": error.code,
        "title": error.message().strip(),
        "remedy": error.remedy(),
        "title_en": error.message("en").strip(),
        "remedy_en": error.remedy("en"),
    }
    return UNAVAILABLE, "application/problem+json", json.dumps(problem, ensure_ascii=False).encode()
