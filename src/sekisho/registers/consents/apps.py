"""Django app of the room `registers.consents`."""

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    """The room `registers.consents`."""

    name = "sekisho.registers.consents"
    label = "consents"
    default_auto_field = "django.db.models.BigAutoField"
