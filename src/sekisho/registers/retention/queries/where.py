"""From conditions of the plan to conditions of a store: which rows, as regions that don't overlap."""

from collections.abc import Iterable, Iterator, Sequence

from sekisho.connectors.source import Before, In, IsNull, NotIn, Source, Test, Where, Within
from sekisho.engine.catalog.model import Ownership, PartyErasure, Table
from sekisho.engine.erasure.due import Past
from sekisho.engine.erasure.plan import Held

Region = tuple[Test, ...]
MOST_VALUES = 900  # in one test: SQLite bounds its parameters


def of_person(owner: Ownership, held: Iterable[Held]) -> tuple[Region, ...]:
    """The rows that were this person's under one ownership path: by value, and by interval where there is an instant."""
    theirs = [one for one in held if one.kind == owner.by]
    if not theirs:
        return ()
    if owner.at is None:
        return ((In(owner.column, tuple(dict.fromkeys(one.value for one in theirs))),),)
    spans: dict[tuple[object, object], list[str]] = {}
    for one in theirs:
        spans.setdefault((one.since, one.until), []).append(one.value)
    return tuple(
        (In(owner.column, tuple(dict.fromkeys(values))), *_within(owner.at, since, until))
        for (since, until), values in spans.items()
    )


def of_due(past: Iterable[Past], settled: Iterable[str]) -> Region:
    """The conditions of a due: every period is over, every claim is settled."""
    return (
        *(Before(one.column, one.before) for one in past),
        *(IsNull(column, negated=True) for column in settled),
    )


def with_tests(regions: Iterable[Region], tests: Region) -> tuple[Region, ...]:
    """Each region narrowed by more tests."""
    return tuple((*region, *tests) for region in regions)


def any_filled(regions: Iterable[Region], columns: Sequence[str]) -> Iterator[Region]:
    """The rows in which any of these columns still holds something, each row in one region only."""
    for region in regions:
        for index, column in enumerate(columns):
            yield (*region, *(IsNull(empty) for empty in columns[:index]), IsNull(column, negated=True))


def owned(table: Table) -> tuple[Region, ...]:
    """Regions that leave out rows of which nobody knows whose they are.

    Where every party's erasure only blanks its own columns, a row without parties is what erasure leaves: nobody's.
    """
    owners = list(dict.fromkeys(o.column for o in table.owners if o.erasure is PartyErasure.DELETE_ROW))
    if not owners:
        return ((),)
    return tuple(
        (*(IsNull(column) for column in owners[:index]), IsNull(owner, negated=True))
        for index, owner in enumerate(owners)
    )


def unowned(table: Table) -> Region:
    """The rows of which nobody knows whose they are; empty where the table has no such rows by nature."""
    return tuple(
        IsNull(column)
        for column in dict.fromkeys(o.column for o in table.owners if o.erasure is PartyErasure.DELETE_ROW)
    )


def leaving_out(
    source: Source, table: Table, regions: Iterable[Region], excluded: Iterable[Region]
) -> tuple[Region, ...]:
    """The regions without the excluded rows, told by their keys: as many regions as before, however many are excluded.

    A table without a key is narrowed by the conditions themselves (`excluding`).
    """
    wanted, out = tuple(regions), tuple(excluded)
    if not out:
        return wanted
    if not table.key:
        return excluding(wanted, out)
    keys = {key for region in wanted for more in out for key in _keys(source, table, (*region, *more))}
    return tuple((*region, *tests) for region in wanted for tests in _not_keyed(table.key, keys))


def _keys(source: Source, table: Table, where: Region) -> Iterator[tuple[object, ...]]:
    for batch in source.rows(table.name, table.key, where):
        yield from zip(*(batch.column(name).to_pylist() for name in table.key), strict=True)


def _not_keyed(columns: Sequence[str], keys: set[tuple[object, ...]]) -> Iterator[Region]:
    """Regions that leave out rows with these keys. A null in a key keeps every row that has a null there."""
    if not keys:
        yield ()
        return
    column, rest = columns[0], columns[1:]
    firsts = {key[0] for key in keys}
    known = tuple(sorted((one for one in firsts if one is not None), key=str))
    nulls = (IsNull(column, negated=True),) if None in firsts else ()
    chunks = (known[start : start + MOST_VALUES] for start in range(0, len(known), MOST_VALUES))
    yield (*nulls, *(NotIn(column, chunk) for chunk in chunks))
    if rest:
        for first in known:
            for more in _not_keyed(rest, {key[1:] for key in keys if key[0] == first}):
                yield (In(column, (first,)), *more)


def excluding(regions: Iterable[Region], excluded: Iterable[Where]) -> tuple[Region, ...]:
    """The regions without the excluded ones, still not overlapping."""
    left = tuple(regions)
    for region in excluded:
        left = tuple(part for one in left for part in _without(one, tuple(region)))
    return left


def _without(region: Region, excluded: Region) -> Iterator[Region]:
    for index, test in enumerate(excluded):
        for opposite in _opposites(test):
            yield (*region, *excluded[:index], *opposite)


def _opposites(test: Test) -> Iterator[Region]:
    match test:
        case In(column=column, values=values):
            yield (NotIn(column, values),)
        case Within(column=column, since=since, until=until):
            yield (IsNull(column),)
            if since is not None:
                yield (Before(column, since),)
            if until is not None:
                yield (Within(column, until, None),)
        case Before(column=column, value=value):
            yield (IsNull(column),)
            yield (Within(column, value, None),)
        case IsNull(column=column, negated=negated):
            yield (IsNull(column, negated=not negated),)
        case _:
            raise TypeError(f"a hold is never told by {type(test).__name__}")


def _within(column: str, since: object, until: object) -> Region:
    return (Within(column, since, until),) if since is not None or until is not None else ()
