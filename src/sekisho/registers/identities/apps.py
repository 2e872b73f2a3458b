"""Django app of the room `registers.identities`."""

from django.apps import AppConfig


class IdentitiesConfig(AppConfig):
    """The room `registers.identities`."""

    name = "sekisho.registers.identities"
    label = "identities"
    default_auto_field = "django.db.models.BigAutoField"
