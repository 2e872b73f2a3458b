"""Backups that were made, people who came back, drills that were held. Nothing here says whose anything is."""

from django.db import models


class Backup(models.Model):
    """One backup: where it was put, until when it lives, and when it was destroyed with its key."""

    ref = models.CharField(max_length=40, unique=True)
    place = models.TextField(blank=True)
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    manifest_sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    destroyed_at = models.DateTimeField(null=True)
    files_left = models.BooleanField(default=False)  # the key is dead, but the sealed files could not be reached

    def __str__(self) -> str:
        return self.ref


class Returned(models.Model):
    """Somebody erased whose data came back: in an import, or as a row of a store. Nothing of it may be used."""

    ref = models.CharField(max_length=40, unique=True)
    person_ref = models.CharField(max_length=40, blank=True)  # of the newcomer, where the register knows one
    erased_ref = models.CharField(max_length=40)  # of the tombstone
    identifier = models.CharField(max_length=24)  # its kind, never its value
    system = models.CharField(max_length=64, blank=True)
    table = models.CharField(max_length=64, blank=True)
    rows = models.BigIntegerField(default=0)
    found_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    how = models.CharField(max_length=16, blank=True)  # erased, released

    def __str__(self) -> str:
        return self.ref


class Drill(models.Model):
    """One drill: what was backed up, erased, restored and replayed in a scratch folder, and how long each stage took."""

    ref = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    backup = models.CharField(max_length=40)
    people = models.PositiveIntegerField()
    resurrected = models.PositiveIntegerField()  # found by the independent reader after the replay
    looked_at = models.PositiveIntegerField()  # needles times places
    passed = models.BooleanField()
    stages = models.JSONField()  # list of {stage, system, milliseconds, rows}
    undrilled = models.JSONField(default=list)  # list of {system, kind, why}: an empty store stood in for it

    def __str__(self) -> str:
        return self.ref
