"""個人情報管理台帳: per class and system, what is held of whom, for what, how acquired, where, by whom, whither, until when.

Everything in it follows from the policy and the data map; what neither says is a gap and is shown as one.
Source: APPI 23 and the guideline's measures (a register of what is handled), APPI 32(1).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sekisho.engine.catalog.model import DataMap, System, Table
from sekisho.engine.erasure.floors import Floor, RetentionLaw
from sekisho.engine.erasure.periods import event_label
from sekisho.engine.erasure.rules import governing
from sekisho.engine.policy.model import DataClass, DataKind, Policy, Retention, Text, WayOut
from sekisho.engine.policy.periods import parse
from sekisho.registers.datamap.rules.dpv import covers
from sekisho.registers.datamap.rules.words import SECRET

GAPS = ("source", "location", "custodian", "users", "measures")


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeHeld:
    """A purpose a row's data serves. `roles` may use it for that; empty = every role of the carrier."""

    label: Text
    clause: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outward:
    """A way out that takes some of it."""

    kind: str
    label: Text
    recipients: tuple[Text, ...]
    fields: tuple[Text, ...]
    clause: str
    is_foreign: bool | None  # None = known per recipient only


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFor:
    """How long, and by which rule."""

    says: Text
    clause: str
    floor: Text | None  # the law that forbids going below


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A table that holds some of it. `rows` is known once somebody counted."""

    name: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a system. `code` says why it could not be looked at; `counts` are rows by table."""

    system: str
    at: datetime
    by: str
    columns: int
    differences: int
    code: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRow:
    """One class in one system."""

    item: str
    label: Text
    kind: DataKind
    clause: str
    system: str
    system_label: str
    fields: tuple[Text, ...]
    subjects: tuple[Text, ...]
    places: tuple[Place, ...]
    purposes: tuple[PurposeHeld, ...]
    sources: tuple[str, ...]
    location: str
    country: str
    custodian: str
    users: tuple[str, ...]
    operated_by: tuple[Text, ...]
    outward: tuple[Outward, ...]
    kept: tuple[KeptFor, ...]
    measures: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def is_secret(self) -> bool:
        """Whether the secrecy of communications or location covers it."""
        return self.kind in SECRET


def ledger(policy: Policy, datamap: DataMap, floors: RetentionLaw) -> tuple[LedgerRow, ...]:
    """All rows, in the policy's order of classes and the map's of systems."""
    rows = []
    for class_ in policy.classes.values():
        for system in datamap.systems.values():
            holding = [(table, _items(table, class_.id)) for table in system.tables.values()]
            holding = [(table, items) for table, items in holding if items]
            if holding:
                rows.append(_row(policy, floors, class_, system, holding))
    return tuple(rows)


def item_label(policy: Policy, item: str) -> Text:
    """What the policy calls an item."""
    class_, _, name = item.partition(".")
    known = policy.classes.get(class_)
    if known is None:
        return Text(item)
    return known.fields[name].label if name in known.fields else known.label


def _row(
    policy: Policy,
    floors: RetentionLaw,
    class_: DataClass,
    system: System,
    holding: list[tuple[Table, tuple[str, ...]]],
) -> LedgerRow:
    items = tuple(dict.fromkeys(item for _, of in holding for item in of))
    subjects = tuple(dict.fromkeys(table.subject for table, _ in holding))
    sources = tuple(dict.fromkeys(table.source for table, _ in holding if table.source))
    found = {
        "source": bool(sources) and all(table.source for table, _ in holding),
        "location": bool(system.location),
        "custodian": bool(system.custodian),
        "users": bool(system.users),
        "measures": bool(system.measures),
    }
    return LedgerRow(
        item=class_.id,
        label=class_.label,
        kind=_strictest(class_, items),
        clause=class_.clause,
        system=system.id,
        system_label=system.label,
        fields=tuple(dict.fromkeys(item_label(policy, item) for item in items)),
        subjects=tuple(policy.subjects[one].label if one in policy.subjects else Text(one) for one in subjects),
        places=tuple(Place(name=table.name, label=table.label) for table, _ in holding),
        purposes=tuple(_purposes(policy, items, subjects)),
        sources=sources,
        location=system.location,
        country=system.country,
        custodian=system.custodian,
        users=system.users,
        operated_by=tuple(
            policy.recipients[one].label if one in policy.recipients else Text(one) for one in system.operated_by
        ),
        outward=tuple(
            _outward(policy, one, items)
            for one in policy.ways_out.values()
            if set(one.of) & set(subjects) and _shared(one.items, items)
        ),
        kept=_told_once(_kept(policy, floors, holding)),
        measures=system.measures,
        gaps=tuple(gap for gap in GAPS if not found[gap]),
    )


def _items(table: Table, class_: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            item for column in table.columns.values() for item in column.items if item.split(".", 1)[0] == class_
        )
    )


def _strictest(class_: DataClass, items: tuple[str, ...]) -> DataKind:
    fields = [class_.fields[name].kind for item in items if (name := item.partition(".")[2]) in class_.fields]
    return next((kind for kind in [class_.kind, *fields] if kind is not DataKind.ORDINARY), class_.kind)


def _purposes(policy: Policy, items: tuple[str, ...], subjects: tuple[str, ...]) -> Iterator[PurposeHeld]:
    roles: dict[str, set[str]] = {}
    clauses: dict[str, str] = {}
    for use in policy.uses:
        if set(use.of) & set(subjects) and _shared(use.items, items):
            clauses.setdefault(use.purpose, use.clause)
            held = roles.setdefault(use.purpose, set())
            held |= set(use.roles) or {""}
    for id_, clause in clauses.items():
        limited = tuple(sorted(roles[id_])) if "" not in roles[id_] else ()
        yield PurposeHeld(label=policy.purposes[id_].label, clause=clause, roles=limited)


def _shared(named: tuple[str, ...], items: tuple[str, ...]) -> tuple[str, ...]:
    """Which of the items something that names these takes."""
    return tuple(item for item in items if covers(named, item) or any(covers((item,), one) for one in named))


def _outward(policy: Policy, one: WayOut, items: tuple[str, ...]) -> Outward:
    recipients = [policy.recipients[to] for to in one.to if to in policy.recipients]
    foreign = {recipient.foreign for recipient in recipients}
    return Outward(
        kind=one.kind.value,
        label=one.label,
        recipients=tuple(recipient.label for recipient in recipients),
        fields=tuple(dict.fromkeys(item_label(policy, item) for item in _shared(one.items, items))),
        clause=one.clause,
        is_foreign=True if True in foreign else None if None in foreign else False,
    )


def _kept(policy: Policy, floors: RetentionLaw, holding: list[tuple[Table, tuple[str, ...]]]) -> Iterator[KeptFor]:
    for table, items in holding:
        for item in items:
            rules = governing(policy, floors, item, table.subject)
            lowest = next(iter(rules.floors), None)
            for period in rules.periods:
                yield KeptFor(says=_period(period), clause=period.clause, floor=_law(lowest))


def _period(rule: Retention) -> Text:
    ja = f"{event_label(rule.after, 'ja')}から{parse(rule.keep).text()}"
    en = f"{parse(rule.keep).text('en')} after {event_label(rule.after, 'en')}"
    if rule.until_settled:
        ja, en = f"{ja}（支払いが済むまで延びる）", f"{en}, longer while unpaid"
    return Text(ja, en)


def _law(floor: Floor | None) -> Text | None:
    if floor is None:
        return None
    return Text(
        f"{floor.article_ja}（{parse(floor.keep).text()}は消せない）",
        f"{floor.article_en} (not before {parse(floor.keep).text('en')})",
    )


def _told_once(kept: Iterator[KeptFor]) -> tuple[KeptFor, ...]:
    """Each period once: with its law where one of its items has one."""
    found: dict[tuple[str, str], KeptFor] = {}
    for one in kept:
        known = found.get((one.says.ja, one.clause))
        if known is None or known.floor is None:
            found[one.says.ja, one.clause] = one
    return tuple(found.values())
