"""What the desk knows for its questions: who sends, marks of pages, results, who is protected, what was blacked out."""

from django.db import models

from sekisho.casework.subject_requests.models.arrivals import Arrival
from sekisho.casework.subject_requests.models.cases import SubjectRequest
from sekisho.casework.subject_requests.rules.fraud import Result


class CaseSender(models.Model):
    """Who sends a request, where the answer is wanted. The agent is a keyed digest: the same one is known again."""

    request = models.OneToOneField(SubjectRequest, on_delete=models.PROTECT, related_name="sender")
    agent = models.CharField(max_length=64, blank=True, db_index=True)
    address_is = models.CharField(max_length=8, blank=True)  # of rules.fraud.AddressIs
    changed_on = models.DateField(null=True)  # the address, where it changed
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.request_id)


class PageMark(models.Model):
    """The keyed mark of one page: the same page again is found by it, and nothing else without the desk's key."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="marks")
    page = models.PositiveIntegerField()
    mark = models.CharField(max_length=520, blank=True)  # as it lies and turned thrice, divided by a stroke

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.page}"


class CheckResult(models.Model):
    """What came of one question about a case. The last one counts."""

    request = models.ForeignKey(SubjectRequest, on_delete=models.PROTECT, related_name="checks")
    code = models.CharField(max_length=24)  # of fraud.toml
    about = models.CharField(max_length=16)  # rules.fraud.Seen.key
    result = models.CharField(max_length=8)
    how = models.CharField(max_length=200)  # in the clerk's words, of the way and never of the person
    recorded_by = models.CharField(max_length=64)
    recorded_at = models.DateTimeField()

    class Meta:
        """Results are a closed set."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(result__in=[result.value for result in Result]), name="check_result"
            ),
        )

    def __str__(self) -> str:
        return f"{self.request_id} {self.code}"


class ProtectedPerson(models.Model):
    """Somebody whose whereabouts are protected from an instant on: on which showing, and who wrote it down."""

    person_ref = models.CharField(max_length=40, db_index=True)
    showing = models.CharField(max_length=24)  # of rules.fraud.Showing
    since = models.DateTimeField()
    set_by = models.CharField(max_length=64)
    until = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=64, blank=True)
    agreed_by = models.CharField(max_length=64, blank=True)  # to the lifting: another

    class Meta:
        """One living entry for a person; nobody lifts alone."""

        constraints = (
            models.UniqueConstraint(
                fields=("person_ref",), condition=models.Q(until=None), name="protected_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(agreed_by="") | ~models.Q(agreed_by=models.F("lifted_by")),
                name="protection_lifted_by_two",
            ),
        )

    def __str__(self) -> str:
        return f"protection of {self.person_ref}"


class PageMask(models.Model):
    """One page with boxes burned into it, or found to need none. What stood under them stands nowhere."""

    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="masks")
    page = models.PositiveIntegerField()
    boxes = models.PositiveIntegerField()
    parts = models.JSONField(default=list)  # which parts of the law pack's masks
    made_by = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    is_burned = models.BooleanField(default=False)  # the page without them is destroyed

    def __str__(self) -> str:
        return f"{self.arrival_id} {self.page}"
