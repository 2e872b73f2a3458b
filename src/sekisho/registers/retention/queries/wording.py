"""Places, columns, codes and states in the carrier's own words, for pages and commands: never our ids where there is a word."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sekisho.engine.catalog.model import Column, DataMap
from sekisho.engine.erasure.periods import ROOM as ENGINE_ROOM
from sekisho.engine.erasure.periods import event_label
from sekisho.engine.errors import text, texts
from sekisho.engine.policy.model import Policy
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.labels import identifier_label, item_label
from sekisho.registers.retention.rules import ROOM

ROOMS = {
    "erasure": ENGINE_ROOM,
    "connector": "sekisho.connectors",
    "retention": ROOM,
    "contractors": "sekisho.registers.contractors",
}
COPY = "sekisho"  # what we ourselves keep


class _Left(dict[str, str]):
    """A value nobody gave is left open."""

    def __missing__(self, key: str) -> str:
        return "—"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """The words that are in force: of the data map and the policy. What they do not know stays as it is."""

    datamap: DataMap
    policy: Policy
    language: str = "ja"

    def place(self, system: str, table: str = "") -> str:
        """A system, or a table in it."""
        known = self.datamap.systems.get(system)
        if known is None:
            return f"{system}.{table}".strip(".")
        named = known.tables.get(table)
        return f"{known.label}　{named.label if named else table}".rstrip("　")

    def columns(self, system: str, table: str, columns: Iterable[str]) -> str:
        """What columns hold, as the policy calls it."""
        known = self.datamap.systems.get(system)
        found = known.tables.get(table) if known else None
        said: dict[str, None] = {}
        for name in columns:
            column = found.columns.get(name) if found else None
            kinds = [owner.by for owner in found.owners if owner.column == name] if found else []
            said |= dict.fromkeys(self._column(identifier_label(kinds[0], self.language) if kinds else name, column))
        return "、".join(said)

    def code(self, code: str, values: Mapping[str, Any] | None = None) -> str:
        """What a code means, with places, items and events in words; a code nobody knows stays as it is."""
        room = ROOMS.get(code.split(".", 1)[0], "")
        if not room or code not in texts(room):
            return code
        return text(room, code, self.language, _Left(self._told(values or {})))

    def remedy(self, code: str, values: Mapping[str, Any] | None = None) -> str:
        """What can be done about it."""
        room = ROOMS.get(code.split(".", 1)[0], "")
        if not room or code not in texts(room):
            return ""
        return text(room, code, f"{self.language}_remedy", _Left(self._told(values or {})))

    def _column(self, name: str, column: Column | None) -> Iterable[str]:
        if column is None:
            return (name,)
        if column.label:
            return (column.label,)
        return tuple(item_label(self.policy, item, self.language) for item in column.items) or (name,)

    def _told(self, values: Mapping[str, Any]) -> dict[str, str]:
        told = {key: str(value) for key, value in values.items()}
        known = self.datamap.systems.get(told.get("system", ""))
        if known is not None:
            table = known.tables.get(told.get("table", ""))
            told |= {"system": known.label} | ({"table": table.label} if table else {})
        if told.get("item"):
            told["item"] = item_label(self.policy, told["item"], self.language)
        if told.get("event"):
            told["event"] = event_label(told["event"], self.language)
        subject = self.policy.subjects.get(told.get("kind", ""))
        if subject is not None:
            told["kind"] = subject.label.en if self.language == "en" and subject.label.en else subject.label.ja
        if told.get("why"):
            told["why"] = self.code(told["why"])
        return told


def wording(at: datetime, language: str = "ja") -> Wording:
    """The words that are in force at an instant."""
    return Wording(datamap=datamap_queries.current(), policy=policies.in_force(at), language=language)
