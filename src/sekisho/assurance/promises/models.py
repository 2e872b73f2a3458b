"""What was last seen of every promise, version by version."""

from django.db import models

from sekisho.assurance.promises.rules import Doubt, Verdict


class PromiseCheck(models.Model):
    """The latest look at one clause of one version. The ledger keeps the earlier ones, as digests."""

    era = models.CharField(max_length=100)
    clause = models.CharField(max_length=32)
    proof = models.CharField(max_length=100, blank=True)
    verdict = models.CharField(max_length=16, choices=[(verdict.value, verdict.name) for verdict in Verdict])
    doubt = models.CharField(max_length=16, blank=True, choices=[(doubt.value, doubt.name) for doubt in Doubt])
    looked_at = models.PositiveBigIntegerField()
    figure = models.TextField(blank=True)
    figure_en = models.TextField(blank=True, default="")
    evidence = models.CharField(max_length=100, blank=True)
    why = models.TextField(blank=True)
    why_en = models.TextField(blank=True, default="")
    checked_at = models.DateTimeField()
    fresh_until = models.DateTimeField(null=True)
    since = models.DateTimeField()  # since when the verdict is this one

    class Meta:
        """One row per promise."""

        constraints = (
            models.UniqueConstraint(fields=("era", "clause"), name="one_check_per_promise"),
            models.CheckConstraint(
                condition=models.Q(verdict__in=[verdict.value for verdict in Verdict]), name="known_verdict"
            ),
        )

    def __str__(self) -> str:
        return f"{self.era} {self.clause} {self.verdict}"
