"""Requests by web that wait for their e-mail address to be confirmed."""

from django.db import models

from sekisho.casework.subject_requests.models.arrivals import Arrival


class WebRequest(models.Model):
    """A request by web before it counts as arrived. Its sheets stand sealed in the home under `ref`; the address nowhere."""

    ref = models.CharField(max_length=24, unique=True)  # W-2026-0001
    kind = models.CharField(max_length=32)  # of the law pack
    mail_mark = models.CharField(max_length=64, db_index=True)  # keyed: so many e-mails to one address, and no more
    code_hash = models.CharField(max_length=128)
    tries = models.PositiveIntegerField(default=0)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, null=True, related_name="web_request")

    def __str__(self) -> str:
        return self.ref
