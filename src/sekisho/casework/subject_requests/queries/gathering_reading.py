"""What every system holds of a person, read by person and interval; nothing that may not leave goes any further.

Rows are found by the person's identifiers within the intervals in which they were theirs: what a recycled number did
before or after is somebody else's. What is kept in confidence is left out as though it were gone (LAW.md 9.1).
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sekisho.casework.subject_requests.queries.gathering_people import NUMBER, connected, users_agree
from sekisho.casework.subject_requests.queries.gathering_registers import registered
from sekisho.casework.subject_requests.rules.gathering import (
    AskedSystem,
    GatheredColumn,
    SystemState,
    Value,
    gathering_words,
    words_of,
)
from sekisho.casework.subject_requests.rules.gathering_leaving import Leaving, is_outside, leaving, left
from sekisho.casework.subject_requests.rules.gathering_own import Bound, Own, instant_of
from sekisho.casework.subject_requests.rules.gathering_packing import encoded
from sekisho.casework.subject_requests.rules.gathering_read import Read, ReadRow, ReadTable
from sekisho.casework.subject_requests.rules.gathering_text import TOO_LONG, Span, proposed
from sekisho.connectors.source import Source, Test
from sekisho.engine.catalog.model import Column, Ownership, System, Table
from sekisho.engine.erasure.needles import Finder
from sekisho.engine.erasure.plan import Held
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Policy, Text
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import CONTRACTED, IdentifierInterval
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries import told_of
from sekisho.registers.retention.queries.veil import veiled_regions
from sekisho.registers.retention.queries.where import of_person

UNREACHABLE = "connector.unreachable"


@dataclass(slots=True)
class _Pending:
    """A table whose texts wait until everything structured is known."""

    system: System
    how: Leaving
    rows: list[tuple[datetime | None, str, tuple[Value, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """Who is asked about, and how."""

    policy: Policy
    own: Own
    held: tuple[Held, ...]
    users: tuple[IdentifierInterval, ...]  # lines somebody else uses, without that person's consent
    key: bytes
    in_full: bool


def read(person: str, at: datetime, *, key: bytes, in_full: bool, besides: str = "") -> Read:
    """Ask every system of the data map, and our own registers. `key` makes the fingerprints of rows.

    `in_full`: called numbers whole. `besides`: the request that asks.
    """
    policy = policies.in_force(at)
    contracted = [one for one in identities.intervals_of(person) if one.kind == CONTRACTED]
    agreed = [one for one in contracted if users_agree(policy, one, person, at)]
    users = tuple(one for one in contracted if one not in agreed)
    theirs = (*identities.identifiers_of(person), *agreed)
    bounds = tuple(
        Bound(NUMBER if one.kind == CONTRACTED else one.kind, one.value, one.since, one.until) for one in theirs
    )
    names = tuple(part for name in identities.names_of(person) for part in (name.name, name.kana) if part)
    asking = _Asking(
        policy=policy,
        own=Own(bounds, names),
        held=tuple(
            Held(kind=one.kind, value=one.value, since=one.since, until=one.until, shared=False) for one in bounds
        ),
        users=users,
        key=key,
        in_full=in_full,
    )
    asked: list[AskedSystem] = []
    pending: list[_Pending] = []
    for system in sorted(datamap.current().systems.values(), key=lambda system: -system.erase_order):
        if not is_outside(system):
            state, tables = _in_system(asking, system)
            asked.append(state)
            pending += tables
    others = Finder(connected(person, contracted))
    ours = registered(person, policy, at, key=key, besides=besides)
    return Read(
        systems=(*asked, ours.system),
        tables=(*(_finished(asking, one, others) for one in pending), *ours.tables),
        lines=len({one.value for one in users}),
        unclear=len(identities.unclear_of(person)),
    )


def _in_system(asking: _Asking, system: System) -> tuple[AskedSystem, list[_Pending]]:
    """Everything a system holds, or that it did not answer: half an answer is none."""
    found: list[_Pending] = []
    label = Text(system.label, system.id)
    try:
        source = datamap.open_source(system.id)
        try:
            for table in system.tables.values():
                how = leaving(asking.policy, table, in_full=asking.in_full)
                rows = list(_in_table(asking, source, system, how)) if how else []
                if how and rows:
                    found.append(_Pending(system, how, rows))
        finally:
            source.close()
    except (SekishoError, OSError) as error:
        code = getattr(error, "code", UNREACHABLE)
        return AskedSystem(system=system.id, label=label, state=SystemState.FAILED, code=code, rows=0), []
    count = sum(len(one.rows) for one in found)
    state = SystemState.ANSWERED if count else SystemState.EMPTY
    return AskedSystem(system=system.id, label=label, state=state, code="", rows=count), found


def _in_table(
    asking: _Asking, source: Source, system: System, how: Leaving
) -> Iterator[tuple[datetime | None, str, tuple[Value, ...]]]:
    table, seen = how.table, set[str]()
    names = list(table.columns)
    emptied = _emptied(asking, source, system, table)
    for owner in table.owners:
        for region in told_of(source, system.id, table, of_person(owner, asking.held)):
            for batch in source.rows(table.name, names, region):
                for row in batch.to_pylist():
                    fingerprint = _fingerprint(asking.key, system, table, row)
                    if fingerprint in seen:
                        continue
                    seen.add(fingerprint)
                    gone = {name: None for name, keys in emptied.items() if _key(table, row) in keys}
                    at = instant_of(row.get(table.acquired))
                    yield at, fingerprint, _left(asking, how, row | gone, at)


def _left(asking: _Asking, how: Leaving, row: Mapping[str, object], at: datetime | None) -> tuple[Value, ...]:
    mine = [owner for owner in how.table.owners if _is_mine(asking.own, owner, row)]
    values = left(how, row, mine, asking.own, at, users=_falls_on_users(asking, mine, at))
    if not how.is_about_another and (not how.primary or any(owner in how.primary for owner in mine)):
        fields = gathering_words()["own"]["fields"]
        for column, value in zip(how.columns, values, strict=True):
            if any(item.partition(".")[2] in fields for item in column.items) and column.name not in how.looked_into:
                asking.own.learn(value)
    return values


def _is_mine(own: Own, owner: Ownership, row: Mapping[str, object]) -> bool:
    value = row.get(owner.column)
    if value in (None, ""):
        return False
    if owner.at is None:  # the path says that the identifier is never reused
        return any(one.kind == owner.by and one.value == str(value) for one in own.identifiers)
    return own.holds(owner.by, value, instant_of(row.get(owner.at)))


def _falls_on_users(asking: _Asking, mine: Sequence[Ownership], at: datetime | None) -> bool:
    """Whether a row found by the contract may tell what somebody else did with a line: a month counts whole."""
    if not asking.users or any(owner.by == NUMBER for owner in mine):
        return False
    if at is None:
        return True
    return any(
        (one.since is None or (one.since.year, one.since.month) <= (at.year, at.month))
        and (one.until is None or at < one.until)
        for one in asking.users
    )


def _emptied(asking: _Asking, source: Source, system: System, table: Table) -> dict[str, set[tuple[object, ...]]]:
    """Columns that are told of as emptied, with the keys of the person's rows in which they are."""
    found: dict[str, set[tuple[object, ...]]] = {}
    for column in table.columns.values():
        regions = veiled_regions(system.id, table, (column.name,)) if column.items and table.key else ()
        for owner in table.owners if regions else ():
            for region in of_person(owner, asking.held):
                for more in regions:
                    keys = found.setdefault(column.name, set())
                    keys |= set(_keys(source, table, (*region, *more)))
    return found


def _keys(source: Source, table: Table, where: tuple[Test, ...]) -> Iterator[tuple[object, ...]]:
    for batch in source.rows(table.name, table.key, where):
        yield from (_key(table, row) for row in batch.to_pylist())


def _key(table: Table, row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row.get(name) for name in table.key)


def _fingerprint(key: bytes, system: System, table: Table, row: Mapping[str, object]) -> str:
    known = table.key or tuple(table.columns)
    told = "\x1f".join((system.id, table.name, *(str(row.get(name)) for name in known)))
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()[:32]


def _finished(asking: _Asking, pending: _Pending, others: Finder) -> ReadTable:
    """The table in order of time, with what in its texts may be somebody else's."""
    how, rows = pending.how, []
    for at, fingerprint, raw in pending.rows:
        values = raw
        spans: list[tuple[str, Span]] = []
        if how.looked_into:
            values = tuple(_readable(how, column, value) for column, value in zip(how.columns, raw, strict=True))
            spans = [
                (column.name, span)
                for column, value in zip(how.columns, values, strict=True)
                if column.name in how.looked_into
                for span in proposed(
                    value,
                    asking.own,
                    others,
                    is_free_text=column.free_text,
                    is_about_another=how.is_about_another,
                )
            ]
        when = at.isoformat() if at else ""
        rows.append(ReadRow(when, fingerprint, encoded(fingerprint, values), tuple(spans)))
    pending.rows.clear()
    rows.sort(key=lambda row: (row.at, row.fingerprint))
    return ReadTable(
        system=pending.system.id,
        system_label=Text(pending.system.label, pending.system.id),
        table=how.table.name,
        label=Text(how.table.label, how.table.name.replace("_", " ")),
        classes=tuple(dict.fromkeys(item.split(".", 1)[0] for column in how.columns for item in column.items)),
        columns=_columns(asking.policy, how.columns),
        rows=tuple(rows),
    )


def _readable(how: Leaving, column: Column, value: Value) -> Value:
    longest: int = gathering_words()["portions"]["largest_text"]
    is_long = column.name in how.looked_into and isinstance(value, str) and len(value) > longest
    return TOO_LONG if is_long else value


def _columns(policy: Policy, columns: Sequence[Column]) -> tuple[GatheredColumn, ...]:
    labels = [_label(policy, column) for column in columns]
    named = [
        words_of("columns", column.name) if labels.count(label) > 1 and not column.label else label
        for column, label in zip(columns, labels, strict=True)
    ]
    return tuple(
        GatheredColumn(
            name=column.name,
            label=label if name.ja == column.name else name,
            type=column.type,
            items=column.items,
            is_free_text=column.free_text,
            many=column.many,
            is_code=bool(column.values),
            labels={code: Text(*means) for code, means in column.values.items()},
        )
        for column, label, name in zip(columns, labels, named, strict=True)
    )


def _label(policy: Policy, column: Column) -> Text:
    """What a column is called: by the map, by the policy's item, or by its name where the item is a whole class."""
    if column.label:
        return Text(column.label)
    named = words_of("columns", column.name)
    class_, _, field_ = column.item.partition(".")
    data_class = policy.classes.get(class_)
    if data_class is None or (not field_ and named.ja != column.name):
        return named
    return data_class.fields[field_].label if field_ in data_class.fields else data_class.label
