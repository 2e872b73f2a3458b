"""The closed vocabulary of the policy language and the words the published text uses for it (`words.toml`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from sekisho.engine.policy.expression_tree import Kind

ROOM = "sekisho.engine.policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word of the vocabulary in both languages; `type` only for names that conditions use."""

    ja: str
    en: str
    type: str = Kind.ANY.value


@cache
def words() -> Mapping[str, Mapping[str, Word]]:
    """All tables of the vocabulary."""
    tables = tomllib.loads(resources.files(ROOM).joinpath("words.toml").read_text(encoding="utf-8"))
    return {table: {key: Word(**row) for key, row in rows.items()} for table, rows in tables.items()}


def label(table: str, key: str, language: str = "ja") -> str:
    """How the published text says it; a word without a label is said as it is written."""
    word = words()[table].get(key)
    if word is None:
        return key
    return word.ja if language == "ja" else word.en
