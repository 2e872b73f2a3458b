"""What a case is made of: papers, payments, waits, letters."""

from django.db import models

from sekisho.casework.subject_requests.models.cases import SubjectRequest


class CasePaper(models.Model):
    """A paper that came for a case, as the clerk read it. Nothing of its content stands here, only what it proves."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="papers")
    whose = models.CharField(max_length=8)  # of rules.papers.Whose
    paper = models.CharField(max_length=48)  # key of the law pack
    issued_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    shows = models.JSONField(default=list)  # parts that may be read on it and must not be
    masked = models.JSONField(default=list)  # of those, what is blacked out
    matches = models.BooleanField(default=True)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.paper}"


class CasePayment(models.Model):
    """One piece that came for a fee: a stamp, a money order, a transfer."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="payments")
    instrument = models.CharField(max_length=32)  # key of the law pack
    yen = models.PositiveIntegerField()
    issued_on = models.DateField(null=True)
    came_by = models.CharField(max_length=8)
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.request_id} {self.instrument}"


class CaseWait(models.Model):
    """A time in which the person has to send something: our target stands still, the two weeks do not."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="waits")
    since = models.DateField()
    until = models.DateField(null=True)
    what = models.JSONField(default=list)  # what was asked for, as codes
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()

    class Meta:
        """One wait at a time."""

        constraints = (
            models.UniqueConstraint(fields=("request",), condition=models.Q(until=None), name="one_wait_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.since}"


class CaseLetter(models.Model):
    """A letter of a case. Its pages stand sealed in the home; here are its hash, who made it, and how it left."""

    ref = models.CharField(max_length=32, unique=True)
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=24)  # a table of letters/letters.*.toml
    sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    sent_on = models.DateField(null=True)
    registered_no = models.CharField(max_length=32, blank=True)  # of registered mail

    def __str__(self) -> str:
        return self.ref
