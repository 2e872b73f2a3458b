"""Mentions of an erased person in other people's free text: which rows, and what the text says without them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sekisho.connectors.source import Scalar, Source
from sekisho.engine.catalog.model import Table
from sekisho.engine.erasure.needles import Finder, Mention, Needle, without
from sekisho.registers.retention.queries.target import Target

TOKYO = ZoneInfo("Asia/Tokyo")


def rewritten(source: Source, table: Table, column: str, target: Target) -> dict[tuple[Scalar, ...], str]:
    """Row key -> the text without the person's mentions, for the rows that hold any."""
    finder = Finder(target.needles())
    return {
        key: without(text, theirs)
        for key, text, row in _texts(source, table, column, finder)
        if (found := finder.mentions(text)) and (theirs := _theirs(found, finder.needles, target, table, row))
    }


def _texts(
    source: Source, table: Table, column: str, finder: Finder
) -> Iterator[tuple[tuple[Scalar, ...], str, Mapping[str, object]]]:
    """Key, text and row of the texts that may hold a needle."""
    owners = [owner.column for owner in table.owners]
    columns = list(dict.fromkeys((*table.key, column, table.acquired, *owners)))
    for batch in source.rows(table.name, columns):
        for index in finder.texts_with(batch.column(columns.index(column)).to_pylist()):
            row = batch.slice(index, 1).to_pylist()[0]
            yield tuple(row[name] for name in table.key), row[column], row


def _theirs(
    found: tuple[Mention, ...], needles: tuple[Needle, ...], target: Target, table: Table, row: Mapping[str, object]
) -> tuple[Mention, ...]:
    """Those of the mentions that mean this person.

    A number used again means whoever held it when the row was acquired. A name that others bear means this person
    only beside something that is theirs alone. The person's own rows are not rewritten: they go, or law keeps them.
    """
    if target.owns(table.owners, row):
        return ()
    at = instant(row.get(table.acquired))
    sure = [one for one in found if not needles[one.needle].shared]
    for one in found:
        needle = needles[one.needle]
        is_number_again = needle.shared and not needle.is_name
        if is_number_again and target.is_theirs_at(needle, at):
            sure.append(one)
    if sure:
        sure += [one for one in found if needles[one.needle].shared and needles[one.needle].is_name]
    return tuple(sure)


def instant(value: object) -> datetime | None:
    """The instant of what a store gave back: a Tokyo day begins at its midnight."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), TOKYO).astimezone(UTC)
    return None
