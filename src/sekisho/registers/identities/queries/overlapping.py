"""Whether what was just written down makes an identifier two people's at one instant."""

from django.db import connection

from sekisho.registers.identities.models import Identifier
from sekisho.registers.identities.rules import limits

OVERLAPS = (
    "SELECT COUNT(*) FROM identities_identifier a JOIN identities_identifier b"
    " ON a.kind = b.kind AND a.value = b.value AND a.person_ref <> b.person_ref"
    " WHERE a.id > %s AND a.kind = %s"
    " AND (a.since IS NULL OR b.until IS NULL OR a.since < b.until)"
    " AND (b.since IS NULL OR a.until IS NULL OR b.since < a.until)"
)


def last_identifier() -> int:
    """The number of the newest identifier row."""
    return Identifier.objects.order_by("-id").values_list("id", flat=True).first() or 0


def overlaps_after(number: int) -> int:
    """How many identifiers written down after a row are another person's at one instant, of kinds that may not be."""
    found = 0
    with connection.cursor() as cursor:
        for kind in sorted(limits().exclusive):
            cursor.execute(OVERLAPS, [number, kind])
            found += int(cursor.fetchone()[0])
    return found
