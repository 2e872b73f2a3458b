"""An ask that cannot be read: everything wrong with it at once, and the form each part should have."""

from difflib import get_close_matches

from sekisho.engine.errors import SekishoError, text, texts
from sekisho.registers.decisions.rules import ROOM

FIELDS = (
    "actor", "act", "data_subjects", "items", "purpose", "at", "recipient", "channel", "claims", "resource",
)  # fmt: skip
LANGUAGES = ("ja", "en")
JSON = "json"  # the text is no JSON at all


class MalformedAsk(SekishoError):
    """decisions.malformed-ask. `fields` are the places; the value `field` is the first of them."""

    def __init__(self, *fields: str) -> None:
        self.fields = tuple(dict.fromkeys(fields))
        said = {
            f"{what}_{language}": _join([how(field, language) for field in self.fields], language, what)
            for language in LANGUAGES
            for what, how in (("named", _named), ("form", _form))
        }
        super().__init__("decisions.malformed-ask", room=ROOM, field=self.fields[0], **said)


def _join(parts: list[str], language: str, what: str) -> str:
    between = {"named": {"ja": "、", "en": ", "}, "form": {"ja": "。", "en": "; "}}[what][language]
    return between.join(dict.fromkeys(part for part in parts if part))


def _named(field: str, language: str) -> str:
    return text(ROOM, "ask.json-named", language, {}) if field == JSON else f"`{field}`"


def _form(field: str, language: str) -> str:
    """What belongs there; for a key that no ask has, the nearest one."""
    last = field.rpartition(".")[2]
    for code in (f"ask.{field.partition('[')[0]}" if "." not in field else "", f"ask.{last}"):
        if code in texts(ROOM):
            return text(ROOM, code, language, {"field": field})
    if field.startswith("resource."):
        return text(ROOM, "ask.instant", language, {"field": field})
    near = get_close_matches(field.lower(), FIELDS, n=1)
    known = "、".join(FIELDS) if language == "ja" else ", ".join(FIELDS)
    code = "ask.near" if near else "ask.unknown"
    return text(ROOM, code, language, {"field": field, "near": near[0] if near else "", "known": known})
