"""Looks over the systems, what they found and what was answered. Counts and places, never a value that was found."""

from django.db import models


class DiscoveryRun(models.Model):
    """One look over the carrier's systems, by which versions of the rules."""

    ref = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=8)  # full, or again: only what newer rules ask for
    schema_only = models.BooleanField(default=False)
    rows = models.PositiveIntegerField()  # drawn of each table at most
    seed = models.BigIntegerField()
    systems = models.JSONField()  # those looked at, whole
    unread = models.JSONField(default=dict)  # system or system.table -> code why not
    columns = models.PositiveIntegerField(default=0)  # judged
    reread = models.PositiveIntegerField(default=0)  # tables whose data was read for it
    versions = models.JSONField()  # recogniser -> [what it sees, the whole rule]
    by = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """In order of looking."""

        ordering = ("id",)

    def __str__(self) -> str:
        return self.ref


class ColumnLook(models.Model):
    """What the last look counted in one column: enough to judge it again without reading it."""

    system = models.CharField(max_length=64)
    table = models.CharField(max_length=128)
    column = models.CharField(max_length=128)
    state = models.CharField(max_length=128)  # of the store, as it was read
    measures = models.JSONField(null=True)  # counts; null where only the name was looked at
    run = models.CharField(max_length=32)

    class Meta:
        """One per column."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("system", "table", "column"), name="one_look_per_column"),)

    def __str__(self) -> str:
        return f"{self.system}.{self.table}.{self.column}"


class Finding(models.Model):
    """A kind of personal information in a column; an empty column means the table as a whole."""

    system = models.CharField(max_length=64)
    table = models.CharField(max_length=128)
    column = models.CharField(max_length=128, blank=True)
    type = models.CharField(max_length=64)  # the recogniser
    grade = models.CharField(max_length=16)
    score = models.FloatField()
    why = models.TextField()
    why_en = models.TextField()
    sampled = models.PositiveIntegerField()
    matched = models.PositiveIntegerField()
    is_inside = models.BooleanField(default=False)  # inside longer values, as in memos
    rule = models.CharField(max_length=32)  # version of the recogniser that said so
    run = models.CharField(max_length=32)
    first_seen_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, db_index=True)  # a later look found it no more

    class Meta:
        """One per place and kind."""

        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("system", "table", "column", "type"), name="one_finding_per_place"),
        )

    def __str__(self) -> str:
        return f"{self.type} in {self.system}.{self.table}.{self.column}".rstrip(".")


class FindingAnswer(models.Model):
    """What a person said to what was found in a place: it belongs into the map as `item`, or it is nothing, and why."""

    ref = models.CharField(max_length=32, unique=True)
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=128)
    column = models.CharField(max_length=128, blank=True)
    is_accepted = models.BooleanField()
    item = models.CharField(max_length=96, blank=True)
    reason = models.TextField(blank=True)
    rules = models.JSONField()  # recogniser -> version it was said to: another version ends a dismissal
    by = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        """The latest of a place counts."""

        ordering = ("id",)

    def __str__(self) -> str:
        return self.ref
