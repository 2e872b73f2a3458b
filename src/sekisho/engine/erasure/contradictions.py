"""Where policy, law, data map and holds disagree over how long something is kept: both sources named, none chosen quietly.

What binds until somebody settles it is said with each: always the longer one, because what was erased too early can't be
brought back, and always with an alarm. Source: telecom guideline 10(1) (2017) / 11(1) (2022); APPI 22.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations

from sekisho.engine.catalog.model import DataMap, System, Table
from sekisho.engine.erasure.due import personal_items
from sekisho.engine.erasure.floors import Floor, Hold, RetentionLaw, grounds_in_force
from sekisho.engine.erasure.periods import ROOM, event_label
from sekisho.engine.erasure.rules import governing
from sekisho.engine.errors import Fault, Place, Severity
from sekisho.engine.law.model import NeverCollect
from sekisho.engine.policy.model import Policy, Retention
from sekisho.engine.policy.periods import longer, parse

NOWHERE = Place(path="policy.yaml", line=1, column=1)


def in_policy(policy: Policy, law: RetentionLaw) -> tuple[Fault, ...]:
    """What the policy says against law or itself, in document order."""
    found: dict[tuple[str, str, str], Fault] = {}
    for rule in policy.retention:
        for item in rule.items:
            for kind in rule.of or ("",):
                rules = governing(policy, law, item, kind)
                for fault in (
                    *_against_law(policy, rules.periods, rules.floors, item),
                    *_within(policy, rules.periods, item),
                ):
                    found.setdefault((fault.code, str(fault.place), fault.source), fault)
    return tuple(sorted(found.values(), key=lambda one: (one.place.line, one.place.column, one.code)))


def in_map(policy: Policy, law: RetentionLaw, datamap: DataMap) -> tuple[Fault, ...]:
    """Rules that a table can't be held to: no rule, no column for its event, none that says a claim is over."""
    found: dict[tuple[str, str, str, str], Fault] = {}
    for system in datamap.systems.values():
        for table in system.tables.values():
            for fault in _of_table(policy, law, system, table):
                values = fault.values
                found.setdefault((fault.code, str(fault.place), values["event"], fault.source), fault)
    return tuple(found.values())


def in_holds(
    policy: Policy, law: RetentionLaw, datamap: DataMap, holds: Iterable[Hold], never: Iterable[NeverCollect]
) -> tuple[Fault, ...]:
    """Holds on grounds nobody promised, and holds that keep what law forbids to have at all."""
    banned = tuple(never)
    found: list[Fault] = []
    allowed = grounds_in_force(policy, law)
    for hold in holds:
        values = {"hold": hold.id, "ground": hold.ground}
        if hold.ground not in allowed:
            found.append(
                _fault("erasure.hold-without-ground", policy.place("retention_grounds"), hold.ground, **values)
            )
        for table, column, ban in _forbidden(datamap, hold, banned):
            found.append(
                _fault(
                    "erasure.hold-on-forbidden",
                    table.columns[column].place or table.place or NOWHERE,
                    "、".join(ban.cites) + f" [{ban.certainty.value}]",
                    **values,
                    table=table.name,
                    column=column,
                    what=ban.ja,
                    what_en=ban.en,
                )
            )
    return tuple(found)


def _against_law(
    policy: Policy, periods: tuple[Retention, ...], floors: tuple[Floor, ...], item: str
) -> Iterator[Fault]:
    for rule in periods:
        if rule.ceiling and longer(rule.keep, rule.ceiling):
            yield _of_rule(
                policy, "erasure.keep-above-its-ceiling", rule, str(_place(policy, rule)), item, rule.ceiling
            )
        for floor in floors:
            source = f"{floor.article_ja} [{floor.mark}]"
            same = rule.after in {floor.after, floor.instead}
            if same and longer(floor.keep, rule.keep):
                yield _of_rule(policy, "erasure.floor-above-period", rule, source, item, floor.keep)
            if same and rule.ceiling and longer(floor.keep, rule.ceiling):
                yield _of_rule(policy, "erasure.floor-above-ceiling", rule, source, item, floor.keep)


def _within(policy: Policy, periods: tuple[Retention, ...], item: str) -> Iterator[Fault]:
    for first, second in combinations(periods, 2):
        other = f"{_place(policy, first)} ({first.clause})"
        if (first.after, first.keep) != (second.after, second.keep):
            yield _of_rule(policy, "erasure.two-rules", second, other, item, first.keep, first.after)
        if first.ceiling and second.ceiling and first.ceiling != second.ceiling:
            yield _of_rule(policy, "erasure.two-ceilings", second, other, item, first.ceiling)


def _of_table(policy: Policy, law: RetentionLaw, system: System, table: Table) -> Iterator[Fault]:
    place = table.place or NOWHERE
    for item in personal_items(table):
        values = {"system": system.id, "table": table.name, "item": item, "kind": table.subject}
        rules = governing(policy, law, item, table.subject)
        if not rules.periods:
            yield _fault("erasure.no-rule", place, "", **values, event="")
        for rule in rules.periods:
            source = f"{_place(policy, rule)} ({rule.clause})"
            if rule.after not in table.triggers:
                yield _fault("erasure.no-column", place, source, **values, **_named(rule.after))
            if rule.until_settled and table.settled is None:
                yield _fault("erasure.no-settled-column", place, source, **values, event="settled")
        for floor in rules.floors:
            if floor.event(table.triggers) not in table.triggers:
                article = f"{floor.article_ja} [{floor.mark}]"
                yield _fault("erasure.no-floor-column", place, article, **values, **_named(floor.after))


def _forbidden(
    datamap: DataMap, hold: Hold, never: tuple[NeverCollect, ...]
) -> Iterator[tuple[Table, str, NeverCollect]]:
    for system in datamap.systems.values():
        for table in system.tables.values():
            if not hold.stands_over(system.id, table.name):
                continue
            for name, column in table.columns.items():
                for item in column.items:
                    field = item.partition(".")[2]
                    for ban in never:
                        if field in ban.fields and table.subject in ban.of and hold.covers(item, hold.placed_on):
                            yield table, name, ban


def _of_rule(policy: Policy, code: str, rule: Retention, source: str, item: str, other: str, after: str = "") -> Fault:
    values = _named(rule.after) | {
        "item": item,
        "keep": _said(rule.keep, "ja"),
        "keep_en": _said(rule.keep, "en"),
        "ceiling": _said(rule.ceiling, "ja"),
        "ceiling_en": _said(rule.ceiling, "en"),
        "other": _said(other, "ja"),
        "other_en": _said(other, "en"),
        "other_event": event_label(after or rule.after, "ja"),
        "other_event_en": event_label(after or rule.after, "en"),
    }
    return _fault(code, _place(policy, rule), source, clause=rule.clause, **values)


def _fault(code: str, place: Place, source: str, *, clause: str = "", **values: str) -> Fault:
    return Fault(
        code=code,
        place=place,
        room=ROOM,
        severity=Severity.WARNING,
        clause=clause,
        source=source,
        values={"clause": clause, "source": source} | values,
    )


def _place(policy: Policy, rule: Retention) -> Place:
    return rule.place or policy.place(f"retention[{policy.retention.index(rule)}]")


def _named(event: str) -> dict[str, str]:
    return {"event": event_label(event, "ja"), "event_en": event_label(event, "en")}


def _said(period: str, language: str) -> str:
    return parse(period).text(language) if period else ""
