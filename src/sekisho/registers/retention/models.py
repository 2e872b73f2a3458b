"""Holds, erasures of one person with their steps, and sweeps. No personal value stands here in the clear.

A plan knows its person by an opaque reference. Identifiers and names travel sealed, under a key file that dies when
the certificate is issued.
"""

from django.db import models
from django.db.models import Q

from sekisho.registers.retention.rules import PlanStatus, RunStatus, StepStatus


class Hold(models.Model):
    """A reason, put on paper, not to erase: of one person, of one table, or of some items."""

    SOURCE = 200

    ref = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=32, blank=True)  # preservation, legal_claim …, as the law packs name them
    ground = models.CharField(max_length=16)  # RET-1 …, as the law packs name them
    source = models.CharField(max_length=SOURCE)  # the order or paper
    person_ref = models.CharField(max_length=40, blank=True, db_index=True)
    system = models.CharField(max_length=64, blank=True)
    table = models.CharField(max_length=64, blank=True)
    items = models.JSONField(default=list)
    placed_on = models.DateField()
    until = models.DateField(null=True)
    longest = models.DateField(null=True)  # the last day any extension can reach
    review_on = models.DateField(null=True)
    placed_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=64, blank=True)
    release_reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)  # when it was written down that its last day is over
    opened = models.JSONField(default=list)  # of a confidential one: what the sealed entries commit to, with the salts
    # INVARIANT: a confidential hold (an authority asked) is shown to nobody but the authorities desk (LAW.md 9.1).
    is_confidential = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.ref


class ErasurePlan(models.Model):
    """The erasure of one person: the frozen plan, who approved it, how far it came."""

    ref = models.CharField(max_length=40, unique=True)
    person_ref = models.CharField(max_length=40, db_index=True)
    reason = models.CharField(max_length=64)
    status = models.CharField(max_length=16, default=PlanStatus.PROPOSED.value)
    on = models.DateField()
    document = models.JSONField()  # the plan as hashed
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField(null=True)  # identifiers and names, encrypted; null once certified
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    hold_until = models.DateTimeField(null=True)  # end of the hold window after approval
    why = models.JSONField(default=list)  # codes of what is not done
    retry_at = models.DateTimeField(null=True)  # the clock of 一部未了
    finished_at = models.DateTimeField(null=True)
    verification = models.JSONField(null=True)
    entry = models.CharField(max_length=64, blank=True)  # the certificate's entry in the ledger
    certificate = models.JSONField(null=True)  # the certificate's document
    certified_at = models.DateTimeField(null=True)

    class Meta:
        """States are a closed set, and a certificate exists exactly where the state says so."""

        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in PlanStatus]), name="erasure_plan_status"
            ),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.CERTIFIED.value, certificate__isnull=False)
                | (~Q(status=PlanStatus.CERTIFIED.value) & Q(certificate__isnull=True)),
                name="certified_has_certificate",
            ),
            models.CheckConstraint(
                condition=~Q(status=PlanStatus.PARTLY.value) | Q(retry_at__isnull=False), name="partly_has_its_clock"
            ),
        )

    def __str__(self) -> str:
        return self.ref


class Approval(models.Model):
    """One person's approval of one plan, bound to its hash."""

    plan = models.ForeignKey(ErasurePlan, on_delete=models.PROTECT, related_name="approvals")
    by = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """Nobody approves twice."""

        constraints = (models.UniqueConstraint(fields=("plan", "by"), name="one_approval_per_person"),)

    def __str__(self) -> str:
        return f"{self.plan_id} {self.by}"


class ErasureStep(models.Model):
    """One step of a plan. `before` and `after` are counts by queries of their own."""

    plan = models.ForeignKey(ErasurePlan, on_delete=models.PROTECT, related_name="steps")
    ordinal = models.PositiveIntegerField()
    spec = models.JSONField()  # kind, system, table, path, columns, conditions: nothing personal
    status = models.CharField(max_length=8, default=StepStatus.PENDING.value)
    before = models.BigIntegerField(null=True)
    after = models.BigIntegerField(null=True)
    why = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """A step exists once, and is done only with its counts."""

        constraints = (
            models.UniqueConstraint(fields=("plan", "ordinal"), name="one_step_per_ordinal"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in StepStatus]), name="erasure_step_status"
            ),
            models.CheckConstraint(
                condition=~Q(status=StepStatus.DONE.value) | Q(before__isnull=False, after=0), name="done_left_nothing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.ordinal}"


class RetainedItem(models.Model):
    """What law, a living claim or a hold keeps of an erased person (留保), and until when: its place in the queue."""

    plan = models.ForeignKey(ErasurePlan, on_delete=models.PROTECT, related_name="retained")
    ordinal = models.PositiveIntegerField()
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    item = models.CharField(max_length=64)
    rule = models.CharField(max_length=16)
    clause = models.CharField(max_length=16, blank=True)
    article = models.CharField(max_length=200, blank=True)
    says = models.TextField()
    until = models.DateField(null=True, db_index=True)
    rows = models.BigIntegerField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        """Listed once."""

        constraints = (models.UniqueConstraint(fields=("plan", "ordinal"), name="one_retained_per_ordinal"),)

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.system}.{self.table}"


class SweepRun(models.Model):
    """One sweep over all systems on one day."""

    ref = models.CharField(max_length=40, unique=True)
    on = models.DateField()
    policy = models.CharField(max_length=64)
    datamap_sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=8, default=RunStatus.RUNNING.value)
    examined = models.BigIntegerField(default=0)  # rows of all tables looked through
    erased = models.BigIntegerField(default=0)
    kept = models.JSONField(default=list)  # what is past its policy period and stays, with the ground
    unswept = models.JSONField(default=list)  # what nobody could judge: system, table, item, code, rows
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """States are a closed set."""

        constraints = (
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in RunStatus]), name="sweep_run_status"
            ),
        )

    def __str__(self) -> str:
        return self.ref


class SweepStep(models.Model):
    """One table's due rows, or one store's purge."""

    run = models.ForeignKey(SweepRun, on_delete=models.PROTECT, related_name="steps")
    ordinal = models.PositiveIntegerField()
    spec = models.JSONField()
    status = models.CharField(max_length=8, default=StepStatus.PENDING.value)
    before = models.BigIntegerField(null=True)
    after = models.BigIntegerField(null=True)
    why = models.CharField(max_length=64, blank=True)
    begun_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        """A step exists once, and is done only with its counts."""

        constraints = (
            models.UniqueConstraint(fields=("run", "ordinal"), name="one_sweep_step_per_ordinal"),
            models.CheckConstraint(
                condition=~Q(status=StepStatus.DONE.value) | Q(before__isnull=False, after=0), name="swept_left_nothing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.ordinal}"
