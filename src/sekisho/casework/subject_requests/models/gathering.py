"""What was gathered for an answer: how each system answered, and what is blacked out for whose sake."""

from django.db import models

from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.rules.gathering import RedactionState, SystemState


class Gathering(models.Model):
    """One gathering for a case. What was found stands sealed in the home; here is its hash, and who went through it."""

    ref = models.CharField(max_length=32, unique=True)  # K-2026-0001-G1
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="gatherings")
    sha256 = models.CharField(max_length=64)  # of what was sealed
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=64, blank=True)  # who decided the last redaction
    reviewed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.ref


class GatheredSystem(models.Model):
    """How one system answered: with rows, with none, or not at all."""

    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="systems")
    system = models.CharField(max_length=64)
    state = models.CharField(max_length=8)  # of rules.gathering.SystemState
    code = models.CharField(max_length=64, blank=True)  # why it did not answer
    rows = models.PositiveIntegerField(default=0)

    class Meta:
        """States are a closed set; a system answers once."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in SystemState]), name="gathered_state"
            ),
            models.UniqueConstraint(fields=("gathering", "system"), name="system_answers_once"),
        )

    def __str__(self) -> str:
        return f"{self.gathering_id} {self.system}"


class Redaction(models.Model):
    """A place in what was gathered that is somebody else's: where and why, never what stood there."""

    gathering = models.ForeignKey(Gathering, on_delete=models.CASCADE, related_name="redactions")
    section = models.PositiveIntegerField()  # which table of the gathering
    row = models.PositiveIntegerField()
    column = models.CharField(max_length=64)
    start = models.PositiveIntegerField()  # signs of the value as gathered
    end = models.PositiveIntegerField()
    why = models.CharField(max_length=32)  # key of rules.gathering
    state = models.CharField(max_length=8, default=RedactionState.PROPOSED.value)
    reason = models.CharField(max_length=24, blank=True)  # on what it was lifted: key of `lifting` in gathering.toml
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        """States are a closed set."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in RedactionState]), name="redaction_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.gathering_id} {self.section}.{self.row}.{self.column}"
