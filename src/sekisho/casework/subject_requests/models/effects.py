"""What an answer changes and whom it reaches: corrections without their values, recipients that were told."""

from django.db import models

from sekisho.casework.subject_requests.models.answers import CaseEffect
from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.rules.answering import TextState


class CaseCorrection(models.Model):
    """One value that a person asked to have put right. What is wrong and right stands sealed in the home under `ref`."""

    ref = models.CharField(max_length=32, unique=True)  # K-2026-0001-C1
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="corrections")
    item = models.CharField(max_length=96)  # class.field of the policy
    happened = models.DateField(null=True)  # since when it is right; null = the other value never was
    sha256 = models.CharField(max_length=64)  # of what was sealed
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)  # recorded by mistake
    destroyed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.ref


class CaseText(models.Model):
    """What was decided of one cell of free text in which a value that was put right stood. `mark` is keyed and says nothing."""

    effect = models.ForeignKey(CaseEffect, on_delete=models.PROTECT, related_name="texts")
    mark = models.CharField(max_length=64)  # of the cell and of its text: another text is looked at again
    state = models.CharField(max_length=12)  # of rules.answering.TextState
    reason = models.CharField(max_length=24, blank=True)  # why it was kept: key of `texts.keeping` in effects.toml
    code = models.CharField(max_length=64, blank=True)  # why the store was not written
    decided_by = models.CharField(max_length=64)
    decided_at = models.DateTimeField()

    class Meta:
        """A cell is decided once; who keeps it says why."""

        constraints = (
            models.UniqueConstraint(fields=("effect", "mark"), name="text_decided_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[one.value for one in TextState])
                & (models.Q(state=TextState.KEPT.value) ^ models.Q(reason="")),
                name="kept_texts_say_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.effect_id} {self.state}"


class RecipientWord(models.Model):
    """A recipient that had the data was told what became of it, and is asked to say that it did the same."""

    effect = models.OneToOneField(CaseEffect, on_delete=models.PROTECT, related_name="word")
    recipient = models.CharField(max_length=64)
    told_on = models.DateField()
    due_on = models.DateField()
    chased_on = models.DateField(null=True)
    chased = models.PositiveIntegerField(default=0)
    confirmed_on = models.DateField(null=True)
    confirmed_by = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"{self.effect_id} {self.recipient}"
