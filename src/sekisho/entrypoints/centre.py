"""URLs of the privacy centre: every room's own, assembled."""

from django.urls import URLPattern, URLResolver

app_name = "centre"
urlpatterns: list[URLPattern | URLResolver] = []
