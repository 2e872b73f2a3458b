"""Sentences of proofs in both languages: written once in Japanese, their English found in the catalogue of the pages."""

from collections.abc import Sequence
from typing import Self

from django.utils.translation import gettext, override

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Text

COMMA = {"ja": "、", "en": ", "}


class Said(str):
    """A Japanese sentence, which is the string itself, with the same in English; empty where nobody translated it."""

    __slots__ = ("en",)
    en: str

    def __new__(cls, ja: str, en: str = "") -> Self:
        """One sentence twice."""
        made = super().__new__(cls, ja)
        made.en = en
        return made


def said(pattern: str, /, **values: object) -> Said:
    """`pattern` filled with `values`. Its English is the catalogue's `msgstr`, filled with the English of the same values.

    A value may be a number, a name, a text of the policy, another sentence, a coded error, or a list of these.
    """
    with override("en"):
        english = gettext(pattern)
    return Said(_filled(pattern, values, "ja"), "" if english == pattern else _filled(english, values, "en"))


def together(*sentences: Said) -> Said:
    """Sentences one after the other; in English only if each has its English."""
    has_english = all(sentence.en for sentence in sentences)
    return Said("。".join(sentences), ". ".join(sentence.en for sentence in sentences) if has_english else "")


def of_error(error: SekishoError) -> Said:
    """What a coded error says, and what can be done about it."""
    return Said(f"{error.message()}。{error.remedy()}", f"{error.message('en')}. {error.remedy('en')}")


def english_of(text: str) -> str:
    """The English of a sentence; empty where it has none."""
    return text.en if isinstance(text, Said) else ""


def _filled(pattern: str, values: dict[str, object], language: str) -> str:
    return pattern.format(**{name: _value(value, language) for name, value in values.items()})


def _value(value: object, language: str) -> object:
    if isinstance(value, Said):
        return value.en or str(value) if language == "en" else str(value)
    if isinstance(value, Text):
        return value.en or value.ja if language == "en" else value.ja
    if isinstance(value, SekishoError):
        return value.message(language)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return COMMA[language].join(str(_value(one, language)) for one in value)
    return value
