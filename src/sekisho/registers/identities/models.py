"""Who is who, over time. A person is an opaque reference; identifiers belong to persons over intervals.

Numbers are recycled, names change, families and companies share lines: no table here is keyed by a number.
Intervals are half open: `since` <= t < `until`, both aware UTC, None = open.
"""

from django.db import models


class Person(models.Model):
    """One person (or corporate party), known by an opaque reference that means nothing elsewhere."""

    ref = models.CharField(max_length=40, unique=True)
    born_on = models.DateField(null=True)
    deceased_on = models.DateField(null=True)
    guardian_ref = models.CharField(max_length=40, blank=True)
    is_corporate = models.BooleanField(default=False)
    is_protected = models.BooleanField(default=False)  # 支援措置: no automatic answers
    shop = models.CharField(max_length=64, blank=True)  # the agency shop whose customer this is
    acquired_on = models.DateField()  # when the carrier first acquired this person's data

    def __str__(self) -> str:
        return self.ref


class PersonKind(models.Model):
    """Which kind of data subject a person is: customer, staff, shareholder, …"""

    person_ref = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=32, db_index=True)

    class Meta:
        """A person is of a kind once."""

        constraints = (models.UniqueConstraint(fields=("person_ref", "kind"), name="of_a_kind_once"),)

    def __str__(self) -> str:
        return f"{self.person_ref} {self.kind}"


class Identifier(models.Model):
    """One identifier of one person over one interval: customer_no, number, staff_no, mail, …"""

    person_ref = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=24)
    value = models.CharField(max_length=254)
    role = models.CharField(max_length=24, blank=True)  # contractor, line_user, bill_recipient, …
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    event = models.CharField(max_length=24, blank=True)  # how it came: assigned, recycled, port_in, transferred, …
    ended_by = models.CharField(max_length=24, blank=True, default="", db_default="")  # how it went: returned, port_out

    class Meta:
        """Looked up by kind and value, then by instant."""

        indexes = (models.Index(fields=("kind", "value"), name="identifier_by_value"),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_ref}"


class OwnershipEvent(models.Model):
    """One dated event as it was recorded. What was recorded wrongly is replaced, never rewritten.

    `recorded_at` to `replaced_at` is when the register held it to be so: what was believed on a day stays answerable.
    """

    ref = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=24)  # assigned, transferred, succeeded, renamed, deceased, …
    at = models.DateTimeField(null=True)  # when it happened; null = before anybody wrote it down
    document = models.CharField(max_length=64, blank=True)  # the kind of paper that showed it
    recorded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    replaced_by = models.CharField(max_length=40, blank=True)  # "" where it was withdrawn
    reason = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.ref


class OwnershipMove(models.Model):
    """One identifier passing from one holder to another in an event. Of the erased neither reference nor move stays."""

    event = models.CharField(max_length=40, db_index=True)
    kind = models.CharField(max_length=24)
    value = models.CharField(max_length=254, blank=True)  # "" where the event concerns the person and no identifier
    giver = models.CharField(max_length=40, blank=True, db_index=True)
    taker = models.CharField(max_length=40, blank=True, db_index=True)
    role = models.CharField(max_length=24, blank=True)

    class Meta:
        """Looked up by kind and value."""

        indexes = (models.Index(fields=("kind", "value"), name="move_by_value"),)

    def __str__(self) -> str:
        return f"move of {self.event}"


class PersonName(models.Model):
    """One name of one person over one interval. A change of name (改姓) is another row of the same person."""

    person_ref = models.CharField(max_length=40, db_index=True)
    name = models.CharField(max_length=128)
    kana = models.CharField(max_length=128, blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    event = models.CharField(max_length=24, blank=True)

    def __str__(self) -> str:
        return f"name of {self.person_ref}"


class Salt(models.Model):
    """The salt of one person's commitment in one evidence entry. It dies with the erasure."""

    person_ref = models.CharField(max_length=40)
    entry = models.CharField(max_length=64)
    salt = models.BinaryField(max_length=32)

    class Meta:
        """One salt per person and entry."""

        constraints = (models.UniqueConstraint(fields=("person_ref", "entry"), name="one_salt_per_person_and_entry"),)

    def __str__(self) -> str:
        return f"salt of {self.person_ref}"


class PseudonymKey(models.Model):
    """The key that turns person references into pseudonyms for one purpose."""

    purpose = models.CharField(max_length=64, db_index=True)
    key = models.BinaryField(max_length=32)
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"pseudonym key for {self.purpose}"


class Suppression(models.Model):
    """From now on nothing of this person may be used: an erasure is under way, or data came back after one."""

    person_ref = models.CharField(max_length=40, db_index=True)
    reason = models.CharField(max_length=32)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"suppression of {self.person_ref}"


class Tombstone(models.Model):
    """What is left of an erased person: the opaque reference and keyed digests to recognise what comes back."""

    person_ref = models.CharField(max_length=40, unique=True)
    digests = models.JSONField()  # list of {kind, digest, since, until}; keyed, so no value can be guessed from it
    erased_at = models.DateTimeField()
    plan = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"tombstone of {self.person_ref}"


class ChangeCounter(models.Model):
    """The number of the last change: one row. Who reads everybody at once asks it what to read again."""

    last = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class PersonChange(models.Model):
    """Somebody's facts changed, here or in the consent ledger by an erasure: what was read of them is out of date."""

    change = models.PositiveBigIntegerField(unique=True)
    person = models.PositiveBigIntegerField()  # the row's number, which an erasure leaves meaning nobody

    def __str__(self) -> str:
        return f"change {self.change}"
