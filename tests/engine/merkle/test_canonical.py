"""Canonical JSON: the bytes RFC 8785 asks for, and nothing that could be written in two ways."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.engine.errors import SekishoError
from sekisho.engine.merkle.canonical import LARGEST, _text, canonical
from sekisho.engine.merkle.commitment import commitment

text = st.text(alphabet=st.characters(blacklist_categories=["Cs"]))
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
)


def test_keys_stand_in_the_order_of_utf16() -> None:
    # RFC 8785 section 3.2.3: the example's keys, sorted.
    keys = ["€", "\r", "\ufb33", "1", "😀", "\u0080", "ö"]
    ordered = json.loads(canonical(dict.fromkeys(keys, 0)))
    assert list(ordered) == ["\r", "1", "\u0080", "ö", "€", "😀", "\ufb33"]


def test_strings_are_escaped_as_little_as_possible() -> None:
    assert canonical('€$\u000f\nA\'B"\\\\"/髙𠮷') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/髙𠮷"'.encode()


@given(values)
def test_what_is_written_is_read_and_written_the_same(value: object) -> None:
    written = canonical(value)
    assert json.loads(written) == value
    assert canonical(json.loads(written)) == written


@given(values)
def test_the_quick_way_writes_the_same_bytes(value: object) -> None:
    assert canonical(value) == _text(value).encode()


@pytest.mark.parametrize(
    "value",
    [1.5, 1.0, float("nan"), b"bytes", datetime(2026, 1, 1, tzinfo=UTC), 2**53, {1: 2}, "\ud800", {"\udfff": 1}],
)
def test_what_could_be_written_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(SekishoError, match=r"canonical\.not-allowed"):
        canonical({"deep": [value]})


def test_a_commitment_depends_on_salt_and_value() -> None:
    assert commitment(b"s" * 16, "x") == commitment(b"s" * 16, "x")
    assert len({commitment(salt, value) for salt in (b"s" * 16, b"t" * 16) for value in ("x", "y", None)}) == 6
    with pytest.raises(ValueError, match="16 bytes"):
        commitment(b"short", "x")
