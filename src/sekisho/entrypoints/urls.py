"""All faces on one host: centre at the root, console under /console/, API under /access/."""

from django.urls import include, path

urlpatterns = [
    path("console/", include("sekisho.entrypoints.console")),
    path("", include("sekisho.entrypoints.centre")),
]
