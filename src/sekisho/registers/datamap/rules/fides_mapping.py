"""fideslang datasets as a piece of a data map, and a data map as fideslang datasets.

What a dataset does not say (whose the rows are, since when) stays `unknown`. Classes are named where the categories mean
exactly one item of the policy. Sources and version of the vocabulary: `vocabularies.toml`.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from ruamel.yaml.comments import CommentedMap

from sekisho.engine.catalog.model import NOT_PERSONAL, Column, DataMap, Ownership, Reference, System, Table
from sekisho.registers.datamap.rules.fides_model import (
    ARRAY,
    FidesCollection,
    FidesDataset,
    FidesField,
    FidesReference,
    system_id,
    unmarked,
)
from sekisho.registers.datamap.rules.fragment import UNKNOWN, column_row, flow, table_row, written
from sekisho.registers.datamap.rules.vocabularies import fides

ROLE = "subject"  # what an imported identity is in its row, until somebody says more


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A piece of a map, and how far its classes could be told."""

    text: str
    columns: int
    classed: int  # columns with an item of the policy
    not_personal: int
    unknown: int


def imported(
    datasets: tuple[FidesDataset, ...], *, items: Container[str], kind: str = UNKNOWN, url: str = UNKNOWN
) -> Imported:
    """The datasets as systems of a map. `items` are those of the policy."""
    systems, rows = CommentedMap(), list[CommentedMap]()
    for dataset in datasets:
        tables = CommentedMap()
        for collection in dataset.collections:
            columns = {one.path: _column(one, dataset, datasets, items) for one in collection.fields}
            rows += columns.values()
            tables[collection.name] = table_row(
                label=collection.label,
                key=[one.path for one in collection.fields if one.is_key],
                columns=columns,
                owners=[
                    Ownership(by=fides().identities.get(one.identity, one.identity), column=one.path, role=ROLE)
                    for one in collection.fields
                    if one.identity
                ],
            )
        systems[system_id(dataset.key)] = CommentedMap(
            {"label": dataset.label, "kind": kind, "url": url, "tables": tables}
        )
    unknown = sum(row["item"] == UNKNOWN for row in rows)
    without = sum(row["item"] == NOT_PERSONAL for row in rows)
    comment = (
        f"sekisho datamap import --from fides が書いた下書き。区分は {fides().source} {fides().version} からの読み替え。\n"
        "unknown を埋めるまで datamap check は通りません。"
    )
    return Imported(
        text=written({"systems": systems}, comment=comment),
        columns=len(rows),
        classed=len(rows) - unknown - without,
        not_personal=without,
        unknown=unknown,
    )


def exported(datamap: DataMap) -> tuple[FidesDataset, ...]:
    """The stored tables of every system as datasets; views keep nothing and are left out."""
    return tuple(
        FidesDataset(
            key=system.id,
            label=system.label,
            collections=tuple(
                FidesCollection(
                    name=table.name,
                    label=table.label,
                    fields=tuple(_field(column, table, system) for column in table.columns.values()),
                )
                for table in system.tables.values()
            ),
        )
        for system in datamap.systems.values()
    )


def rendered(datasets: Iterable[FidesDataset]) -> str:
    """The datasets as YAML."""
    comment = f"sekisho datamap export --to fides。区分の語: {fides().source} {fides().version}"
    return written({"dataset": [_dataset(one) for one in datasets]}, comment=comment)


def _column(
    one: FidesField, dataset: FidesDataset, datasets: tuple[FidesDataset, ...], items: Container[str]
) -> CommentedMap:
    item = _item(one, items)
    return column_row(
        item=item,
        type=fides().types.get(one.data_type, "text"),
        reason=f"fideslang: {', '.join(one.categories)}" if item == NOT_PERSONAL else "",
        references=[_reference(to, dataset, datasets) for to in one.references],
        many=one.is_list,
        label=one.label,
        categories=one.categories,
        imported_type=one.data_type,
    )


def _item(one: FidesField, items: Container[str]) -> str:
    personal = [category for category in one.categories if category.split(".", 1)[0] == fides().personal]
    if not personal:
        return NOT_PERSONAL if one.categories else UNKNOWN
    found = {fides().item(category, items) for category in personal}
    return found.pop() or UNKNOWN if len(found) == 1 else UNKNOWN


def _reference(to: FidesReference, dataset: FidesDataset, datasets: tuple[FidesDataset, ...]) -> Reference:
    there = next(
        one.path
        for other in datasets
        if other.key == to.dataset
        for collection, one in other.fields()
        if collection.name == to.collection and unmarked(one.path) == to.path
    )
    return Reference(
        system="" if to.dataset == dataset.key else system_id(to.dataset),
        table=to.collection,
        column=there,
        direction=to.direction,
    )


def _field(column: Column, table: Table, system: System) -> FidesField:
    owner = next((one for one in table.owners if one.column == column.name), None)
    plain = fides().written.get(column.type, "") if column.type != "text" else ""
    return FidesField(
        path=column.name,
        label=column.label,
        categories=column.categories or _categories(column),
        data_type=column.imported_type or plain,
        is_list=column.many,
        is_key=column.name in table.key,
        identity=fides().identity(owner.by) if owner else "",
        references=tuple(
            FidesReference(
                dataset=one.system or system.id,
                collection=one.table,
                path=unmarked(one.column),
                direction=one.direction,
            )
            for one in column.references
        ),
    )


def _categories(column: Column) -> tuple[str, ...]:
    if column.item == NOT_PERSONAL:
        return (fides().not_personal,)
    return tuple(dict.fromkeys(fides().category(item) for item in column.items))


def _dataset(one: FidesDataset) -> CommentedMap:
    collections = [
        CommentedMap({"name": each.name, "description": each.label, "fields": _nested(each.fields)})
        for each in one.collections
    ]
    return CommentedMap({"fides_key": one.key, "name": one.label, "collections": collections})


def _nested(fields: tuple[FidesField, ...]) -> list[CommentedMap]:
    """Fields by their paths: a part before a dot is a field with fields inside."""
    top: list[CommentedMap] = []
    objects: dict[str, CommentedMap] = {}
    for one in fields:
        listed, above = top, ""
        *parts, name = one.path.split(".")
        for part in parts:
            above = f"{above}.{part}" if above else part
            if above not in objects:
                objects[above] = _object(part)
                listed.append(objects[above])
            listed = objects[above]["fields"]
        listed.append(_leaf(name, one))
    return top


def _object(part: str) -> CommentedMap:
    meta = {"fides_meta": CommentedMap({"data_type": f"object{ARRAY}"})} if part.endswith(ARRAY) else {}
    return CommentedMap({"name": part.removesuffix(ARRAY), **meta, "fields": []})


def _leaf(name: str, one: FidesField) -> CommentedMap:
    row = CommentedMap({"name": name})
    if one.label:
        row["description"] = one.label
    if one.categories:
        row["data_categories"] = flow(one.categories)
    meta: dict[str, Any] = {}
    if one.is_key:
        meta["primary_key"] = True
    if one.identity:
        meta["identity"] = one.identity
    if one.data_type or one.is_list:
        meta["data_type"] = (one.data_type or "string") + (ARRAY if one.is_list else "")
    if one.references:
        meta["references"] = [_edge(to) for to in one.references]
    if meta:
        row["fides_meta"] = CommentedMap(meta)
    return row


def _edge(to: FidesReference) -> CommentedMap:
    row = CommentedMap({"dataset": to.dataset, "field": f"{to.collection}.{to.path}"})
    if to.direction:
        row["direction"] = to.direction.value
    return row
