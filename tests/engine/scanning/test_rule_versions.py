"""Versions tell a change of the form from a change of the judging, and don't change by themselves."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sekisho.engine.scanning import versions as looked_at
from sekisho.engine.scanning.recogniser import Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS, imsi, mobile_number
from sekisho.engine.scanning.versions import rule_version, seen_version, versions


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    seen_version.cache_clear()
    rule_version.cache_clear()


def _changed(monkeypatch: pytest.MonkeyPatch, one: Recogniser) -> tuple[str, str]:
    seen_version.cache_clear()
    rule_version.cache_clear()
    kept = [one if other.type == one.type else other for other in RECOGNISERS]
    monkeypatch.setattr(looked_at, "RECOGNISERS", tuple(kept))
    return seen_version(one.type), rule_version(one.type)


def test_every_recogniser_has_its_own_version_twice_the_same() -> None:
    first = versions()
    rule_version.cache_clear()
    seen_version.cache_clear()
    assert versions() == first
    assert len(set(first.values())) == len(RECOGNISERS)


def test_another_column_name_leaves_the_form_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    form, rule = seen_version("imsi"), rule_version("imsi")
    changed = _changed(monkeypatch, replace(imsi.RECOGNISER, headers=(*imsi.RECOGNISER.headers, "subscriber_id")))
    assert changed[0] == form
    assert changed[1] != rule


def test_another_pattern_is_another_form_and_another_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    form, rule = seen_version("imsi"), rule_version("imsi")
    changed = _changed(monkeypatch, replace(imsi.RECOGNISER, find=mobile_number.RECOGNISER.find))
    assert changed[0] != form
    assert changed[1] != rule


def test_a_dictionary_is_part_of_the_form(monkeypatch: pytest.MonkeyPatch) -> None:
    form = seen_version("person_name")
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0")
    seen_version.cache_clear()
    assert seen_version("person_name") != form
