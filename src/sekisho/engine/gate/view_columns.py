"""Columns of an enforced view: which a purpose may see, coarsened how, and why the others are left out.

A view gives rows to whoever may read it, so whatever a permit obliges to has to be done by the view itself. An obligation
that a view cannot do (a smallest group, one side of a call) leaves the column out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sekisho.engine.catalog.model import Column
from sekisho.engine.gate.ask import Obligation
from sekisho.engine.gate.table import Cell

CARRIED = frozenset({"notify", "record"})  # the reader's duties, said in the view's comment
NOT_PERMITTED, FREE_TEXT = "gate.view-not-permitted", "gate.view-free-text"
CONTROL = "gate.view-control"
OBLIGED, UNTRANSFORMED = "gate.view-obligation", "gate.view-transform"
PREFECTURE = "^(北海道|東京都|京都府|大阪府|.{2,3}県)"
TRANSFORMS: Mapping[str, Mapping[str, str]] = {  # transform -> type of column -> SQL of PostgreSQL
    "year": {"date": "EXTRACT(YEAR FROM {c})::integer", "text": "pg_catalog.left({c}, 4)"},
    "month": {"date": "pg_catalog.to_char({c}, 'YYYY-MM')", "text": "pg_catalog.left({c}, 7)"},
    "decade": {"date": "(EXTRACT(YEAR FROM {c})::integer / 10 * 10)"},
    "postal3": {"text": "pg_catalog.left(pg_catalog.regexp_replace({c}, '[^0-9]', '', 'g'), 3)"},
    "prefecture": {"text": "pg_catalog.substring({c}, '" + PREFECTURE + "')"},
    "mask4": {
        "text": "(CASE WHEN pg_catalog.length({c}) > 4"
        " THEN pg_catalog.repeat('*', pg_catalog.length({c}) - 4) || pg_catalog.right({c}, 4)"
        " ELSE pg_catalog.repeat('*', pg_catalog.length({c})) END)"
    },
    "mask_last4": {"text": "(pg_catalog.left({c}, GREATEST(pg_catalog.length({c}) - 4, 0)) || '****')"},
    "yes_no": dict.fromkeys(("text", "date", "timestamp", "integer", "number", "binary"), "({c} IS NOT NULL)"),
}
# The value behind a volatile call, which never is null. PostgreSQL runs a plain comparison of a view's column before the
# barrier, since comparing is leakproof, and the plan then tells how many hidden rows it left: enough to guess hidden values
# one by one. A column that is volatile it leaves alone.
OPAQUE = "(CASE WHEN pg_catalog.random() IS NOT NULL THEN {c} END)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A column of the view. `transform` is empty where it is shown as it stands."""

    column: Column
    transform: str = ""
    duties: tuple[str, ...] = ()

    def sql(self, alias: str, *, findable: bool) -> str:
        """Its value, from under an alias. `findable`: rows are looked up by it, so that an index has to serve."""
        value = f"{alias}.{quoted(self.column.name)}"
        if self.transform:
            value = TRANSFORMS[self.transform][self.column.type].format(c=value)
        return value if findable else OPAQUE.format(c=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A column that the view does not have: the code of the reason, the clause and item it rests on."""

    column: str
    item: str
    code: str
    clause: str = ""


def look_at_column(column: Column, cells: Mapping[str, Iterable[Cell]]) -> Shown | Left:
    """Whether a view shows a column. `cells`: of each of its items, the cells of every era and kind of person."""
    if column.control:
        return Left(column=column.name, item="", code=CONTROL)
    if not column.items:
        return Left(column=column.name, item="", code=FREE_TEXT) if column.free_text else Shown(column=column)
    if column.free_text and "." not in column.item:  # a memo of a whole class may hold anything
        return Left(column=column.name, item=column.item, code=FREE_TEXT)
    transforms: set[str] = set()
    duties: set[str] = set()
    for item in column.items:
        asked = tuple(cells[item])
        opened = [cell for cell in asked if not cell.failures]
        if not opened:
            first = next((ranked.reason for cell in asked for ranked in cell.failures), None)
            return Left(column=column.name, item=item, code=NOT_PERMITTED, clause=first.clause if first else "")
        for obligation in {one.id: one for cell in opened for one in cell.permit.obligations}.values():
            transform = _transform(obligation, item)
            if transform is None:
                return Left(column=column.name, item=item, code=OBLIGED)
            transforms |= {transform} - {""}
            duties |= {obligation.id} if obligation.type in CARRIED else set()
    if len(transforms) > 1 or any(column.type not in TRANSFORMS.get(name, {}) for name in transforms):
        return Left(column=column.name, item=column.item, code=UNTRANSFORMED)
    return Shown(column=column, transform="".join(transforms), duties=tuple(sorted(duties)))


def quoted(name: str) -> str:
    """The name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _transform(obligation: Obligation, item: str) -> str | None:
    """The transform that it asks of this item; empty where it asks nothing of a view; None where a view can't do it."""
    if obligation.type in CARRIED:
        return ""
    if obligation.type in ("transform", "mask") and obligation.properties.get("item") == item:
        to = obligation.properties.get("to")
        return to if isinstance(to, str) else None
    return None
