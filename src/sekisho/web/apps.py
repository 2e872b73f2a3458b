"""Django app of the room `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The room `web`."""

    name = "sekisho.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"
