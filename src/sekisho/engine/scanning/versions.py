"""Which version of a rule spoke: a hash of what it looks for, and a hash of how what it saw is judged.

The two are apart because counts of what was seen stay good while only the judging changes: a new column name or another
grade needs no second look at anybody's data. A new form, or another word that counts as near, does.
"""

import hashlib
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module, metadata, resources
from types import ModuleType

from sekisho.engine.scanning import check_digits, folding, measures, recogniser, text, weighing
from sekisho.engine.scanning.recogniser import ByPattern, Recogniser
from sekisho.engine.scanning.recognisers import RECOGNISERS

RULES = "sekisho.engine.scanning.recognisers"
OURS = "sekisho."
LENGTH = 16  # hexadecimal digits kept: versions are compared, nobody forges them
SHARED = (folding, check_digits, measures, text, weighing)


@cache
def seen_version(type_: str) -> str:
    """Version of what the recogniser sees in values: patterns, lists, rules, dictionaries, words near, weights."""
    one = _known()[type_]
    return _hashed([*_form(one), repr((one.near, one.alone, one.is_common))])


@cache
def rule_version(type_: str) -> str:
    """Version of the recogniser as a whole: what it sees, its words, and how a column is judged by it."""
    one = _known()[type_]
    said = (one.label, one.form, one.rule, one.grade.name, one.headers)
    return _hashed([seen_version(type_), repr(said), _judging()])


def versions() -> dict[str, tuple[str, str]]:
    """Every recogniser's version of what it sees, and as a whole."""
    return {one.type: (seen_version(one.type), rule_version(one.type)) for one in RECOGNISERS}


def _known() -> dict[str, Recogniser]:
    return {one.type: one for one in RECOGNISERS}


def _form(one: Recogniser) -> list[str]:
    parts = [inspect.getsource(shared) for shared in SHARED]
    parts += sorted(_data(import_module(f"{RULES}.{one.type}")))
    if isinstance(one.find, ByPattern):
        parts += [one.find.pattern.pattern, inspect.getsource(ByPattern)]
    parts += [one.fills.pattern if one.fills else ""]
    parts += [f"{name} {metadata.version(name)}" for name in one.relies_on]
    return parts + [resources.files(RULES).joinpath(name).read_text(encoding="utf-8") for name in one.lists]


def _data(module: ModuleType) -> Iterator[str]:
    """What stands in the module besides the recogniser itself: functions of ours by their text, constants by value."""
    for name, value in vars(module).items():
        plain = inspect.unwrap(value) if callable(value) else value
        if isinstance(plain, re.Pattern):
            yield f"{name}={plain.pattern}/{plain.flags}"
        elif (
            inspect.isfunction(plain) and plain.__module__.startswith(OURS) and plain.__module__ != recogniser.__name__
        ):
            yield f"{name}={inspect.getsource(plain)}"
        elif inspect.ismodule(plain) and plain.__name__.startswith(RULES):
            yield from _data(plain)
        elif name.isupper() and isinstance(plain, (str, int, float)):
            yield f"{name}={plain!r}"
        elif name.isupper() and isinstance(plain, (tuple, frozenset)):
            yield f"{name}={sorted(map(repr, plain))}"


@cache
def _judging() -> str:
    from sekisho.engine.scanning import columns

    return inspect.getsource(columns)


def _hashed(parts: list[str]) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:LENGTH]
