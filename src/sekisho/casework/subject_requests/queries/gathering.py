"""What was gathered for a case, and what of it may leave."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, overload

from sekisho.casework.subject_requests.models import Gathering, Redaction
from sekisho.casework.subject_requests.queries.gathering_registers import is_own
from sekisho.casework.subject_requests.queries.sealed import unseal
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.gathering import (
    AskedSystem,
    Closed,
    GatheredColumn,
    GatheredSection,
    RedactionRecord,
    RedactionState,
    SystemState,
    Value,
    gathering_words,
)
from sekisho.casework.subject_requests.rules.gathering_packing import Packed
from sekisho.engine.erasure.needles import BLANKED
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.dates import format_date
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Text

REDACTED = Closed("redacted")
MARK = BLANKED * 3  # one mark for each, whatever the length, so that nothing is told


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One gathering. `lines`: under contract but used by others without their consent; `unclear`: lines of nobody."""

    ref: str
    reference: str
    sha256: str
    made_at: datetime
    in_full: bool
    lines: int
    unclear: int
    systems: tuple[AskedSystem, ...]
    sections: tuple[GatheredSection, ...]
    redactions: tuple[RedactionRecord, ...]

    @property
    def is_complete(self) -> bool:
        """Whether every system answered."""
        return all(one.state is not SystemState.FAILED for one in self.systems)

    @property
    def is_reviewed(self) -> bool:
        """Whether a clerk decided every redaction."""
        return not self.waiting

    @property
    def waiting(self) -> tuple[RedactionRecord, ...]:
        """The redactions nobody has decided yet."""
        return tuple(one for one in self.redactions if one.state is RedactionState.PROPOSED)

    @property
    def fingerprint(self) -> str:
        """Changes with what was gathered and with every decision about a redaction: what an answer rests on."""
        decided = [[one.section, one.row, one.column, one.start, one.end, one.state.value] for one in self.redactions]
        return hashlib.sha256(f"{self.sha256}{json.dumps(decided)}".encode()).hexdigest()

    def statement(self, language: str = "ja") -> tuple[str, ...]:
        """Which systems answered, on which day, which did not and why; one sentence each."""
        says, day = gathering_words()["completeness"][language], tokyo_date(self.made_at)
        answered = sum(one.state is not SystemState.FAILED and not is_own(one.system) for one in self.systems)
        values = {"day": day.isoformat() if language == "en" else format_date(day, weekday=False)}
        asked = sum(not is_own(one.system) for one in self.systems)
        said = "all" if self.is_complete else "some"
        said = said if asked == len(self.systems) else f"{said}_and_registers"
        head = says[said].format(n=asked, answered=answered, **values)
        return (
            head,
            *(
                says[one.state.value].format(system=_said(one.label, language), rows=f"{one.rows:,}", code=one.code)
                for one in self.systems
            ),
            *([says["lines"].format(n=self.lines)] if self.lines else []),
            *([says["unclear"].format(n=self.unclear)] if self.unclear else []),
        )


def gathering_of(reference: str) -> str:
    """The newest gathering of a case; empty where nobody gathered yet."""
    refs = Gathering.objects.filter(request__reference=reference).order_by("-id").values_list("ref", flat=True)
    return refs.first() or ""


def gathered(ref: str) -> Gathered:
    """One gathering, unsealed. Values in it are the person's: only for who opened the case.

    Raises: requests.unknown-gathering, requests.scan-gone, requests.gathering-changed.
    """
    row = _row(ref)
    content = unseal(ref)
    if hashlib.sha256(content).hexdigest() != row.sha256:
        raise SekishoError("requests.gathering-changed", room=ROOM, ref=ref)
    packed = Packed(content)
    head = packed.head
    return Gathered(
        ref=row.ref,
        reference=row.request.reference,
        sha256=row.sha256,
        made_at=row.made_at,
        in_full=head["in_full"],
        lines=head["lines"],
        unclear=head["unclear"],
        systems=_asked(head["systems"], row),
        sections=tuple(_section(packed, number, one) for number, one in enumerate(head["sections"])),
        redactions=_redactions(row),
    )


def redacted(ref: str) -> Gathered:
    """What may leave: kept redactions are black. Raises what `gathered` raises, requests.not-reviewed."""
    found = gathered(ref)
    if not found.is_reviewed:
        raise SekishoError("requests.not-reviewed", room=ROOM, ref=ref, waiting=len(found.waiting))
    return without_redacted(found)


def without_redacted(found: Gathered) -> Gathered:
    """The gathering with everything black that nobody lifted, decided or not."""
    kept: dict[int, dict[int, list[RedactionRecord]]] = {}
    for one in found.redactions:
        if one.state is not RedactionState.LIFTED:
            kept.setdefault(one.section, {}).setdefault(one.row, []).append(one)
    sections = tuple(
        replace(section, rows=_Blacked(section, kept[section.number])) if section.number in kept else section
        for section in found.sections
    )
    return replace(found, sections=sections)


def redaction_states(ref: str) -> tuple[RedactionRecord, ...]:
    """The redactions of a gathering, without opening it. Raises: requests.unknown-gathering."""
    return _redactions(_row(ref))


class _Blacked(Sequence[tuple[Value, ...]]):
    """Rows of a section with redactions applied as they are read."""

    def __init__(self, section: GatheredSection, kept: dict[int, list[RedactionRecord]]) -> None:
        self._rows, self._kept = section.rows, kept
        self._places = {column.name: place for place, column in enumerate(section.columns)}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> tuple[Value, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[Value, ...]]: ...
    def __getitem__(self, index: int | slice) -> tuple[Value, ...] | list[tuple[Value, ...]]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        return self._black(index if index >= 0 else len(self) + index)

    def __iter__(self) -> Iterator[tuple[Value, ...]]:
        return (self._black(index) for index in range(len(self)))

    def _black(self, index: int) -> tuple[Value, ...]:
        row = self._rows[index]
        if index not in self._kept:
            return row
        values = list(row)
        for place in {self._places[one.column] for one in self._kept[index]}:
            spans = [(one.start, one.end) for one in self._kept[index] if self._places[one.column] == place]
            values[place] = blacked(values[place], spans)
        return tuple(values)


def blacked(value: Value, spans: Iterable[tuple[int, int]]) -> Value:
    """A value without these spans; what is no text goes as a whole."""
    if value is None or isinstance(value, Closed):
        return value
    if not isinstance(value, str):
        return REDACTED
    pieces, last = [], 0
    for start, end in sorted(spans):
        if end <= last:
            continue
        if start >= last:
            pieces += [value[last:start], MARK]
        last = end
    return "".join([*pieces, value[last:]])


def _row(ref: str) -> Gathering:
    row = Gathering.objects.select_related("request").filter(ref=ref).first()
    if row is None:
        raise SekishoError("requests.unknown-gathering", room=ROOM, ref=ref)
    return row


def _asked(heads: list[dict[str, Any]], row: Gathering) -> tuple[AskedSystem, ...]:
    told = {one.system: one for one in row.systems.all()}
    return tuple(
        AskedSystem(
            system=head["system"],
            label=Text(*head["label"]),
            state=SystemState(told[head["system"]].state),
            code=told[head["system"]].code,
            rows=told[head["system"]].rows,
        )
        for head in heads
    )


def _section(packed: Packed, number: int, head: dict[str, Any]) -> GatheredSection:
    return GatheredSection(
        number=number,
        system=head["system"],
        table=head["table"],
        system_label=Text(*head["system_label"]),
        label=Text(*head["label"]),
        classes=tuple(head["classes"]),
        columns=tuple(
            GatheredColumn(
                name=one["name"],
                label=Text(*one["label"]),
                type=one["type"],
                items=tuple(one["items"]),
                is_free_text=one["is_free_text"],
                many=one.get("many", False),
                is_code=one.get("is_code", False),
                labels={code: Text(*text) for code, text in one.get("labels", {}).items()},
            )
            for one in head["columns"]
        ),
        rows=packed.rows(number, head["rows"]),
    )


def _redactions(row: Gathering) -> tuple[RedactionRecord, ...]:
    return tuple(_record(number, one) for number, one in enumerate(row.redactions.order_by("id"), 1))


def _record(number: int, one: Redaction) -> RedactionRecord:
    return RedactionRecord(
        number=number,
        section=one.section,
        row=one.row,
        column=one.column,
        start=one.start,
        end=one.end,
        why=one.why,
        state=RedactionState(one.state),
        reason=one.reason,
        decided_by=one.decided_by,
        decided_at=one.decided_at,
    )


def _said(text: Text, language: str) -> str:
    return text.en or text.ja if language == "en" else text.ja
