"""Saying that what was read of a person is out of date."""

from sekisho.registers.identities.models import ChangeCounter, Person, PersonChange


def note_change(*, person: str) -> None:
    """Say that what was read of this person is out of date. Part of the caller's action: no entry of its own."""
    for number in Person.objects.filter(ref=person).values_list("id", flat=True):
        PersonChange.objects.create(change=next_change(), person=number)


def next_change() -> int:
    """The next number; the row lock (SQLite: the write lock) keeps them gapless in commit order."""
    ChangeCounter.objects.get_or_create(pk=1)
    counter = ChangeCounter.objects.select_for_update().get(pk=1)
    counter.last += 1
    counter.save(update_fields=["last"])
    return counter.last
