"""Django app of the room `registers.batch_jobs`."""

from django.apps import AppConfig


class BatchJobsConfig(AppConfig):
    """The room `registers.batch_jobs`."""

    name = "sekisho.registers.batch_jobs"
    label = "batch_jobs"
    default_auto_field = "django.db.models.BigAutoField"
