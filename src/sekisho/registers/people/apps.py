"""Django app of the room `registers.people`."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room `registers.people`."""

    name = "sekisho.registers.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
