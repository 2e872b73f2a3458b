"""Writing a piece of a data map as YAML: what nobody has said yet is written `unknown`, which `check` refuses."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sekisho.engine.catalog.model import Ownership, Reference

UNKNOWN = "unknown"
WIDTH = 160


def column_row(
    *,
    item: str = UNKNOWN,
    type: str,  # noqa: A002  the key of the document
    reason: str = "",
    references: Sequence[Reference] = (),
    many: bool = False,
    label: str = "",
    categories: Sequence[str] = (),
    imported_type: str = "",
) -> CommentedMap:
    """One column, on one line."""
    row = CommentedMap({"item": item, "type": type})
    if reason:
        row["reason"] = reason
    if many:
        row["many"] = True
    if references:
        row["references"] = [_reference(one) for one in references]
    if label:
        row["label"] = label
    if categories:
        row["categories"] = list(categories)
    if imported_type:
        row["imported_type"] = imported_type
    row.fa.set_flow_style()
    return row


def table_row(
    *,
    label: str,
    key: Sequence[str],
    columns: Mapping[str, CommentedMap],
    owners: Sequence[Ownership] = (),
) -> CommentedMap:
    """One table whose subject, acquisition and triggers are still to be said."""
    return CommentedMap(
        {
            "label": label,
            "subject": UNKNOWN,
            "key": flow(key or [UNKNOWN]),
            "acquired": UNKNOWN,
            "owners": [_owner(one) for one in owners],
            "columns": CommentedMap(columns),
        }
    )


def flow(values: Sequence[str]) -> CommentedSeq:
    """A list on one line."""
    found = CommentedSeq(values)
    found.fa.set_flow_style()
    return found


def written(document: Mapping[str, Any], *, comment: str = "") -> str:
    """The document as YAML, under comment lines."""
    stream = io.StringIO()
    yaml = YAML()
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(CommentedMap(document), stream)
    return "".join(f"# {line}\n" for line in comment.splitlines()) + stream.getvalue()


def _reference(one: Reference) -> CommentedMap:
    row = CommentedMap({"table": one.table, "column": one.column})
    if one.system:
        row["system"] = one.system
    if one.direction:
        row["direction"] = one.direction.value
    row.fa.set_flow_style()
    return row


def _owner(one: Ownership) -> CommentedMap:
    row = CommentedMap({"by": one.by, "column": one.column, "role": one.role})
    row.fa.set_flow_style()
    return row
