"""What must not be told of protected people: every present and past address, number and name, read from every system.

Whose values were found goes no further than the search: neither into a log nor into an entry.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from sekisho.casework.subject_requests.models import CaseCorrection, ProtectedPerson, SubjectRequest
from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.gathering import Gathered, gathered, gathering_of
from sekisho.casework.subject_requests.queries.sealed import box, unseal
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.answering_lines import answering
from sekisho.casework.subject_requests.rules.gathering import RedactionState, gathering_words
from sekisho.casework.subject_requests.rules.gathering_packing import decoded
from sekisho.casework.subject_requests.rules.gathering_protected import PROTECTED, Guard, over, same_place
from sekisho.casework.subject_requests.rules.gathering_read import ReadRow, ReadTable
from sekisho.casework.subject_requests.rules.gathering_text import Span
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.connectors.source import In
from sekisho.engine.catalog.model import Column, PartyErasure, System, Table
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities

NOBODY = Guard(addresses=(), phones=(), names=())
ADDRESS, PHONE = "address", "phone"


def protected_people(besides: str) -> tuple[str, ...]:
    """Everybody whose whereabouts are protected, here or in the register of persons, but for the one who asks."""
    here = ProtectedPerson.objects.filter(until=None).values_list("person_ref", flat=True)
    return tuple(sorted({*here, *identities.protected_people()} - {besides}))


def guard_for(reference: str, *, is_strict: bool = True) -> Guard:
    """What must not be told to who asks in a case. Whoever asks, linked to them or not: a text may tell of anybody.

    What is the asker's own as well (a number used again, the address of a common household) is theirs to know; not where
    somebody asks for them. `is_strict`: refuse where a system that may hold an address can't be read.
    Raises: requests.protected-unread.
    """
    row = SubjectRequest.objects.filter(reference=reference).first()
    if row is None or not row.person_ref:
        return NOBODY
    people = protected_people(row.person_ref)
    if not people:
        return NOBODY
    found = _values(people, is_strict=is_strict)
    names = {part for one in people for name in identities.names_of(one) for part in (name.name, name.kana) if part}
    if row.agency == Agency.NONE.value:
        own = _values((row.person_ref,), is_strict=False)
        found[PHONE] = {one for one in found[PHONE] if _digits(one) not in {_digits(mine) for mine in own[PHONE]}}
        found[ADDRESS] = {one for one in found[ADDRESS] if not any(same_place(one, mine) for mine in own[ADDRESS])}
        names -= {part for name in identities.names_of(row.person_ref) for part in (name.name, name.kana)}
    return Guard(addresses=found[ADDRESS], phones=found[PHONE], names=names)


def uncovered(found: Gathered, guard: Guard) -> int:
    """How many places in a gathering tell of a protected person and are neither black nor opened by an officer."""
    if not guard.is_needed:
        return 0
    covered: dict[tuple[int, int, str], list[tuple[int, int]]] = {}
    for one in found.redactions:
        if one.why == PROTECTED or one.state is not RedactionState.LIFTED:
            covered.setdefault((one.section, one.row, one.column), []).append((one.start, one.end))
    count = 0
    for section in found.sections:
        for index, row in enumerate(section.rows):
            if not guard.may_be_in(row):
                continue
            for column, value in zip(section.columns, row, strict=True):
                black = covered.get((section.number, index, column.name), [])
                count += sum(
                    not any(start <= span.start and span.end <= end for start, end in black)
                    for span in guard.spans(value)
                )
    return count


def require_guarded(reference: str, reasons: Iterable[str]) -> None:
    """Refuse an answer that tells where a protected person is: in what was gathered, or in a clerk's reasons.

    Read anew each time: somebody may be protected, or may have moved, since. Raises: requests.protected-found,
    requests.protected-unread, what `gathered` raises.
    """
    guard = guard_for(reference)
    if not guard.is_needed:
        return
    ref = gathering_of(reference) if case(reference).kind in answering()["gathered"] else ""
    count = uncovered(gathered(ref), guard) if ref else 0
    count += sum(len(guard.spans(one)) for one in reasons)
    if count:
        raise SekishoError("requests.protected-found", room=ROOM, reference=reference, count=count)


def guarded(table: ReadTable, guard: Guard) -> ReadTable:
    """A table as read, with every place that tells of a protected person to be black until an officer opens it."""
    return replace(table, rows=tuple(_guarded(table, row, guard) for row in table.rows)) if guard.is_needed else table


def _guarded(table: ReadTable, row: ReadRow, guard: Guard) -> ReadRow:
    values = decoded(row.line)[1]
    if not guard.may_be_in(values):
        return row
    spans: list[tuple[str, Span]] = []
    for column, value in zip(table.columns, values, strict=True):
        mine = [span for name, span in row.spans if name == column.name]
        spans += [(column.name, span) for span in over(guard.spans(value), mine)]
    return replace(row, spans=tuple(spans))


def _values(people: Iterable[str], *, is_strict: bool) -> dict[str, set[str]]:
    """Addresses and numbers of these people, now and ever: from every row of theirs, the register and corrections."""
    held = {
        one: tuple(interval for interval in identities.intervals_of(one) if interval.kind != identities.CONTRACTED)
        for one in people
    }
    by_kind: dict[str, set[str]] = {}
    for intervals in held.values():
        for one in intervals:
            by_kind.setdefault(one.kind, set()).add(one.value)
    found: dict[str, set[str]] = {ADDRESS: set(), PHONE: set(by_kind.get("number", ()))}
    for system in datamap.current().systems.values():
        tables = [table for table in system.tables.values() if _columns(table)]
        if not tables:
            continue
        try:
            for field, value in _in_system(system, tables, by_kind):
                found[field].add(value)
        except (SekishoError, OSError):
            if is_strict:
                raise SekishoError("requests.protected-unread", room=ROOM, system=system.id) from None
    for field, value in _corrected(held):
        found[field].add(value)
    return found


def _in_system(
    system: System, tables: Iterable[Table], by_kind: Mapping[str, Iterable[str]]
) -> Iterator[tuple[str, str]]:
    source = datamap.open_source(system.id)
    try:
        for table in tables:
            columns = _columns(table)
            names = [column.name for column in columns]
            for owner in table.owners:
                if owner.by not in by_kind or owner.erasure is not PartyErasure.DELETE_ROW or owner.at:
                    continue
                where = (In(owner.column, tuple(sorted(by_kind[owner.by]))),)
                for batch in source.rows(table.name, names, where):
                    for row in batch.to_pylist():
                        told = ((_field(one), row.get(one.name)) for one in columns)
                        yield from ((field, str(value)) for field, value in told if value not in (None, ""))
    finally:
        source.close()


def _columns(table: Table) -> tuple[Column, ...]:
    return tuple(column for column in table.columns.values() if _field(column) and not column.free_text)


def _field(column: Column) -> str:
    """Of which field it is: an address, a number, or neither. What a communication was about is neither."""
    fields = {item.rpartition(".")[2] for item in column.items if "." in item}
    return next((one for one in (ADDRESS, PHONE) if fields & set(gathering_words()["protected"][one])), "")


def _corrected(people: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What their own requests to put something right tell: where they lived, and where they live now."""
    rows = CaseCorrection.objects.filter(request__person_ref__in=list(people), destroyed_at=None)
    for row in rows:
        field = row.item.rpartition(".")[2]
        wanted = next((one for one in (ADDRESS, PHONE) if field in gathering_words()["protected"][one]), "")
        if wanted and box(row.ref).exists():
            for value in _values_in(row.ref):
                yield wanted, value


def _values_in(ref: str) -> tuple[str, ...]:
    try:
        said = json.loads(unseal(ref))
    except SekishoError:  # destroyed since
        return ()
    return tuple(one for one in (said["wrong"], said["right"]) if one)


def _digits(value: str) -> str:
    return "".join(sign for sign in value if sign.isdecimal())
