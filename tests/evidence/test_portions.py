"""Who reads everything stops nobody who writes, and meets every row once."""

import sqlite3

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
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's readers stop nobody")
    reading = in_portions(Group.objects.all(), by="name")
    next(reading)
    other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.2)
    with other:
        other.execute("UPDATE auth_group SET name = 'g-8' WHERE name = 'g-7'")
    other.close()
    assert [row.name for row in reading] == [*names[1:7], "g-8"]
