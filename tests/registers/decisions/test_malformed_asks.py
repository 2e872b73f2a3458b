"""An ask that cannot be read: all that is wrong at once, each with its form, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sekisho.registers.decisions.queries.asks import ask_from
from sekisho.registers.decisions.queries.malformed import MalformedAsk

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
GOOD: dict[str, Any] = {"actor": "a", "purpose": "billing", "items": ["identity"], "data_subjects": ["p"]}


def refused(said: object) -> MalformedAsk:
    with pytest.raises(MalformedAsk) as raised:
        ask_from(said, now=NOW, find=str)
    return raised.value


@pytest.mark.parametrize(
    ("said", "fields", "form"),
    [
        ({"actor": "a"}, ("items", "purpose", "data_subjects"), "customer_no"),
        ({}, ("actor", "items", "purpose", "data_subjects"), "customer_no"),
        (GOOD | {"at": "2026-11-23T12:00:00"}, ("at",), "+09:00"),
        (GOOD | {"at": 5, "items": [], "claims": "x"}, ("items", "at", "claims"), "+09:00"),
        (GOOD | {"chanel": "mail"}, ("chanel",), "`channel`"),
        (GOOD | {"zzz": 1}, ("zzz",), "resource"),
        (GOOD | {"A b": 1}, ("?",), "resource"),
        (GOOD | {"resource": {"since": "2026-11-23T12:00"}}, ("resource.since",), "+09:00"),
        (GOOD | {"data_subjects": [{"number": "1", "at": "today"}]}, ("data_subjects[0].at",), "+09:00"),
        (GOOD | {"data_subjects": [{}]}, ("data_subjects",), "customer_no"),
        ([], ("ask",), "data_subjects"),
    ],
)
def test_everything_wrong_is_told_with_its_form(said: object, fields: tuple[str, ...], form: str) -> None:
    error = refused(said)
    assert (error.code, error.fields, error.values["field"]) == ("decisions.malformed-ask", fields, fields[0])
    for language in ("ja", "en"):
        assert all(f"`{field}`" in error.message(language) for field in fields)
        assert form in error.remedy(language)
        assert "docs/reference/gate.md" in error.remedy(language)


def test_what_is_no_json_is_said_so() -> None:
    assert "JSON" in MalformedAsk("json").message()
    assert "JSON" in MalformedAsk("json").remedy("en")
