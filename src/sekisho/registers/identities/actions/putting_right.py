"""Putting right a value that was never true: a name, its reading, a mail address, a day of birth. No event happened.

A change of name (改姓) is an event and `rename`'s; here what was written down was wrong from the start. Source: APPI 34.
"""

import unicodedata
from datetime import date, datetime

from django.db import transaction

from sekisho.evidence.actions import append
from sekisho.registers.identities.actions.changes import note_change
from sekisho.registers.identities.models import Identifier, Person, PersonName

NAMES = frozenset({"name", "kana"})
IDENTIFIERS = frozenset({"mail"})
BIRTH = "birth_date"


def put_right(*, person: str, field: str, wrong: str, right: str, at: datetime, acting_user: str) -> int:
    """Write the right value wherever the register has the wrong one of this person; returns in how many rows.

    `field` is a policy's field; one the register does not keep changes nothing. A repeat is a no-op.
    Evidence: `identities.value-corrected`, without the value.
    """
    with transaction.atomic():
        changed = _names(person, field, wrong, right)
        if field in IDENTIFIERS:
            rows = [one for one in Identifier.objects.filter(person_ref=person, kind=field) if _same(one.value, wrong)]
            for row in rows:
                row.value = right
                row.save(update_fields=["value"])
            changed += len(rows)
        if field == BIRTH:
            born = Person.objects.filter(ref=person, born_on=date.fromisoformat(wrong))
            changed += born.update(born_on=date.fromisoformat(right))
        if changed:
            note_change(person=person)
            body = {"person": person, "field": field, "rows": changed, "by": acting_user}
            append(kind="identities.value-corrected", body=body, at=at)
    return changed


def _names(person: str, field: str, wrong: str, right: str) -> int:
    if field not in NAMES:
        return 0
    rows = [row for row in PersonName.objects.filter(person_ref=person) if _same(getattr(row, field), wrong)]
    for row in rows:
        setattr(row, field, right)
        row.save(update_fields=[field])
    return len(rows)


def _same(value: str, other: str) -> bool:
    return _folded(value) == _folded(other)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())
