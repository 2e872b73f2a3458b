"""What the map should say of a place, as a line of it and as a patch of the document."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.engine.policy.model import Policy, Text
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.findings.queries.alarms import places
from sekisho.registers.findings.rules import proposing
from sekisho.registers.findings.rules.standing import NOT_PERSONAL, Place, Standing
from sekisho.registers.policies import queries as policies

MAP = "datamap.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """An item for the place, and how the map would say so; empty where the policy has no such data."""

    item: str
    line: str
    fragment: str


def proposal(place: Place, at: datetime, *, item: str = "") -> Proposal:
    """What to say of the place: as `item` where one is given, else as the likeliest one."""
    system = datamap_queries.current().systems.get(place.system)
    table = system.tables.get(place.table) if system else None
    personal = [one for one in place.found if one.grade != NOT_PERSONAL]
    free_text = all(one.is_inside for one in personal) and bool(personal)
    chosen = item or proposing.item_for([one.type for one in personal], table, policies.in_force(at))
    if not chosen or not place.column:
        return Proposal(item=chosen, line="", fragment="")
    known = table.columns.get(place.column) if table else None
    line = proposing.line_for(place.column, chosen, free_text=free_text, native_type=known.type if known else "")
    shown = proposing.fragment(place.system, place.table, line, is_table_known=table is not None)
    return Proposal(item=chosen, line=line, fragment=shown)


def patch(at: datetime) -> str:
    """A unified diff of the map's document with everything accepted and not yet in it; "" where nothing is."""
    accepted = [one for one in places() if one.standing is Standing.ACCEPTED and one.answer]
    lines = [
        (one.system, one.table, one.column, proposal(one, at, item=one.answer.item).line)
        for one in accepted
        if one.answer and one.column
    ]
    text = datamap_queries.document()
    return proposing.patch(text, proposing.patched(text, datamap_queries.current(), lines), MAP)


def items_of(policy: Policy, language: str = "ja") -> dict[str, str]:
    """Every item a map may name -> its label."""

    def said(text: Text) -> str:
        return (text.en or text.ja) if language == "en" else text.ja

    items = {}
    for class_ in policy.classes.values():
        items[class_.id] = said(class_.label)
        items |= {
            f"{class_.id}.{one.id}": f"{said(class_.label)} / {said(one.label)}" for one in class_.fields.values()
        }
    return items
