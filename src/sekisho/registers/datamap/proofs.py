"""What the data map can show the promise board."""

from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, of_error, said, together
from sekisho.registers.datamap import queries, rules
from sekisho.registers.policies.queries import in_force


def schema_matches_map(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every real column stands in the map and every mapped column is real; views and derived tables say what they inherit.

    An undeclared column breaks the promise, and so does one declared narrower than what it is made from.
    """
    try:
        found = queries.compare()
    except SekishoError as error:
        return _unproven(at, of_error(error))
    verdict, why = Verdict.KEPT, ""
    wrong = len(found.differences) + len(found.derived)
    if found.differences or found.derived:
        verdict = Verdict.BROKEN
        places = sorted({f"{one.system}.{one.table}.{one.column}".rstrip(".") for one in found.differences})
        differing = [said("データマップと実際のスキーマが違います: {places}", places=places)] if places else []
        why = together(*differing, *(Said(fault.message(), fault.message("en")) for fault in found.derived))
    elif found.unread:
        verdict = Verdict.UNPROVEN
        why = said("開けないシステムがあります: {systems}", systems=sorted(found.unread))
    return Proof(
        verdict=verdict,
        looked_at=found.columns_seen,
        figure=said("実際の列 {n:,}、データマップとの違い {wrong:,}", n=found.columns_seen, wrong=wrong),
        evidence="datamap.compare",
        why=why,
        fresh_until=at + FRESH_FOR,
    )


def class_located(*, at: datetime, clause: Clause) -> Proof:
    """The classes this clause publishes have columns in the map, all of them real and under a retention rule."""
    policy = in_force(at)
    classes = {class_.id for class_ in policy.classes.values() if class_.clause == clause.id}
    try:
        datamap = queries.current()
        found = queries.compare(datamap)
    except SekishoError as error:
        return _unproven(at, of_error(error))
    events = rules.vocabulary(policy).events
    mapped = [
        (system.id, table, column)
        for system in datamap.systems.values()
        for table in system.tables.values()
        for column in table.columns.values()
        if any(item.split(".", 1)[0] in classes for item in column.items)
    ]
    gone = {(one.system, one.table, one.column) for one in found.differences if one.code == "datamap.missing-column"}
    gone_tables = {(one.system, one.table) for one in found.differences if one.code == "datamap.missing-table"}
    wrong = sorted(
        f"{id_}.{table.name}.{column.name}"
        for id_, table, column in mapped
        if (id_, table.name, column.name) in gone
        or (id_, table.name) in gone_tables
        or not all(events.get((item, table.subject)) for item in column.items)
    )
    unread = sorted({id_ for id_, _, _ in mapped} & found.unread.keys())
    verdict, why = Verdict.KEPT, ""
    if wrong:
        verdict, why = Verdict.BROKEN, said("実際にないか、保存期間のない列があります: {columns}", columns=wrong)
    elif unread:
        verdict, why = Verdict.UNPROVEN, said("開けないシステムがあります: {systems}", systems=unread)
    elif not mapped:
        verdict, why = Verdict.UNPROVEN, said("この区分の列がデータマップにありません")
    return Proof(
        verdict=verdict,
        looked_at=len(mapped),
        figure=said("この区分の列 {n:,}、所在や期間の不明な列 {wrong:,}", n=len(mapped), wrong=len(wrong)),
        evidence="datamap.compare",
        why=why,
        fresh_until=at + FRESH_FOR,
    )


def _unproven(at: datetime, why: str) -> Proof:
    return Proof(
        verdict=Verdict.UNPROVEN,
        looked_at=0,
        figure=said("確かめた列 0"),
        evidence="datamap.compare",
        why=why,
        fresh_until=at + FRESH_FOR,
    )
