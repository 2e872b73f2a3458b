"""What every web server is asked besides its pages: HEAD, the browser's icon, what crawlers may read."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import path
from django.views.decorators.http import require_GET

ROBOTS = """\
User-agent: *
Disallow: /console/
Disallow: /en/console/
Disallow: /access/
"""


class HeadMiddleware:
    """HEAD is GET without the body (RFC 9110, 9.3.2): views know GET only."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "HEAD":
            return self.get_response(request)
        request.method = "GET"
        try:
            response = self.get_response(request)
        finally:
            request.method = "HEAD"
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
            response.content = b""
        return response


@require_GET
def icon(_request: HttpRequest) -> HttpResponse:
    """Where browsers look without being told."""
    return HttpResponse(status=301, headers={"Location": static("web/icon.svg")})


@require_GET
def robots(_request: HttpRequest) -> HttpResponse:
    """What is published may be read by anybody; the console and the API are nobody's reading."""
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


urlpatterns = [path("favicon.ico", icon), path("robots.txt", robots)]
