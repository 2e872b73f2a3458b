"""Adopted versions of the carrier's policy, with every document they consist of."""

from django.db import models


class PolicyVersion(models.Model):
    """One revision of one version. Only a demo carrier may correct a version in place; others raise the number."""

    policy_id = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    revision = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    files = models.JSONField()  # relative path -> text, as checked
    effective_on = models.DateField()  # first day in force, Asia/Tokyo
    is_assumed = models.BooleanField()  # the published text gives no date: ours is assumed
    adopted_at = models.DateTimeField()
    adopted_by = models.CharField(max_length=64)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        """One row per revision."""

        constraints = (
            models.UniqueConstraint(fields=("policy_id", "version", "revision"), name="one_row_per_revision"),
            models.UniqueConstraint(
                fields=("policy_id", "version"),
                condition=models.Q(superseded_at=None),
                name="one_live_revision_per_version",
            ),
        )

    def __str__(self) -> str:
        return f"{self.policy_id}@{self.version} r{self.revision}"
