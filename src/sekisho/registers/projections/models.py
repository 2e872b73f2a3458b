"""Projections that stand in the home, queries that ran over them, and the groups that were released. No personal values."""

from django.db import models


class Projection(models.Model):
    """One table as one purpose may see it, in a file of its own. It lives for a day at most."""

    key = models.CharField(max_length=64, unique=True)
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    recipient = models.CharField(max_length=64, blank=True)
    scope = models.CharField(max_length=64)  # hash of everything but the epoch: what makes a projection usable again
    policy_sha256 = models.CharField(max_length=64)
    policy = models.CharField(max_length=96)  # policy@version
    epoch = models.PositiveBigIntegerField()
    change = models.PositiveBigIntegerField()  # how far the identities register had come
    items = models.JSONField()
    columns = models.JSONField()
    rows = models.PositiveBigIntegerField()
    lost = models.JSONField()  # [{code, clause, article, message, count}], in the order of looking
    people = models.BinaryField()  # numbers of everybody in it, as a compressed set
    bytes = models.PositiveBigIntegerField()
    milliseconds = models.PositiveIntegerField()
    built_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    dropped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.system}.{self.table} for {self.purpose}"


class CopyRequest(models.Model):
    """A copy that a job builds: of which columns of which table, for what purpose; no query and no value of one."""

    ref = models.CharField(max_length=40, unique=True)  # the argument of the job
    system = models.CharField(max_length=64)
    table = models.CharField(max_length=64)
    columns = models.JSONField()
    purpose = models.CharField(max_length=64)
    channel = models.CharField(max_length=16, blank=True)
    scope = models.CharField(max_length=64, db_index=True)
    snapshot = models.TextField()  # the store's state it is of
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField(db_index=True)
    key = models.CharField(max_length=64, blank=True)  # of the projection, once it stands

    def __str__(self) -> str:
        return self.ref


class QueryRun(models.Model):
    """One query that was answered: its shape without literals, what it rested on, how much went out."""

    ref = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=64, db_index=True)
    actor = models.CharField(max_length=64)
    shape = models.TextField()
    columns = models.JSONField()  # system.table.column it touched
    projections = models.JSONField()  # keys
    epoch = models.PositiveBigIntegerField()
    rows = models.PositiveBigIntegerField()
    result_sha256 = models.CharField(max_length=64)
    milliseconds = models.PositiveIntegerField()
    entry = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"query {self.ref}"


class ReleasedGroup(models.Model):
    """A group of people about whom a figure went out for a purpose: kept to recognise one that differs by a few."""

    purpose = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    people = models.BinaryField()  # numbers, as a compressed set
    released_at = models.DateTimeField(db_index=True)

    class Meta:
        """Looked up by purpose and size: only groups of nearly the same size can differ by a few."""

        indexes = (models.Index(fields=("purpose", "size"), name="released_by_size"),)

    def __str__(self) -> str:
        return f"group of {self.size} for {self.purpose}"


class FailedRun(models.Model):
    """A query that was planned and failed while it ran: counted, because failing or not can tell something."""

    purpose = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    code = models.CharField(max_length=48)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.code} for {self.purpose}"
