"""What contractors hold of ours, and the orders to erase it. No personal value stands here."""

from django.db import models
from django.db.models import Q


class Holding(models.Model):
    """What was handed to a contractor and stays with it: about people known there by these kinds of identifier."""

    contractor_ref = models.CharField(max_length=64, db_index=True)
    ref = models.CharField(max_length=64, unique=True)
    what = models.CharField(max_length=200)
    items = models.JSONField(default=list)  # classes of the policy
    kinds = models.JSONField(default=list)  # kinds of identifier by which it knows people
    since = models.DateField()
    until = models.DateField(null=True)  # given back or erased as a whole on this day

    def __str__(self) -> str:
        return self.ref


class ErasureOrder(models.Model):
    """One person's erasure at one contractor: opaque references here, the identifiers in a sealed list beside it."""

    ref = models.CharField(max_length=40, unique=True)
    contractor_ref = models.CharField(max_length=64, db_index=True)
    plan_ref = models.CharField(max_length=40, db_index=True)
    document = models.JSONField()  # what the contractor is asked to do
    sealed_sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    due_on = models.DateField(db_index=True)
    chased = models.JSONField(default=list)  # days on which it was asked again
    received_at = models.DateTimeField(null=True)
    done_on = models.DateField(null=True)  # as the contractor's receipt says
    method = models.CharField(max_length=64, blank=True)
    recorded_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """One order for a plan and contractor; a receipt is whole or is none."""

        constraints = (
            models.UniqueConstraint(fields=("plan_ref", "contractor_ref"), name="one_order_per_plan_and_contractor"),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True, done_on__isnull=True)
                | Q(received_at__isnull=False, done_on__isnull=False),
                name="receipt_is_whole",
            ),
        )

    def __str__(self) -> str:
        return self.ref
