"""Everyone who may handle personal information: employees, officers, dispatched, agency and contractor staff."""

from django.db import models


class StaffMember(models.Model):
    """One person working for the carrier, known by an opaque reference. Source: APPI 24."""

    ref = models.CharField(max_length=64, unique=True)
    display_name = models.CharField(max_length=64)
    role = models.CharField(max_length=32)
    employment = models.CharField(max_length=16)  # officer, employee, dispatched, agency, contractor, system
    shop = models.CharField(max_length=64, blank=True)
    joined_on = models.DateField()
    left_on = models.DateField(null=True)
    trained_on = models.DateField(null=True)
    pledged_on = models.DateField(null=True)
    exit_pledged_on = models.DateField(null=True)
    acknowledged_era = models.CharField(max_length=96, blank=True)  # the policy version this person has read

    def __str__(self) -> str:
        return self.ref
