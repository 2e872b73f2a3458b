"""Django app of the room `registers.decisions`."""

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """The room `registers.decisions`."""

    name = "sekisho.registers.decisions"
    label = "decisions"
    default_auto_field = "django.db.models.BigAutoField"
