"""Django app of the room `assurance.promises`."""

from django.apps import AppConfig


class PromisesConfig(AppConfig):
    """The room `assurance.promises`."""

    name = "sekisho.assurance.promises"
    label = "promises"
    default_auto_field = "django.db.models.BigAutoField"
