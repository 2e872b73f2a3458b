"""What `sekisho serve` runs, with three addresses beside it that do nothing: `python server.py PORT`.

`/bench/empty` goes through all of Django's middleware, `/bench/bare` through none of it, `/bench/asgi` past Django.
"""

# ruff: noqa: E402  Django has to be set up before anything of it is read

import asyncio
import os
import sys
from datetime import UTC, datetime
from types import ModuleType

os.environ["DJANGO_SETTINGS_MODULE"] = "sekisho.entrypoints.settings"

import django

django.setup()

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

call_command("migrate", verbosity=0)

from sekisho.entrypoints import asgi, home, urls
from sekisho.entrypoints.background import Background
from sekisho.entrypoints.cli import serve

NOTHING = b"{}"


@csrf_exempt
def empty(_request: HttpRequest) -> HttpResponse:
    """A view that does nothing."""
    return JsonResponse({})


async def application(scope, receive, send):  # noqa: ANN001, ANN201
    """The served application, and nothing past Django."""
    if scope["type"] == "http" and scope["path"] == "/bench/asgi":
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": NOTHING})
    elif scope["type"] == "http" and scope["path"] == "/bench/bare":
        await bare(scope, receive, send)
    else:
        await served(scope, receive, send)


addresses = ModuleType("bench_urls")
addresses.urlpatterns = [path("bench/empty", empty), path("bench/bare", empty), *urls.urlpatterns]
for name in ("handler400", "handler403", "handler404", "handler500"):
    setattr(addresses, name, getattr(urls, name))
sys.modules["bench_urls"] = addresses
settings.ROOT_URLCONF = "bench_urls"
served, asgi.application = asgi.application, application
whole, settings.MIDDLEWARE = settings.MIDDLEWARE, []
bare = ASGIHandler()
settings.MIDDLEWARE = whole

background = Background(home.directory())
background.checked_at = datetime.now(UTC)  # the promises are looked at every half hour: not while something is measured
background.start()
try:
    asyncio.run(serve._serve("127.0.0.1", int(sys.argv[1])))  # noqa: SLF001  exactly what the command runs
finally:
    background.stop()
