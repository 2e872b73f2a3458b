"""Django app of the room `registers.enforcement`."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    """The room `registers.enforcement`."""

    name = "sekisho.registers.enforcement"
    label = "enforcement"
    default_auto_field = "django.db.models.BigAutoField"
