"""The consent ledger: what each person agreed to, objected to or withdrew; append-only."""

from django.db import models


class ConsentEvent(models.Model):
    """One event. Never changed, never deleted but by erasure of the person. Source: APPI 18(1), 27(1); TBA 4."""

    epoch = models.PositiveBigIntegerField(unique=True)  # rises by one with every change of anybody's standing
    person_ref = models.CharField(max_length=40)
    kind = models.CharField(max_length=24)  # see rules.ConsentKind
    scope = models.CharField(max_length=64)  # purpose, way out, recipient, channel, or * = all the notice names
    given = models.BooleanField()
    notice_era = models.CharField(max_length=96)  # the policy version whose notice was shown
    channel = models.CharField(max_length=16)  # paper, phone, web, shop
    at = models.DateTimeField()

    class Meta:
        """Folded by person in order of epoch; read by instant where an ask looks back."""

        indexes = (
            models.Index(fields=("person_ref", "epoch"), name="consents_of_a_person"),
            models.Index(fields=("at",), name="consents_by_instant"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.scope} #{self.epoch}"


class EpochCounter(models.Model):
    """The last epoch given out: one row."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)
