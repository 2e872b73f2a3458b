"""One projection as SQL: rows joined with who is who, each with its failing word; and what of a row stays."""

from collections.abc import Mapping
from dataclasses import dataclass

from sekisho.engine.catalog.model import Ownership, System, Table
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.projections import rules
from sekisho.registers.projections.queries.judging import ERA, PERSON, PSEUDONYM, Judging
from sekisho.registers.projections.queries.seeing import Seen
from sekisho.registers.projections.queries.speech import Speech

FAILING, KIND, SOURCE = "__sekisho_failing", "__sekisho_kind", "sekisho_source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a query needs of one table."""

    system: System
    table: Table
    columns: tuple[str, ...]

    def count(self) -> int:
        """How many rows the table has now."""
        source = datamap_queries.open_source(self.system)
        try:
            return source.count(self.table.name)
        finally:
            source.close()

    def items(self, seen: Seen) -> tuple[str, ...]:
        """The items in use; mere rows use everything of the table that may be seen."""
        named = {item for name in self.columns for item in self.table.columns[name].items}
        return tuple(sorted(named)) or seen.items_of(self.system.id, self.table)


def judged_sql(judging: Judging, columns: Mapping[str, str]) -> str:
    """Every row with its people, its era and its failing word. Names of the data map, quoted; nothing anybody wrote."""
    table, speech = judging.table, judging.speech
    quoted = speech.quoted
    owners = range(len(table.owners))
    names = list(dict.fromkeys(table.triggers.values()))
    known = rules.references(judging.seen.datamap)
    joins = [_owner_join(place, owner, table, speech) for place, owner in enumerate(table.owners)]
    people = "".join(f", o{place}.person AS {quoted(f'{PERSON}{place}')}" for place in owners)
    of_source = ", ".join(f"s.{quoted(name)}" for name in columns)
    inner = f"SELECT {of_source}{people}, {judging.era()} AS {quoted(ERA)} FROM {SOURCE} AS s {' '.join(joins)}"  # noqa: S608
    days = [
        f"r.t{place} IS NOT DISTINCT FROM {speech.day_of('q.' + quoted(name), table.columns[name].type)}"
        for place, name in enumerate(names)
    ]
    days.append(
        f"r.settled IS NOT DISTINCT FROM (q.{quoted(table.settled)} IS NOT NULL)"
        if table.settled
        else "r.settled IS NULL"
    )
    by_name = [
        (place, name, stands.kind)
        for place, name in enumerate(columns)
        if (stands := _stands(table, name, known)) is not None and stands.kind
    ]
    others = [
        f"LEFT JOIN lasting_{kind} AS x_{place} ON x_{place}.value = CAST(q.{quoted(name)} AS {speech.text}) "
        f"LEFT JOIN people AS y_{place} ON y_{place}.number = x_{place}.person"
        for place, name, kind in by_name
    ]
    pseudonyms = "".join(f", p{place}.pseudonym AS {quoted(f'{PSEUDONYM}{place}')}" for place in owners)
    pseudonyms += "".join(f", y_{place}.pseudonym AS {quoted(f'{PSEUDONYM}x{place}')}" for place, _, _ in by_name)
    kind = f", {'p0.kind_0' if table.owners else 'CAST(NULL AS SMALLINT)'} AS {quoted(KIND)}"
    of_people = [
        f"LEFT JOIN people AS p{place} ON p{place}.number = q.{quoted(f'{PERSON}{place}')}" for place in owners
    ]
    return (
        f"SELECT q.*{pseudonyms}{kind}, CAST({judging.row()} AS BIGINT) AS {quoted(FAILING)} FROM ({inner}) AS q "  # noqa: S608
        f"{' '.join(of_people)} LEFT JOIN retention AS r ON {' AND '.join(days)} {' '.join(others)}"
    )


def shown_sql(needed: Needed, seen: Seen, key: bytes, speech: Speech) -> str:
    """What stays of a row: permitted columns, coarsened; pseudonyms for whoever and whatever a number names."""
    table, items, quoted = needed.table, needed.items(seen), speech.quoted
    known = rules.references(seen.datamap)
    asked = rules.asked_rows(table, needed.columns, known)
    shown = seen.shown(needed.system.id, table.name)
    found = [quoted(f"{PERSON}{place}") for place in range(len(table.owners))]
    for place, name in enumerate(source_columns(needed, seen)):
        column = table.columns[name]
        if not shown[name].shown:  # read to judge the row, or of an item that is in use elsewhere
            continue
        stands = _stands(table, name, known)
        if column.items and set(column.items) <= set(items):
            how = seen.coarsened(column.item, table.subject) or ""
            found.append(f"{speech.coarse[how].format(quoted(name)) if how else quoted(name)} AS {quoted(name)}")
        elif column.items or (stands is not None and stands.is_row and name not in asked):
            continue
        elif stands is None:
            found.append(quoted(name))
        elif stands.is_row:
            digest = speech.digest.format(f"'{key.hex()}', ':{name}:', CAST({quoted(name)} AS {speech.text})")
            found.append(f"CASE WHEN {quoted(name)} IS NULL THEN NULL ELSE left({digest}, 15) END AS {quoted(name)}")
        else:
            source = f"{PSEUDONYM}{stands.owner}" if stands.owner is not None else f"{PSEUDONYM}x{place}"
            found.append(f"{quoted(source)} AS {quoted(name)}")
    return ", ".join(found)


def source_columns(needed: Needed, seen: Seen) -> Mapping[str, str]:
    """The columns to read, with their plain types as the map has them."""
    table, items = needed.table, needed.items(seen)
    wanted = dict.fromkeys(name for name, column in table.columns.items() if set(column.items) <= set(items))
    for owner in table.owners:
        wanted |= dict.fromkeys([owner.column, *([owner.at] if owner.at else [])])
    wanted |= dict.fromkeys([table.acquired, *table.triggers.values(), *([table.settled] if table.settled else [])])
    return {name: table.columns[name].type for name in wanted if table.columns[name].type != "binary"}


def interval_table(owner: Ownership) -> str:
    """The name of the table of who held such an identifier."""
    return f"{'lasting' if owner.at is None else 'held'}_{owner.by}"


def _owner_join(place: int, owner: Ownership, table: Table, speech: Speech) -> str:
    """The join that tells who an owner of a row is."""
    on = f"o{place}.value = CAST(s.{speech.quoted(owner.column)} AS {speech.text})"
    if owner.at is not None:
        at = speech.micros_of(f"s.{speech.quoted(owner.at)}", table.columns[owner.at].type)
        on += f" AND {at} >= o{place}.since AND {at} < o{place}.until"
    return f"LEFT JOIN {interval_table(owner)} AS o{place} ON {on}"


def _stands(table: Table, name: str, known: rules.References) -> rules.StandsFor | None:
    return rules.stands_for(table, name, known) if not table.columns[name].items else None
