"""Django app of the room `registers.findings`."""

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """The room `registers.findings`."""

    name = "sekisho.registers.findings"
    label = "findings"
    default_auto_field = "django.db.models.BigAutoField"
