"""A request as far as the API reads it, and the answer to it; neither knows which server carries them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from sekisho.engine.errors import SekishoError
from sekisho.registers.decisions.queries.malformed import MalformedAsk
from sekisho.registers.decisions.rules import ROOM

JSON = "application/json"
PROBLEM = "application/problem+json"
BAD = "decisions.bad-request"
BASE = "/access/v1/"
EVALUATION, EVALUATIONS = f"{BASE}evaluation", f"{BASE}evaluations"
SEARCHES = {f"{BASE}search/{wanted}": wanted for wanted in ("subject", "resource", "action")}
STATUS = {  # of coded errors; every other one is the server's trouble
    BAD: 400,
    "decisions.malformed-ask": 400,
    "decisions.page-token": 400,
    "canonical.not-allowed": 400,
    "decisions.not-authenticated": 401,
    "decisions.scope-missing": 403,
    "decisions.no-such-address": 404,
    "decisions.method-not-allowed": 405,
}


class BadRequest(SekishoError):
    """A request that cannot be read; `fields` are the places, as far as they can be named."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields
        super().__init__(BAD, room=ROOM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request."""

    method: str
    path: str
    content_type: str
    authorization: str
    body: bytes
    language: str = "ja"  # of sentences: ja or en


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One HTTP answer: a JSON object."""

    status: int
    said: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """Problem details for errors, JSON for answers."""
        return JSON if self.status == 200 else PROBLEM  # noqa: PLR2004

    def body(self) -> bytes:
        """The answer as it is sent."""
        return json.dumps(self.said, ensure_ascii=False, separators=(",", ":")).encode()


def language_of(accepted: str) -> str:
    """English where a caller's Accept-Language begins with it, else Japanese."""
    return "en" if accepted.strip().lower().startswith("en") else "ja"


def refusal_of(error: SekishoError, language: str = "ja", **headers: str) -> Reply:
    """A coded error as problem details (RFC 9457): its code, what is wrong, what helps, and where."""
    status = STATUS.get(error.code, 503)
    said: dict[str, object] = {
        "type": f"urn:sekisho:{error.code}",
        "status": status,
        "code": error.code,
        "title": error.message(language),
        "remedy": error.remedy(language),
    }
    fields = fields_of(error)
    return Reply(
        status=status,
        said=said | ({"fields": list(fields)} if fields else {}),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def fields_of(error: SekishoError) -> tuple[str, ...]:
    """Which members of the request are wrong."""
    if isinstance(error, BadRequest | MalformedAsk):
        return error.fields
    named = error.values.get("field")
    return (named,) if isinstance(named, str) else ()
