"""Requests of data subjects, and who opened whose page under which request."""

from django.db import models

from sekisho.casework.subject_requests.rules import Outcome, Status
from sekisho.casework.subject_requests.rules.papers import Agency


class SubjectRequest(models.Model):
    """One request of one person. The person is an opaque reference; papers and letters come in a later issue."""

    reference = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=32)  # a key of the law pack: disclosure, correction, suspension, …
    person_ref = models.CharField(max_length=40, db_index=True, blank=True)  # empty until the desk knows who asks
    received_on = models.DateField()
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    status = models.CharField(max_length=16, default=Status.OPEN.value)
    identity_checked_at = models.DateTimeField(null=True)
    identity_checked_by = models.CharField(max_length=64, blank=True)
    answered_on = models.DateField(null=True)
    outcome = models.CharField(max_length=16, blank=True)
    certificate = models.CharField(max_length=100, blank=True)  # of the erasure this request led to
    agency = models.CharField(max_length=12, default=Agency.NONE.value)  # of rules.papers
    reply = models.CharField(max_length=12, blank=True)  # how the person wants the answer
    other_way = models.CharField(max_length=200, blank=True)  # why another way of showing who asks was found suitable
    other_way_by = models.CharField(max_length=64, blank=True)
    other_way_approved_by = models.CharField(max_length=64, blank=True)
    extended_to = models.DateField(null=True)
    extended_why = models.CharField(max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        """A closed request says how and when; an open one says neither."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(status=Status.OPEN.value, closed_at=None, outcome="")
                | models.Q(
                    status=Status.CLOSED.value,
                    closed_at__isnull=False,
                    outcome__in=[outcome.value for outcome in Outcome],
                ),
                name="closed_requests_say_how",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class PageOpening(models.Model):
    """One account may see one person's page until an instant, under one request."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT)
    account = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.account}"
