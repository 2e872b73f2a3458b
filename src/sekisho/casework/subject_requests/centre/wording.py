"""Words of the desk's public pages."""

from django.utils.translation import get_language

from sekisho.engine.law.model import Dated
from sekisho.engine.policy.model import Text


def named(row: Dated) -> str:
    """A thing the law packs know, in the page's language."""
    return row.name(language())


def said(text: Text | None) -> str:
    """A text of the policy in the page's language."""
    if text is None:
        return ""
    return text.en or text.ja if language() == "en" else text.ja


def language() -> str:
    """`ja` or `en`."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"
