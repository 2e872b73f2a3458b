"""What shows values of a person: its page closes by itself, and its pictures carry the name of who looks."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from sekisho.connectors.scans import with_mark
from sekisho.engine.japanese.tokyo import TOKYO


def closing(response: HttpResponse, until: datetime | None, at: datetime) -> HttpResponse:
    """The page, kept by no browser. Without a script: the browser asks again when the time is over, and finds it closed."""
    response["Refresh"] = str(max(int((until - at).total_seconds()) + 1, 1)) if until else "1"
    response["Cache-Control"] = "no-store"
    return response


def marked_picture(request: HttpRequest, png: bytes, at: datetime) -> HttpResponse:
    """A picture with the viewer's name and the time across it, kept by no browser."""
    who = f"{request.user.get_username()}　{at.astimezone(TOKYO):%Y-%m-%d %H:%M}"
    return HttpResponse(with_mark(png, who), content_type="image/png", headers={"Cache-Control": "no-store"})
