"""Who reads everything stops nobody who writes, and meets every row once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from sekisho.evidence import portions
from sekisho.evidence.portions import in_portions


@pytest.fixture
def names(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(portions, "PORTION", 3)
    made = [f"g-{number}" for number in range(8)]
    Group.objects.bulk_create(Group(name=name) for name in reversed(made))
    return made


def test_every_row_once_in_order(names: list[str]) -> None:
    assert [row.name for row in in_portions(Group.objects.all(), by="name")] == names
    assert [row.name for row in in_portions(Group.objects.all(), by="name", newest_first=True)] == names[::-1]
    assert [row.name for row in in_portions(Group.objects.filter(name__gte="g-6"), by="name")] == ["g-6", "g-7"]
    assert list(in_portions(Group.objects.filter(name="g-9"), by="name")) == []


def test_a_commit_gets_in_between(names: list[str]) -> None:
    reading = in_portions(Group.objects.all(), by="name")
    next(reading)
    with ThreadPoolExecutor(max_workers=1) as other:
        assert other.submit(_rename).result(timeout=10) == 1
    assert [row.name for row in reading] == [*names[1:7], "g-8"]


def _rename() -> int:
    try:
        return Group.objects.filter(name="g-7").update(name="g-8")
    finally:
        connection.close()
