"""The ledger's own tables. Nobody but this room opens them; triggers keep them append-only (migration 0002)."""

from django.db import models
from django.db.models.functions import Now


class Entry(models.Model):
    """One entry. It is written unnumbered by the action it records; the sequencer gives it its index, once."""

    entry = models.UUIDField(unique=True)
    kind = models.CharField(max_length=64)
    leaf = models.BinaryField()  # canonical JSON of {at, body, id, kind}: the leaf of the tree
    leaf_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField()  # when it happened, as the action was told
    written_at = models.DateTimeField(db_default=Now())  # when it was written, by the database's clock
    index = models.BigIntegerField(null=True)

    class Meta:
        """An index is given once, and from 0."""

        constraints = (
            models.UniqueConstraint(fields=("index",), name="one_entry_per_index"),
            models.CheckConstraint(condition=models.Q(index=None) | models.Q(index__gte=0), name="index_from_zero"),
        )
        indexes = (models.Index(fields=("id",), name="waiting_entries", condition=models.Q(index=None)),)

    def __str__(self) -> str:
        return str(self.entry)


class Checkpoint(models.Model):
    """One signed head of the tree."""

    size = models.BigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField()  # the signed note, as published
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"checkpoint {self.size}"


class SequencerLease(models.Model):
    """Who may number entries, and until when: one row."""

    holder = models.CharField(max_length=128, blank=True)
    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.holder
