"""Items and roles in words, for pages and commands: the policy's own labels, not our ids."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from sekisho.engine.policy.model import Policy, Text


def item_label(policy: Policy, item: str, language: str = "ja") -> str:
    """An item as its policy calls it: class, or class and field where it names the field. One of no known class stays as it is."""
    class_id, _, field_id = item.partition(".")
    data_class = policy.classes.get(class_id)
    if data_class is None:
        return item
    name, field = _said(data_class.label, language), data_class.fields.get(field_id)
    return f"{name}・{_said(field.label, language)}" if field else name


def role_label(role: str, language: str = "ja") -> str:
    """What a person is to a row."""
    said: str = _words().get(role, {}).get(language, role)
    return said


def identifier_label(kind: str, language: str = "ja") -> str:
    """What a kind of identifier is called; a kind nobody knows stays as it is."""
    said: str = _words()["identifiers"].get(kind, {}).get(language, kind)
    return said


def _said(text: Text, language: str) -> str:
    return text.en if language == "en" and text.en else text.ja


@cache
def _words() -> Mapping[str, Any]:
    text = resources.files("sekisho.registers.retention").joinpath("roles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
