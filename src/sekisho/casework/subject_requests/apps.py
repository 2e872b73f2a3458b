"""Django app of the room `casework.subject_requests`."""

from django.apps import AppConfig


class SubjectRequestsConfig(AppConfig):
    """The room `casework.subject_requests`."""

    name = "sekisho.casework.subject_requests"
    label = "subject_requests"
    default_auto_field = "django.db.models.BigAutoField"
