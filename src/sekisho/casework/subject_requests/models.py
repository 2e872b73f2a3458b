"""Requests of data subjects, what arrived for them, and who opened whose page under which request."""

from django.db import models

from sekisho.casework.subject_requests.rules import Outcome, Status
from sekisho.casework.subject_requests.rules.intake import ArrivalState
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
