"""Django app of the room `registers.datamap`."""

from django.apps import AppConfig


class DatamapConfig(AppConfig):
    """The room `registers.datamap`."""

    name = "sekisho.registers.datamap"
    label = "datamap"
    default_auto_field = "django.db.models.BigAutoField"
