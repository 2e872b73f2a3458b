"""What goes on beside an answer: an unpaid fee's reminder, money given back, warnings of the clock, complaints."""

from django.db import models

from sekisho.casework.subject_requests.models.arrivals import Arrival
from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.rules.complaints import ComplaintEnd


class CaseReminder(models.Model):
    """The person was reminded of a fee; nobody's request is closed as unpaid before `due_on` is over."""

    request = models.OneToOneField(SubjectRequest, on_delete=models.PROTECT, related_name="reminder")
    yen = models.PositiveIntegerField()  # what was still lacking
    sent_on = models.DateField()
    due_on = models.DateField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.due_on}"


class CaseRefund(models.Model):
    """Money that went back: why, how, and the number that shows it."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="refunds")
    yen = models.PositiveIntegerField()
    why = models.CharField(max_length=32)  # key of rules.refunds
    instrument = models.CharField(max_length=32)  # key of the law pack
    proof = models.CharField(max_length=64)  # number of the registered mail, of the transfer
    paid_on = models.DateField()
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.yen}"


class CaseWarning(models.Model):
    """Somebody was warned that a day comes near, once per day that comes near."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="warnings")
    what = models.CharField(max_length=16)  # of rules.alarms.Alarm
    day = models.DateField()  # that comes near
    at = models.DateTimeField()

    class Meta:
        """A day is warned of once."""

        constraints = (models.UniqueConstraint(fields=("request", "what", "day"), name="warned_once"),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.what}"


class Complaint(models.Model):
    """A complaint (苦情) about how personal information is handled, perhaps about one request. Its text stands sealed."""

    ref = models.CharField(max_length=24, unique=True)  # Q-2026-0001
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, null=True, related_name="complaints")
    arrival = models.OneToOneField(Arrival, on_delete=models.PROTECT, null=True, related_name="complaint")
    about = models.CharField(max_length=24)  # key of rules.complaints
    received_on = models.DateField()
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64, blank=True)  # of what was sealed
    outcome = models.CharField(max_length=16, blank=True)
    answered_on = models.DateField(null=True)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        """An answered one says how and when; an open one says neither."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(outcome="", answered_on=None)
                | models.Q(answered_on__isnull=False, outcome__in=[one.value for one in ComplaintEnd]),
                name="answered_complaints_say_how",
            ),
        )

    def __str__(self) -> str:
        return self.ref
