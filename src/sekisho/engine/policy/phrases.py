"""Sentences generated for the published text, in both languages (`phrases.toml`)."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy, Text
from sekisho.engine.policy.placeholders import UNPUBLISHED, in_language
from sekisho.engine.policy.words import label


@cache
def phrases() -> Mapping[str, Mapping[str, str]]:
    """Language -> key -> sentence with {values}."""
    text = resources.files("sekisho.engine.policy").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Speech:
    """A policy read in one language under one law: what every sentence maker needs."""

    policy: Policy
    law: Law
    language: str

    def say(self, key: str, **values: object) -> str:
        """A generated sentence."""
        return phrases()[self.language][key].format_map(values)

    def text(self, text: Text | None) -> str:
        """The author's text; what is not published is said to be so."""
        return UNPUBLISHED[self.language] if text is None else in_language(text, self.language)

    def words(self, table: str, keys: Iterable[str]) -> list[str]:
        """Words of the vocabulary in the language."""
        return [label(table, key, self.language) for key in keys]

    def people(self, kinds: Iterable[str]) -> str:
        """Kinds of data subject, joined."""
        subjects = self.policy.subjects
        said = [self.text(subjects[kind].label) for kind in kinds if kind in subjects]
        return self.join(said, "people" if len(said) == 2 else "list")  # noqa: PLR2004 two are joined by と

    def quoted(self, texts: Iterable[str]) -> str:
        """Texts in quotation marks, joined."""
        return self.join((self.say("quoted", value=text) for text in texts), "quotes")

    def any_of(self, texts: Iterable[str]) -> str:
        """Texts joined so that any one will do: A、BまたはC."""
        *most, last = list(texts) or [""]
        return self.join((self.join(most), last), "or") if most else last

    def join(self, texts: Iterable[str], by: str = "list") -> str:
        """Texts joined by a word of the language."""
        return phrases()[self.language][by].join(texts)

    def day(self, day: date) -> str:
        """A date as the language writes it."""
        return f"{day.year}年{day.month}月{day.day}日" if self.language == "ja" else day.isoformat()
