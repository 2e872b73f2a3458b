"""Those to whom data may go, and the contracts that bind them."""

from django.db import models


class Recipient(models.Model):
    """A third party, joint user or contractor. `kind` is a recipient kind (or name) of the policy."""

    ref = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=64)
    label = models.CharField(max_length=128)
    address = models.CharField(max_length=256, blank=True)
    representative = models.CharField(max_length=128, blank=True)
    country = models.CharField(max_length=2, default="JP")  # ISO 3166-1
    safeguards = models.BooleanField(default=False)  # equivalent system or listed country, APPI 28
    member_since = models.DateField(null=True)  # joint use: dated member list
    member_until = models.DateField(null=True)
    verified_on = models.DateField(null=True)  # the requester is who it says
    stopped_at = models.DateTimeField(null=True)  # transfers stopped after a breach

    def __str__(self) -> str:
        return self.ref


class Contract(models.Model):
    """A contract with a recipient: which clauses it has, when its handling was checked before selection."""

    recipient_ref = models.CharField(max_length=64, db_index=True)
    ref = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=32)  # entrustment, assignment, carrier_terms, joint_use
    since = models.DateField()
    until = models.DateField(null=True)
    clauses = models.JSONField(default=list)
    selection_checked_on = models.DateField(null=True)
    reviewed_on = models.DateField(null=True)
    tasks = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.ref
