"""Adopted versions of the carrier's data map."""

from django.db import models


class DataMapVersion(models.Model):
    """One version, as adopted. The latest counts."""

    map_id = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    text = models.TextField()
    adopted_at = models.DateTimeField()
    adopted_by = models.CharField(max_length=64)

    class Meta:
        """Latest by the order of adoption."""

        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.map_id} {self.sha256[:12]}"


class Reclassification(models.Model):
    """What two people say a derived column is, against what it inherits, as long as it is made the same way."""

    ref = models.CharField(max_length=32, unique=True)
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=64)
    column = models.CharField(max_length=64)
    basis = models.CharField(max_length=64)  # hash of its definitions and of what they made it inherit
    inherited = models.JSONField()  # what it inherited when it was proposed
    items = models.JSONField()  # what it is instead; empty = not personal
    reason = models.TextField()
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        """In the order of proposal; two different people by the database's own rule too."""

        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("proposed_by")), name="reclassified_by_two_people"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ref} {self.system}.{self.table}.{self.column}"


class MapLook(models.Model):
    """One look at one system: whether it was what the map said, and how many rows stood in its tables."""

    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    map_sha256 = models.CharField(max_length=64)
    system = models.CharField(max_length=64)
    columns = models.PositiveIntegerField()
    differences = models.PositiveIntegerField()
    code = models.CharField(max_length=64, blank=True)  # why it could not be looked at; empty = it was
    counts = models.JSONField()  # table -> rows; empty = nobody counted

    class Meta:
        """The latest of a system counts."""

        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.system} {self.at:%Y-%m-%d %H:%M}"
