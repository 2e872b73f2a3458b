"""Django app of the room `evidence`."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """The room `evidence`."""

    name = "sekisho.evidence"
    label = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
