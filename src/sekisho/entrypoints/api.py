"""The HTTP API, assembled: routes, one shape for every error, request ids echoed. Bad requests are answered 400."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, path
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.types import DictStrAny

from sekisho.engine.errors import SekishoError
from sekisho.registers.decisions.api import router as decisions
from sekisho.web.problem import problem_of

ROOM = "sekisho.registers.decisions"
REQUEST_ID = "X-Request-ID"
JSON = "application/json"


class StrictParser(Parser):
    """Takes JSON that says it is JSON."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body as an object. Raises ValueError."""
        if request.content_type != JSON:
            raise ValueError("content type")
        body = super().parse_body(request)
        if not isinstance(body, dict):
            raise TypeError("not an object")
        return body


api = NinjaAPI(
    title="Sekisho",
    version="1.0",
    description="OpenID AuthZEN Authorization API 1.0 over the policy in force.",
    urls_namespace="access",
    docs_url=None,
    parser=StrictParser(),
)
api.add_router("", decisions)


@api.exception_handler(ValidationError)
def _mistyped(_request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = sorted({".".join(str(part) for part in row["loc"][2:] or row["loc"]) for row in _rows(error)})
    response = problem_of(_bad(), status=400)
    return _with(response, {"fields": fields})


@api.exception_handler(HttpError)
def _unparsable(_request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_of(_bad(), status=error.status_code)


@api.exception_handler(RequestDataTooBig)
def _oversized(_request: HttpRequest, _error: RequestDataTooBig) -> HttpResponse:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return problem_of(SekishoError("web.body-too-large", room="sekisho.web", limit=limit), status=413)


@api.exception_handler(AuthenticationError)
def _stranger(_request: HttpRequest, _error: AuthenticationError) -> HttpResponse:
    response = problem_of(SekishoError("decisions.not-authenticated", room=ROOM), status=401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(SekishoError)
def _coded(_request: HttpRequest, error: SekishoError) -> HttpResponse:
    malformed = error.code in ("decisions.malformed-ask", "canonical.not-allowed")
    return problem_of(error, status=400 if malformed else 503)


def configuration(request: HttpRequest) -> HttpResponse:
    """`/.well-known/authzen-configuration`: what this decision point offers."""
    base = f"{request.scheme}://{request.get_host()}"
    return echoed(
        request,
        JsonResponse({"policy_decision_point": base, "access_evaluation_endpoint": f"{base}/access/v1/evaluation"}),
    )


def echoed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response with the request's id, if it has one that may be said again."""
    request_id = request.headers.get(REQUEST_ID, "")
    if request_id and request_id.isascii() and request_id.isprintable():
        response[REQUEST_ID] = request_id
    return response


def _echoing(view: Any) -> Any:
    def answered(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
        return echoed(request, view(request, *arguments, **named))

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # keys, not cookies
    return answered


def _bad() -> SekishoError:
    return SekishoError("decisions.bad-request", room=ROOM)


def _rows(error: ValidationError) -> list[Mapping[str, Any]]:
    return list(error.errors)


def _with(response: HttpResponse, more: Mapping[str, object]) -> HttpResponse:
    response.content = json.dumps(json.loads(response.content) | dict(more)).encode()
    return response


def _urls() -> list[URLPattern | URLResolver]:
    patterns: list[URLPattern | URLResolver] = []
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = _echoing(pattern.callback)
        patterns.append(pattern)
    return patterns


urlpatterns = [path("access/v1/", (_urls(), *api.urls[1:])), path(".well-known/authzen-configuration", configuration)]
