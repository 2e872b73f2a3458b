"""Django app of the room `registers.populations`."""

from django.apps import AppConfig


class PopulationsConfig(AppConfig):
    """The room `registers.populations`."""

    name = "sekisho.registers.populations"
    label = "populations"
    default_auto_field = "django.db.models.BigAutoField"
