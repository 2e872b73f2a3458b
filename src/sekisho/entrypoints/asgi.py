"""ASGI application for the embedded server: Django, and evaluations past it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.entrypoints.settings")
_django = get_asgi_application()

from sekisho.entrypoints.home import directory  # noqa: E402  the home was read with the settings
from sekisho.entrypoints.locked import guarded  # noqa: E402
from sekisho.entrypoints.quick import quickened  # noqa: E402  Django has to be set up before models are read

application = guarded(quickened(_django), directory())
