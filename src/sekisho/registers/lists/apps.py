"""Django app of the room `registers.lists`."""

from django.apps import AppConfig


class ListsConfig(AppConfig):
    """The room `registers.lists`."""

    name = "sekisho.registers.lists"
    label = "lists"
    default_auto_field = "django.db.models.BigAutoField"
