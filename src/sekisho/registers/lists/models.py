"""Lists that were built: what they rest on, who approved and took them. Who is on a list stands in its file alone."""

from django.db import models


class EligibleList(models.Model):
    """One list. Its file stands in the home until it is taken, or its time is over, or somebody on it is erased."""

    ref = models.CharField(max_length=24, unique=True)  # L-2026-0001
    title = models.CharField(max_length=120, blank=True)
    kind = models.CharField(max_length=16)  # rules.ListKind
    purpose = models.CharField(max_length=64)
    act = models.CharField(max_length=64)
    items = models.JSONField()  # decided on
    carried = models.JSONField()  # of these, the ones whose values are in the file
    tables = models.JSONField(default=list)  # ["system.table"] those values came from
    recipient = models.CharField(max_length=64, blank=True)
    channel = models.CharField(max_length=16, blank=True)
    identifier = models.CharField(max_length=24)  # kind of identifier beside each reference
    policy = models.CharField(max_length=96)  # policy@version
    policy_sha256 = models.CharField(max_length=64)
    epoch = models.PositiveBigIntegerField()
    people = models.PositiveBigIntegerField()  # looked at
    rows = models.PositiveBigIntegerField()  # in the file
    undeliverable = models.PositiveBigIntegerField(default=0)
    waterfall = (
        models.JSONField()
    )  # [{code, clause, article, item, message, message_en, count}], in the order of looking
    withheld = models.JSONField()  # of a mass notice, the same people by why: [{why, count}]
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    manifest = models.TextField()  # the signed document that goes with the file
    decided = models.CharField(max_length=64)  # where the decision is sealed
    entry = models.CharField(max_length=64)
    needs_approval = models.BooleanField()
    built_at = models.DateTimeField(db_index=True)
    built_by = models.CharField(max_length=64)
    expires_at = models.DateTimeField(db_index=True)
    asked_at = models.DateTimeField(null=True)
    asked_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    approved_by = models.CharField(max_length=64, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    handed_over_to = models.CharField(max_length=64, blank=True)
    rechecked_at = models.DateTimeField(null=True)
    dropped_out = models.PositiveBigIntegerField(default=0)  # at the last recheck
    gone_at = models.DateTimeField(null=True)  # when the file in the home was removed
    gone_why = models.CharField(max_length=16, blank=True)  # taken, expired, person, lost

    def __str__(self) -> str:
        return self.ref


class ListRequest(models.Model):
    """A list that a job builds: what it is for, never whom it concerns."""

    ref = models.CharField(max_length=40, unique=True)  # the argument of the job
    wanted = models.JSONField()
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_index=True)
    list_ref = models.CharField(max_length=24, blank=True)  # set in the transaction that writes the list down: once

    def __str__(self) -> str:
        return self.ref


class ReturnedMail(models.Model):
    """A notice to this person came back: until it is cleared nothing is printed for the address."""

    person_ref = models.CharField(max_length=40, db_index=True)
    returned_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        """A person's mail is returned once until it is cleared."""

        constraints = (
            models.UniqueConstraint(
                fields=("person_ref",), condition=models.Q(cleared_at=None), name="returned_until_cleared"
            ),
        )

    def __str__(self) -> str:
        return f"mail of {self.person_ref} returned"
