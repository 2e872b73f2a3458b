"""What the map should say of a column in which personal information was found: an item, a line, a patch of the document.

A proposal is a guess from the kind found, the classes the table already has, and whose rows they are. A person decides.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import resources

from sekisho.engine.catalog.model import Column, DataMap, Table
from sekisho.engine.policy.model import Policy
from sekisho.registers.findings.rules.limits import ROOM

INDENT = "  "
PERSONAL_TABLE = ("label", "subject", "key", "acquired", "owners")


def item_for(types: Sequence[str], table: Table | None, policy: Policy) -> str:
    """The item of the policy that fits best; "" where the policy has none for such data.

    Among the items that hold the kind: one of a class the table already has, else of a class for its kind of person,
    else the first.
    """
    known = [item for type_ in types for item in _items_of(type_) if _exists(item, policy)]
    present = {item.split(".", 1)[0] for column in table.columns.values() for item in column.items} if table else set()
    of_subject = {one.id for one in policy.classes.values() if table is not None and table.subject in one.of}
    for classes in (present & of_subject, present, of_subject):
        if fitting := next((item for item in known if item.split(".", 1)[0] in classes), ""):
            return fitting
    return known[0] if known else ""


def line_for(column: str, item: str, *, free_text: bool, native_type: str = "") -> str:
    """The line of the data map."""
    extra = [f"type: {native_type}"] if native_type not in ("", "text") else []
    extra += ["free_text: true"] if free_text else []
    return f"{column}: {{item: {', '.join((item, *extra))}}}" if extra else f"{column}: {item}"


def fragment(system: str, table: str, line: str, *, is_table_known: bool) -> str:
    """The line with the keys around it, as a person reads where it goes."""
    missing = [] if is_table_known else [f"{INDENT * 3}# {', '.join(PERSONAL_TABLE)}: この表の持ち主と消す日を書く"]
    keys = ["systems:", f"{INDENT}{system}:", f"{INDENT * 2}tables:", f"{INDENT * 3}{table}:"]
    return "\n".join([*keys, *missing, f"{INDENT * 4}columns:", f"{INDENT * 5}{line}"]) + "\n"


def patched(text: str, datamap: DataMap, lines: Sequence[tuple[str, str, str, str]]) -> str:
    """The document with these lines (system, table, column, line) put where the columns stand.

    A column the map has is replaced, another goes below the table's last. Tables the map lacks are left out: what a
    table is takes a person. Places come from the document as it was read.
    """
    rows = text.splitlines(keepends=True)
    changes: list[tuple[int, int, str]] = []  # first row, rows replaced, new row
    for system, table, column, line in lines:
        known = datamap.systems[system].tables.get(table) if system in datamap.systems else None
        if known is None or not known.columns:
            continue
        here = known.columns.get(column)
        last = max(known.columns.values(), key=lambda one: one.place.line if one.place else 0)
        if (here or last).place is None:
            continue
        at = _row_of(here or last)
        indent = re.match(r"\s*", rows[at])[0]  # type: ignore[index]  # matches always
        end = _end_of(rows, at, len(indent))
        changes.append((at, end - at, f"{indent}{line}\n") if here else (end, 0, f"{indent}{line}\n"))
    for at, count, row in sorted(changes, reverse=True):
        rows[at : at + count] = [row]
    return "".join(rows)


def patch(old: str, new: str, path: str) -> str:
    """A unified diff that `git apply` takes."""
    return "".join(
        difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{path}", f"b/{path}")
    )


def _row_of(column: Column) -> int:
    return column.place.line - 1 if column.place else 0


def _end_of(rows: Sequence[str], at: int, indent: int) -> int:
    """The row after a node that begins at `at`: deeper rows belong to it."""
    end = at + 1
    while end < len(rows) and rows[end].strip() and len(rows[end]) - len(rows[end].lstrip()) > indent:
        end += 1
    return end


def _exists(item: str, policy: Policy) -> bool:
    class_, _, name = item.partition(".")
    return class_ in policy.classes and (not name or name in policy.classes[class_].fields)


def _items_of(type_: str) -> Iterator[str]:
    yield from _proposals().get(type_, ())


@cache
def _proposals() -> dict[str, list[str]]:
    text = resources.files(ROOM).joinpath("proposals.toml").read_text(encoding="utf-8")
    said: dict[str, list[str]] = tomllib.loads(text)["items"]
    return said
