"""Which enforced views were ordered, and who logs in to the carrier's databases as whom."""

from django.db import models


class EnforcedViews(models.Model):
    """The views of one purpose in one system, as last ordered. Whether they stand is asked of the system itself."""

    system = models.CharField(max_length=64)
    purpose = models.CharField(max_length=64)
    channel = models.CharField(max_length=16, blank=True)
    era = models.CharField(max_length=96)
    sha256 = models.CharField(max_length=64)
    ordered_at = models.DateTimeField()
    ordered_by = models.CharField(max_length=64)

    class Meta:
        """One set per system and purpose."""

        constraints = (models.UniqueConstraint(fields=("system", "purpose"), name="one_set_of_views"),)

    def __str__(self) -> str:
        return f"{self.purpose} on {self.system}"


class ViewLogin(models.Model):
    """A login of a system is this member of staff (or machine): whose training, pledge and shop count behind a view."""

    system = models.CharField(max_length=64)
    login = models.CharField(max_length=63)
    actor = models.CharField(max_length=64)
    enrolled_at = models.DateTimeField()
    enrolled_by = models.CharField(max_length=64)

    class Meta:
        """A login is one person."""

        constraints = (models.UniqueConstraint(fields=("system", "login"), name="one_actor_per_login"),)

    def __str__(self) -> str:
        return f"{self.login} of {self.system}"
