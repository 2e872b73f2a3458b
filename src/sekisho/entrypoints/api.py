"""The HTTP API where Django carries it: the same answers as the quick way of `asgi.py`, for any server and for tests."""

from datetime import UTC, datetime

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from sekisho.engine.errors import SekishoError
from sekisho.registers.decisions.api.answering import answer
from sekisho.registers.decisions.api.exchange import (
    EVALUATION,
    EVALUATIONS,
    SEARCHES,
    BadRequest,
    Reply,
    Request,
    language_of,
    refusal_of,
)
from sekisho.registers.decisions.api.openapi import document
from sekisho.registers.decisions.rules import ROOM

REQUEST_ID = "X-Request-ID"
READING = ("GET", "HEAD")


@csrf_exempt  # keys, not cookies
def access(request: HttpRequest, rest: str = "") -> HttpResponse:  # noqa: ARG001  the path is the request's own
    """Everything under `/access/v1/` that is asked."""
    try:
        asked = Request(
            method=request.method or "",
            path=request.path,
            content_type=request.headers.get("Content-Type", ""),
            authorization=request.headers.get("Authorization", ""),
            body=request.body,
            language=language_of(request.headers.get("Accept-Language", "")),
        )
    except RequestDataTooBig:
        return response_to(request, refusal_of(BadRequest("size")))
    (reply,) = answer([asked], datetime.now(UTC))
    return response_to(request, reply)


@csrf_exempt
def described(request: HttpRequest) -> HttpResponse:
    """`/access/v1/openapi.json`."""
    if request.method not in READING:
        return response_to(request, _get_only())
    return _echoed(request, JsonResponse(document(_base(request))))


@csrf_exempt
def configuration(request: HttpRequest) -> HttpResponse:
    """`/.well-known/authzen-configuration`: what this decision point offers."""
    if request.method not in READING:
        return response_to(request, _get_only())
    base = _base(request)
    endpoints = {f"search_{wanted}_endpoint": f"{base}{address}" for address, wanted in SEARCHES.items()}
    return _echoed(
        request,
        JsonResponse(
            {
                "policy_decision_point": base,
                "access_evaluation_endpoint": f"{base}{EVALUATION}",
                "access_evaluations_endpoint": f"{base}{EVALUATIONS}",
                **endpoints,
            }
        ),
    )


def response_to(request: HttpRequest, reply: Reply) -> HttpResponse:
    """A reply as Django sends it, with the request's id."""
    response = HttpResponse(reply.body(), status=reply.status, content_type=reply.content_type)
    response["Cache-Control"] = "no-store"
    for name, value in reply.headers.items():
        response[name] = value
    return _echoed(request, response)


def is_request_id(text: str) -> bool:
    """Whether a request's id may be said again: a header that is one line of visible text."""
    return bool(text) and text.isascii() and text.isprintable()


def _echoed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    request_id = request.headers.get(REQUEST_ID, "")
    if is_request_id(request_id):
        response[REQUEST_ID] = request_id
    return response


def _base(request: HttpRequest) -> str:
    """Where callers find this decision point: as configured, where a proxy stands before it, else as it was asked."""
    return settings.PUBLIC_URL or f"{request.scheme}://{request.get_host()}"


def _get_only() -> Reply:
    methods = ", ".join(READING)
    return refusal_of(SekishoError("decisions.method-not-allowed", room=ROOM, methods=methods), Allow=methods)


urlpatterns = [
    path("access/v1/openapi.json", described),
    re_path(r"^access/v1/", access),
    path(".well-known/authzen-configuration", configuration),
]
