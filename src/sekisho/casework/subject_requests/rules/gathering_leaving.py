"""What of a row may leave: what the policy discloses, less what is the other party's, as it stands on the bill.

Sources: APPI 33(2), TBA 4, LAW.md 9.1 and 9.9. A value that is the person's own at that instant is never closed for
another's sake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sekisho.casework.subject_requests.rules.gathering import Closed, Value, gathering_words
from sekisho.casework.subject_requests.rules.gathering_own import Own
from sekisho.engine.catalog.model import Column, Ownership, PartyErasure, System, Table
from sekisho.engine.erasure.floors import kind_of
from sekisho.engine.policy.model import Policy

OTHER, NOT_STATED, USERS = Closed("other_party"), Closed("not_stated"), Closed("users_line")
BINARY = frozenset({"binary", "bytes", "blob"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """How one table is handled for one person: which columns are there at all, and how each leaves."""

    table: Table
    columns: tuple[Column, ...]
    allowed: frozenset[str]  # columns the policy discloses, and those that are not personal
    hides: Mapping[str, tuple[int, str]]  # column -> last signs hidden, and what stands there instead
    secret: frozenset[str]  # columns of communications or location
    looked_into: frozenset[str]  # columns whose text may be about somebody else
    is_about_another: bool
    primary: tuple[Ownership, ...] = field(default=())  # whose rows they are; the others only stand in them


def is_outside(system: System) -> bool:
    """Whether a system holds nothing of what a person may ask for."""
    return system.id in gathering_words()["outside"]["systems"]


def leaving(policy: Policy, table: Table, *, in_full: bool) -> Leaving | None:
    """What of a table may leave under a policy; None where it holds nothing that a person may ask for.

    `in_full`: the person asked for the called numbers whole.
    """
    words = gathering_words()
    outside = set(words["outside"]["classes"])
    kept = tuple(
        column
        for column in table.columns.values()
        if not column.control and not any(item.split(".", 1)[0] in outside for item in column.items)
    )
    if not any(column.items for column in kept) or not table.owners:
        return None
    stated = _stated(policy, table.subject)
    signs = words["transforms"]
    hides = {
        column.name: (signs[how]["hides"], signs[how]["sign"])
        for column in kept
        for item in column.items
        if not in_full and (how := _transform(stated, item)) in signs
    }
    return Leaving(
        table=table,
        columns=kept,
        allowed=frozenset(
            column.name for column in kept if all(_is_stated(stated, item, signs) for item in column.items)
        ),
        hides=hides,
        secret=frozenset(column.name for column in kept if any(_is_secret(policy, item) for item in column.items)),
        looked_into=frozenset(column.name for column in kept if _is_looked_into(table, column)),
        is_about_another=table.subject in words["another"],
        primary=tuple(owner for owner in table.owners if owner.erasure is PartyErasure.DELETE_ROW and not owner.blanks),
    )


def left(
    how: Leaving, row: Mapping[str, object], mine: Sequence[Ownership], own: Own, at: datetime | None, *, users: bool
) -> tuple[Value, ...]:
    """The row as it may leave. `mine`: by which paths it is the person's; `users`: it falls on a line somebody else uses."""
    # Whether or not the row says who the other is: a guardian who is no customer has a name all the same.
    theirs = [owner for owner in how.table.owners if owner not in mine]
    closed = _of_others(how, mine, theirs)
    finding = {owner.column for owner in mine}
    return tuple(
        _value(how, column, row.get(column.name), closed, finding, own, at, users=users) for column in how.columns
    )


def _value(
    how: Leaving,
    column: Column,
    value: object,
    closed: frozenset[str],
    finding: Iterable[str],
    own: Own,
    at: datetime | None,
    *,
    users: bool,
) -> Value:
    name = column.name
    if value in (None, "") or name in finding:
        return typed(value)
    if users and name in how.secret:
        return USERS
    if name in closed and not _is_own(value, own, at):
        return OTHER
    if name not in how.allowed and not _is_own(value, own, at):
        return NOT_STATED
    if name in how.hides and isinstance(value, str):
        last, sign = how.hides[name]
        return value[: max(len(value) - last, 0)] + sign * min(last, len(value))
    return typed(value)


def typed(value: object) -> Value:
    """A value as a gathering keeps it."""
    if isinstance(value, list | tuple):
        return "、".join(str(one) for one in value)
    if value is None or isinstance(value, str | int | float | bool | date | bytes):
        return value
    return str(value)


def _of_others(how: Leaving, mine: Sequence[Ownership], theirs: Sequence[Ownership]) -> frozenset[str]:
    """Columns of this row that are somebody else's."""
    lines = gathering_words()["lines"]
    shown = {item for owner in mine for item in lines["shown_of_other"].get(owner.role, ())}
    alone = {item for owner in mine for item in lines["closed_to"].get(owner.role, ())}
    ours = {name for owner in mine for name in (owner.column, *owner.blanks)}
    found = {name for owner in theirs for name in (owner.column, *owner.blanks)}
    found = {name for name in found if name not in how.table.columns or not shown & set(how.table.columns[name].items)}
    if theirs:  # withheld or gone, the other party is still another; a call to oneself has one party
        found |= {column.name for column in how.columns if alone & set(column.items)}
    if how.primary and not any(owner in how.primary for owner in mine) and any(one in how.primary for one in theirs):
        found |= {column.name for column in how.columns if column.items}
    return frozenset(found - ours)


def _is_own(value: object, own: Own, at: datetime | None) -> bool:
    return isinstance(value, str) and (own.is_identifier(value, at) or own.is_name(value))


def _stated(policy: Policy, subject: str) -> dict[str, str]:
    """What the policy uses to answer requests of this kind of person: item -> how it is coarsened."""
    nature = gathering_words()["nature"]
    found: dict[str, str] = {}
    for use in policy.uses:
        purpose = policy.purposes.get(use.purpose)
        if purpose is not None and purpose.nature == nature and subject in use.of:
            found |= {item: use.transform.get(item, "") for item in use.items}
    return found


def _is_stated(stated: Mapping[str, str], item: str, signs: Mapping[str, object]) -> bool:
    """Named itself or by its class, and coarsened in no way that nobody knows here."""
    how = _transform(stated, item)
    return how is not None and (not how or how in signs)


def _transform(stated: Mapping[str, str], item: str) -> str | None:
    return stated.get(item, stated.get(item.split(".", 1)[0]))


def _is_secret(policy: Policy, item: str) -> bool:
    class_ = item.split(".", 1)[0]
    return class_ in policy.classes and kind_of(policy, class_).value in gathering_words()["lines"]["kinds"]


def _is_looked_into(table: Table, column: Column) -> bool:
    words = gathering_words()
    if column.type in BINARY:
        return True
    is_text = column.type in {"", "text", "string"}
    wanted = set(words["looked_into"]["items"])
    about_another = table.subject in words["another"] and bool(column.items)
    return column.free_text or about_another or (is_text and bool(wanted & set(column.items)))
