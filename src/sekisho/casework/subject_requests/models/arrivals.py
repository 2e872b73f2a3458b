"""What arrived at the desk."""

from django.db import models

from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.rules.intake import ArrivalState


class Arrival(models.Model):
    """Something that arrived at the desk: pages, a call, a visit. The pages stand sealed in the home, never here."""

    ref = models.CharField(max_length=24, unique=True)
    channel = models.CharField(max_length=8)  # of rules.intake.Channel
    arrived_at = models.DateTimeField()
    hours = models.CharField(max_length=16)  # how it lay in the desk's hours
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=64)
    pages = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)  # keyed: the same scan again is seen
    kind = models.CharField(max_length=32, blank=True)  # of the form's code
    is_dim = models.BooleanField(default=False)  # almost empty or almost black: perhaps unreadable
    state = models.CharField(max_length=16, default=ArrivalState.WAITING.value, db_index=True)
    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, null=True, related_name="arrivals")
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)  # the scan; the line of the book stays

    class Meta:
        """States are a closed set; what belongs to a case names it, nothing else does."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in ArrivalState]), name="arrival_state"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[ArrivalState.CASED.value, ArrivalState.LINKED.value], request__isnull=False
                )
                | (
                    ~models.Q(state__in=[ArrivalState.CASED.value, ArrivalState.LINKED.value])
                    & models.Q(request__isnull=True)
                ),
                name="arrival_names_its_case",
            ),
        )

    def __str__(self) -> str:
        return self.ref
