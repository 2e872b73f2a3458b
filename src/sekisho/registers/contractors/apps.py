"""Django app of the room `registers.contractors`."""

from django.apps import AppConfig


class ContractorsConfig(AppConfig):
    """The room `registers.contractors`."""

    name = "sekisho.registers.contractors"
    label = "contractors"
    default_auto_field = "django.db.models.BigAutoField"
