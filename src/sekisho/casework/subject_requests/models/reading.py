"""Pages read by machine: that they were, and where something stands that nobody may keep. What it says stands nowhere."""

from django.db import models

from sekisho.casework.subject_requests.models.arrivals import Arrival
from sekisho.casework.subject_requests.rules.reading import ReadState, Settled


class PageReading(models.Model):
    """One reading of one page. `masks`: how many times boxes had been burned into it by then; the last reading counts."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="readings")
    page = models.PositiveIntegerField()
    state = models.CharField(max_length=8)
    turn = models.PositiveIntegerField(default=0)  # degrees against the clock until it was upright
    masks = models.PositiveIntegerField()
    reader = models.CharField(max_length=80)  # program and version
    rules = models.CharField(max_length=16)  # version of what is looked for
    read_at = models.DateTimeField()

    class Meta:
        """States are a closed set."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[one.value for one in ReadState]), name="page_reading_state"
            ),
        )

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.page}"


class PageFinding(models.Model):
    """A place on a page, in thousandths, and which part of the law pack's masks stands there. Never what it says."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="findings")
    page = models.PositiveIntegerField()
    part = models.CharField(max_length=32)
    by = models.CharField(max_length=32)  # recogniser
    rules = models.CharField(max_length=16)
    left = models.PositiveIntegerField()
    top = models.PositiveIntegerField()
    right = models.PositiveIntegerField()
    bottom = models.PositiveIntegerField()
    found_at = models.DateTimeField()
    settled = models.CharField(max_length=9, blank=True, default=Settled.OPEN.value)
    reason = models.CharField(max_length=24, blank=True)  # of reading.toml
    settled_by = models.CharField(max_length=64, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Set aside only with a reason."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(settled__in=[one.value for one in Settled]), name="page_finding_settled"
            ),
            models.CheckConstraint(
                condition=models.Q(settled=Settled.SET_ASIDE.value, reason__gt="")
                | (~models.Q(settled=Settled.SET_ASIDE.value) & models.Q(reason="")),
                name="page_finding_aside_says_why",
            ),
        )

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.page} {self.part}"
