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
