"""A letter as it is set: who writes, to whom, its words, its tables; the same page for all of them."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.queries.forms import operator_of, request_desk
from sekisho.connectors.typesetting import typeset
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.policies import queries as policies

PACKAGE = "sekisho.casework.subject_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """To whom a letter goes, as it stands in the window of the envelope."""

    name: str
    postal_code: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """What is particular to one letter; the rest of the page is the same for all of them."""

    own: Mapping[str, Any]  # its table of words
    named: Mapping[str, object]  # what its sentences name
    items: Sequence[Mapping[str, str]] = ()
    tables: Sequence[Mapping[str, object]] = ()
    parts: Sequence[Mapping[str, object]] = ()  # after what its own words say follows
    annex: Mapping[str, object] = field(default_factory=dict)
    complain: str = "complain"
    note: str = ""
    code_svg: str = ""


def set_letter(to: Recipient, one: Writing, *, at: datetime, language: str = "ja") -> bytes:
    """The PDF of a letter: the same values at the same instant make the same bytes. Raises what typesetting raises."""
    words, policy = words_of(language), policies.in_force(at)
    desk = request_desk(policy)
    label, phone = said(desk.label, language) if desk else "", (desk.phone if desk else None) or ""
    contact = words["contact"].format(desk=label, phone=phone) if phone else label
    own = one.own
    parts = [{"title": own["then_title"], "lines": _told(own["then"], one.named)}] if "then" in own else []
    parts += [dict(part) for part in one.parts]
    parts.append({"title": words["complain_title"], "lines": [words[one.complain].format(contact=contact)]})
    values = {
        "language": language,
        "to": {"name": to.name, "postal_code": to.postal_code, "address": to.address},
        "honorific": own.get("honorific", words["honorific"]),
        "on": told_day(tokyo_date(at), language),
        "reference": one.named["reference"],
        "operator": operator_of(policy, language),
        "desk": label,
        "desk_lines": [
            *([said(desk.address, language)] if desk and desk.address else []),
            *([words["phone"].format(phone=phone)] if phone else []),
        ],
        "subject": own["subject"].format(**one.named),
        "opening": _told(own["opening"], one.named),
        "items": [dict(item) for item in one.items],
        "tables": [dict(table) for table in one.tables],
        "parts": parts,
        "note": one.note,
        "code_svg": one.code_svg,
        "annex": one.annex.get("sheets", []),
        "annex_title": one.annex.get("title", ""),
        "annex_note": one.annex.get("note", ""),
    }
    return typeset(resources.files(PACKAGE).joinpath("letters", "letter.typ"), values, at=at)


def told_day(day: date, language: str = "ja") -> str:
    """A day in the words of a letter."""
    return f"{day.year}年{day.month}月{day.day}日" if language == "ja" else f"{day.day} {day:%B} {day.year}"


def said(text: Any, language: str) -> str:
    """A text of the policy in the letter's language."""
    return str(text.en or text.ja) if language == "en" else str(text.ja)


@cache
def words_of(language: str) -> dict[str, Any]:
    """The words of letters in a language."""
    text = resources.files(PACKAGE).joinpath("letters", f"letters.{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _told(lines: Sequence[str], named: Mapping[str, object]) -> list[str]:
    return [line.format(**named) for line in lines]
