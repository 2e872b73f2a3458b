"""Requests for long work, the marks of finished steps, and since when each schedule counts. Nothing personal: ids only."""

from django.db import models
from django.db.models import Q

from sekisho.registers.batch_jobs.rules import LIVE, State

LIVE_VALUES = sorted((state.value for state in LIVE), reverse=True)  # in the migration's order, whatever a set's is


class JobRequest(models.Model):
    """Long work that was asked for, how far it is, and how it ended."""

    ref = models.CharField(max_length=40, unique=True)  # also the id of its workflow
    kind = models.CharField(max_length=64)
    arguments = models.JSONField(default=dict)  # ids only, held to the kind's schema
    lane = models.CharField(max_length=32, blank=True)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_index=True)
    as_of = models.DateTimeField(null=True)  # the instant the work takes for now, where a command named one
    slot = models.CharField(max_length=80, blank=True)  # schedule@instant: asked for once
    state = models.CharField(max_length=12, default=State.REQUESTED.value)
    executor = models.CharField(max_length=32, blank=True)  # the leased id of the process that took it up
    attempts = models.PositiveIntegerField(default=0)  # times a process took it up
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(null=True)  # null until the work knows
    what = models.CharField(max_length=120, blank=True)  # the place it is at: system.table
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    progressed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    cancel_by = models.CharField(max_length=64, blank=True)
    cancel_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=64, blank=True)  # a code
    why_values = models.JSONField(default=dict)  # what the code's sentence names: nothing personal, as in every refusal
    result = models.CharField(max_length=64, blank=True)  # reference of what it made
    acknowledged_by = models.CharField(max_length=64, blank=True)  # of a failed one: who has seen why
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        """States are closed; a lane has one job running; the same work is not asked for twice while it lives."""

        constraints = (
            models.CheckConstraint(condition=Q(state__in=[state.value for state in State]), name="job_state"),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_VALUES, ended_at__isnull=True)
                | (~Q(state__in=LIVE_VALUES) & Q(ended_at__isnull=False)),
                name="job_ended_has_its_time",
            ),
            models.UniqueConstraint(
                fields=("lane",), condition=Q(state=State.RUNNING.value) & ~Q(lane=""), name="one_running_in_a_lane"
            ),
            models.UniqueConstraint(fields=("slot",), condition=~Q(slot=""), name="one_job_per_slot"),
            models.UniqueConstraint(
                fields=("kind", "arguments"),
                condition=Q(state__in=LIVE_VALUES),
                name="one_live_job_for_the_same",
            ),
        )

    def __str__(self) -> str:
        return self.ref


class JobStep(models.Model):
    """A step whose effect is committed: written in the transaction of that effect, so that a repeat is a no-op."""

    job = models.ForeignKey(JobRequest, on_delete=models.PROTECT, related_name="steps")
    key = models.CharField(max_length=80)
    done_at = models.DateTimeField()

    class Meta:
        """Once."""

        constraints = (models.UniqueConstraint(fields=("job", "key"), name="one_effect_per_step"),)

    def __str__(self) -> str:
        return f"{self.job_id}/{self.key}"


class JobSchedule(models.Model):
    """Since when a schedule counts for this carrier, whether somebody stopped it, and when it runs here."""

    schedule = models.CharField(max_length=64, unique=True)
    since = models.DateTimeField()
    paused_by = models.CharField(max_length=64, blank=True)
    paused_at = models.DateTimeField(null=True)
    at = models.CharField(
        max_length=5, blank=True
    )  # Tokyo time of day, where carrier.yaml says another than schedules.toml
    every_minutes = models.PositiveIntegerField(null=True)  # the same for one that runs several times a day

    def __str__(self) -> str:
        return self.schedule
