"""Django app of the room `registers.projections`."""

from django.apps import AppConfig


class ProjectionsConfig(AppConfig):
    """The room `registers.projections`."""

    name = "sekisho.registers.projections"
    label = "projections"
    default_auto_field = "django.db.models.BigAutoField"
