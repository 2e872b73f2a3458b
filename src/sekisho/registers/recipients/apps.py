"""Django app of the room `registers.recipients`."""

from django.apps import AppConfig


class RecipientsConfig(AppConfig):
    """The room `registers.recipients`."""

    name = "sekisho.registers.recipients"
    label = "recipients"
    default_auto_field = "django.db.models.BigAutoField"
