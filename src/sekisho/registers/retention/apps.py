"""Django app of the room `registers.retention`."""

from django.apps import AppConfig


class RetentionConfig(AppConfig):
    """The room `registers.retention`."""

    name = "sekisho.registers.retention"
    label = "retention"
    default_auto_field = "django.db.models.BigAutoField"
