"""Answers that leave: what was decided, who agreed to exactly these bytes, how they left, what they bring about."""

from django.db import models

from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.models.gathering import Gathering
from sekisho.casework.subject_requests.models.keeping import CaseLetter
from sekisho.casework.subject_requests.rules.answering import AnswerState, EffectState


class CaseAnswer(models.Model):
    """One answer to a request. What leaves stands sealed in the home under `ref`; the approval binds its hash."""

    ref = models.CharField(max_length=32, unique=True)  # K-2026-0001-A1
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="answers")
    gathering = models.ForeignKey(Gathering, on_delete=models.PROTECT, null=True)
    letter = models.ForeignKey(CaseLetter, on_delete=models.PROTECT, null=True)  # that goes with it or is it
    outcome = models.CharField(max_length=16)  # of rules.Outcome
    reply = models.CharField(max_length=12)  # paper or electronic
    lines = models.JSONField(default=list)  # per class and place: what is answered, what decides, clause and ground
    sha256 = models.CharField(max_length=64)  # of everything that leaves
    state = models.CharField(max_length=10, default=AnswerState.DRAFTED.value)
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    sent_on = models.DateField(null=True)
    registered_no = models.CharField(max_length=32, blank=True)
    expires_at = models.DateTimeField(null=True)  # until when it can be taken at the centre
    destroyed_at = models.DateTimeField(null=True)
    fingerprints = models.JSONField(default=list)  # names and SHA-256 of what left, once the files themselves are gone

    class Meta:
        """States are a closed set; one answer at a time is on its way; nobody approves their own."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in AnswerState]), name="answer_state"
            ),
            models.UniqueConstraint(
                fields=("request",),
                condition=~models.Q(state=AnswerState.WITHDRAWN.value),
                name="one_answer_at_a_time",
            ),
            models.CheckConstraint(condition=~models.Q(approved_by=models.F("made_by")), name="approved_by_another"),
        )

    def __str__(self) -> str:
        return self.ref


class CaseEffect(models.Model):
    """What an answer brings about outside the file: a correction in a system, a stop, a plan, word to a recipient."""

    answer = models.ForeignKey(CaseAnswer, on_delete=models.PROTECT, related_name="effects")
    kind = models.CharField(max_length=24)  # of rules.answering.EffectKind
    target = models.CharField(max_length=128, blank=True)  # system.table, recipient, plan: never a value
    state = models.CharField(max_length=8, default=EffectState.PENDING.value)
    code = models.CharField(max_length=64, blank=True)  # why it failed
    done_at = models.DateTimeField(null=True)

    class Meta:
        """States are a closed set."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in EffectState]), name="effect_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.answer_id} {self.kind}"


class AnswerReading(models.Model):
    """One account opened one file of an answer, in exactly these bytes."""

    answer = models.ForeignKey(CaseAnswer, on_delete=models.PROTECT, related_name="readings")
    account = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)  # of the file
    at = models.DateTimeField()  # the first time

    class Meta:
        """A file is opened by somebody or it is not."""

        constraints = (models.UniqueConstraint(fields=("answer", "account", "sha256"), name="file_read_by"),)

    def __str__(self) -> str:
        return f"{self.answer_id} {self.account}"


class CaseAccess(models.Model):
    """The secret with which a person follows one case at the centre and takes the answer. Only its hash stands here."""

    request = models.OneToOneField(SubjectRequest, on_delete=models.PROTECT, related_name="access")
    secret_hash = models.CharField(max_length=128)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)  # wrong ones in a row
    closed_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.request_id)


class CaseAccessUse(models.Model):
    """One use of it, for the person to see who looked."""

    access = models.ForeignKey(CaseAccess, on_delete=models.PROTECT, related_name="uses")
    at = models.DateTimeField()
    what = models.CharField(max_length=12)  # of rules.access.Use

    def __str__(self) -> str:
        return f"{self.access_id} {self.what}"
