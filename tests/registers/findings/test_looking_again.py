"""Newer rules judge anew: from the counts where these do, by reading where a rule sees other things or data has changed."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import discovery_world as world
import pytest
from discovery_world import AT
from pytest_django.fixtures import Settings

from sekisho.connectors.relational import RelationalSource
from sekisho.connectors.samples import Wish, sample_of
from sekisho.engine.catalog.model import System
from sekisho.engine.errors import SekishoError
from sekisho.engine.scanning import columns, measures, versions
from sekisho.engine.scanning.recogniser import Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS, imsi, mail_address
from sekisho.evidence.proof import Verdict
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings import actions, proofs, queries
from sekisho.registers.findings.actions import looking
from sekisho.registers.policies.queries import in_force

LATER = AT + timedelta(hours=1)
HEADERS = (*mail_address.RECOGNISER.headers, "since_on")  # a rule that takes a column of days for mail, by its name


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    versions.seen_version.cache_clear()
    versions.rule_version.cache_clear()


@pytest.fixture
def home(db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    world.build(tmp_path)
    actions.look(at=AT, acting_user="test")
    return tmp_path


def _rule(monkeypatch: pytest.MonkeyPatch, one: Recogniser) -> None:
    rules = tuple(one if other.type == one.type else other for other in RECOGNISERS)
    for module in (columns, measures, versions):
        monkeypatch.setattr(module, "RECOGNISERS", rules)
    versions.seen_version.cache_clear()
    versions.rule_version.cache_clear()


def _never_opened(_system: System | str) -> None:
    pytest.fail("a store was opened")


def test_with_the_same_rules_nothing_is_done(home: Path) -> None:
    assert queries.outdated() == {}
    again = actions.look_again(at=LATER, acting_user="test")
    assert (again.tables, again.reread, again.changes) == (0, 0, ())


def test_another_judgement_is_passed_on_the_counts_without_opening_a_store(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _rule(monkeypatch, replace(mail_address.RECOGNISER, headers=HEADERS))
    assert set(queries.outdated().values()) == {False}
    clause = in_force(AT).clauses["B-35"]
    assert proofs.only_listed_data(at=LATER, clause=clause).verdict is Verdict.BROKEN  # the alarms stay
    monkeypatch.setattr(datamap_queries, "open_source", _never_opened)
    again = actions.look_again(at=LATER, acting_user="test")
    assert (again.tables, again.reread) == (2, 0)
    assert [(one.what, one.place, one.type, one.now) for one in again.changes] == [
        ("new", "crm.people.since_on", "mail_address", 0.5)
    ]
    assert queries.outdated() == {}


def test_data_that_has_changed_is_read_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(home / "crm.sqlite3") as connection:
        connection.execute("UPDATE people SET old_mail = NULL")
    connection.close()
    _rule(monkeypatch, replace(mail_address.RECOGNISER, headers=mail_address.RECOGNISER.headers[1:]))
    again = actions.look_again(at=LATER, acting_user="test")
    assert (again.tables, again.reread) == (2, 1)


def test_a_rule_that_sees_other_things_reads_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _rule(monkeypatch, replace(imsi.RECOGNISER, find=mail_address.RECOGNISER.find))
    assert set(queries.outdated().values()) == {True}
    again = actions.look_again(at=LATER, acting_user="test")
    assert (again.tables, again.reread) == (2, 2)
    assert ("new", "crm.people.old_mail", "imsi") in [(one.what, one.place, one.type) for one in again.changes]


def test_a_store_that_is_away_leaves_what_was_known(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {one.name for one in queries.alarms()}
    _rule(monkeypatch, replace(imsi.RECOGNISER, find=mail_address.RECOGNISER.find))
    (home / "crm.sqlite3").rename(home / "away")
    again = actions.look_again(at=LATER, acting_user="test")
    assert again.unread == {"crm": "connector.unreachable"}
    assert {one.name for one in queries.alarms()} == before
    assert ("crm", "people") in queries.outdated()


def test_schema_only_asks_for_no_value(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SekishoError("connector.unreachable", room="sekisho.connectors", system="read")

    for name in ("sample", "rows", "count"):
        monkeypatch.setattr(RelationalSource, name, refuse)
    with datamap_queries.open_source("crm") as source:  # type: ignore[attr-defined]
        assert sample_of(source, "people", {"no": "text"}, Wish(schema_only=True)).columns == {"no": None}
        with pytest.raises(SekishoError):
            sample_of(source, "people", {"no": "text"}, Wish())
    counted = queries.place("crm.people.old_mail").found[0].sampled
    looked = actions.look(at=LATER, acting_user="test", schema_only=True)
    assert (looked.unread, looked.reread, looked.tables, looked.changes) == ({}, 0, 2, ())
    assert queries.place("crm.people.old_mail").found[0].sampled == counted == len(world.NUMBERS)
    assert queries.unseen(LATER) == ("crm", "desk")  # names are no look at the data


def test_a_look_that_was_broken_off_is_looked_at_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(looking, "end", die)
        with pytest.raises(KeyboardInterrupt):
            actions.look(at=LATER, acting_user="test", systems=["crm"])
    assert queries.outdated() == {("crm", "people"): True}
    assert actions.look_again(at=LATER, acting_user="test").reread == 1
    assert queries.outdated() == {}


def test_every_system_is_looked_at_or_the_board_says_which_was_not(home: Path) -> None:
    later = AT + timedelta(days=8)
    assert queries.unseen(AT) == ()
    actions.look(at=later, acting_user="test", systems=["crm"])
    assert queries.unseen(later - timedelta(days=7)) == ("desk",)
    actions.look(at=later, acting_user="test", systems=["desk"])
    assert queries.unseen(later - timedelta(days=7)) == ()
