"""Django app of the room `registers.backups`."""

from django.apps import AppConfig


class BackupsConfig(AppConfig):
    """The room `registers.backups`. What must outlive a restore is written apart as soon as it is committed."""

    name = "sekisho.registers.backups"
    label = "backups"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the ledger."""
        from sekisho.evidence import listening
        from sekisho.registers.backups import jobs
        from sekisho.registers.backups.rules.limits import limits

        listening.listen(limits().kinds, jobs.after_commit)
