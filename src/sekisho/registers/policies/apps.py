"""Django app of the room `registers.policies`."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    """The room `registers.policies`."""

    name = "sekisho.registers.policies"
    label = "policies"
    default_auto_field = "django.db.models.BigAutoField"
