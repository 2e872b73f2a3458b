"""Decisions and what they may rest on: batches sealed in the ledger, claims, tickets, keys of machines that ask."""

from django.db import models

from sekisho.registers.decisions.rules import KeyScope


class DecisionBatch(models.Model):
    """Decisions committed together. One evidence entry holds `root`, the Merkle root over their salted records."""

    entry = models.UUIDField(unique=True)
    root = models.BinaryField(max_length=32)
    size = models.PositiveIntegerField()
    sealed_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return str(self.entry)


class SealedDecision(models.Model):
    """One decision. `record` and `salt` have their own retention: without them the hash proves order, not content."""

    batch = models.ForeignKey(DecisionBatch, on_delete=models.PROTECT, related_name="decisions")
    position = models.PositiveIntegerField()
    leaf_hash = models.BinaryField(max_length=32)
    salt = models.BinaryField(max_length=32, null=True)
    record = models.JSONField(null=True)
    answer = models.CharField(max_length=16)
    act = models.CharField(max_length=32)
    purpose = models.CharField(max_length=64)
    actor = models.CharField(max_length=64)
    policy = models.CharField(max_length=96)
    at = models.DateTimeField(db_index=True)

    class Meta:
        """One decision per place; read by what was asked and answered."""

        constraints = (models.UniqueConstraint(fields=("batch", "position"), name="one_decision_per_place"),)
        indexes = (models.Index(fields=("answer", "purpose"), name="decisions_by_answer"),)

    def __str__(self) -> str:
        return f"{self.answer} {self.purpose}"


class Claim(models.Model):
    """An exception, a ground, an officer's approval or a case: what an ask may point to."""

    ref = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=64, blank=True)
    persons = models.JSONField(default=list)
    actors = models.JSONField(default=list)
    purpose = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(default=dict)
    document = models.CharField(max_length=128, blank=True)
    requested_by = models.CharField(max_length=64)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64, blank=True)
    approved_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Nobody approves what they asked for."""

        constraints = (
            models.CheckConstraint(
                condition=models.Q(approved_by="") | ~models.Q(approved_by=models.F("requested_by")),
                name="claim_needs_two_people",
            ),
        )

    def __str__(self) -> str:
        return self.ref


class AccessTicket(models.Model):
    """Opens 通信履歴 for a fault or a misuse: these lines, these hours, until closed. Source: TBA 4, 刑法35."""

    ref = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=16)
    lines = models.JSONField()  # keyed digests of the numbers
    since = models.DateTimeField()
    until = models.DateTimeField()
    opened_by = models.CharField(max_length=64)
    approved_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        """Nobody approves what they opened."""

        constraints = (
            models.CheckConstraint(
                condition=~models.Q(approved_by=models.F("opened_by")), name="ticket_needs_two_people"
            ),
        )

    def __str__(self) -> str:
        return self.ref


def asking_only() -> list[str]:
    """What a key may do unless it was made for more."""
    return [KeyScope.EVALUATE.value]


class ApiKey(models.Model):
    """A machine that may ask. Only the hash of its key is kept."""

    name = models.CharField(max_length=64, unique=True)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=asking_only)  # see rules.KeyScope
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
