"""WSGI application for the server."""

import os

from django.core.wsgi import get_wsgi_application

from sekisho.entrypoints.home import directory
from sekisho.entrypoints.locked import guarded_wsgi

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sekisho.entrypoints.settings")
application = guarded_wsgi(get_wsgi_application(), directory())
