"""A cell as SQL: the word of failing slots as one BIGINT expression, the same word that `decide` finds.

Only `&`, `+` and `-` on masks that cannot overlap: bitwise complement and exclusive or are spelled differently, or not at
all, from one engine to the next. A fact that is NULL is not known, and refuses. Source: DESIGN.md section 5.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.decide import CHANNEL_CONSENT, CHANNELS, ROLE_ALLOWED
from sekisho.engine.gate.table import Cell
from sekisho.engine.policy.expression import Expr, Kind, to_sql
from sekisho.engine.policy.expression_parser import ROOM
from sekisho.engine.policy.expression_tree import And, Compare, In, Literal, Name, Not, Operand, Or, Shift, Within

REFUSED = 1 << 62  # above slots and conditions: the policy alone refuses, whatever the facts say
TYPES = {  # of a value nobody knows, so that an engine can compare it
    "sqlite": {},
    "postgres": {
        Kind.DATE: "date",
        Kind.INTEGER: "bigint",
        Kind.STRING: "text",
        Kind.BOOLEAN: "boolean",
        Kind.STRINGS: "text[]",
    },
    "duckdb": {
        Kind.DATE: "DATE",
        Kind.INTEGER: "BIGINT",
        Kind.STRING: "VARCHAR",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.STRINGS: "VARCHAR[]",
    },
    "spark": {
        Kind.DATE: "DATE",
        Kind.INTEGER: "BIGINT",
        Kind.STRING: "STRING",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.STRINGS: "ARRAY<STRING>",
    },
}
CellKey = tuple[str | None, str, str | None]  # era (None: nobody knows the row's), kind of person, item (None: any)


def failing_sql(
    cell: Cell,
    *,
    known: str,
    value: str,
    attributes: Mapping[str, str],
    dialect: str,
    today: date | None,
    channel: str | None = None,
) -> str:
    """The failing word of a cell, from SQL for the two words of facts and for every attribute its conditions read.

    Zero permits. Bit 62 (`REFUSED`) stands where the policy alone refuses or the channel of the ask is missing. An
    attribute without SQL is unknown. Without `today` the SQL in `attributes["today"]` is read.

    Raises: expression.unknown-dialect.
    """
    if dialect not in TYPES:
        raise SekishoError("expression.unknown-dialect", room=ROOM, dialect=dialect)
    lacks_channel = cell.needs_channel and channel not in CHANNELS
    asked = cell.need
    for condition in cell.conditions:
        asked &= ~(1 << condition.bit)
    asked &= ~ROLE_ALLOWED if cell.roles is not None else -1
    asked &= ~CHANNEL_CONSENT if lacks_channel else -1
    terms = [_facts(asked, cell.want, known, value)] if asked else []
    if cell.roles is not None:
        terms.append(_unless(_is_role(cell.roles), ROLE_ALLOWED, attributes, dialect, today))
    terms += [
        _unless(condition.expression, 1 << condition.bit, attributes, dialect, today) for condition in cell.conditions
    ]
    if cell.failures or lacks_channel:
        terms.append(_word(REFUSED))
    return "(" + (" + ".join(terms) or _word(0)) + ")"


def cells_sql(
    cells: Mapping[CellKey, Cell],
    *,
    era: str,
    kind: str,
    item: str,
    known: str,
    value: str,
    attributes: Mapping[str, str],
    dialect: str,
    today: date | None,
    channel: str | None = None,
) -> str:
    """The failing word of whichever cell the row's era, kind of person and item name.

    `era`, `kind` and `item` are SQL. An era without a cell takes the cell under None of its kind and item; a row that no
    cell answers for is refused.
    """
    branches: dict[str, list[CellKey]] = {}
    for key in sorted(cells, key=lambda key: (key[0] is None, key)):  # what nobody knows comes after every known era
        word = failing_sql(
            cells[key],
            known=known,
            value=value,
            attributes=attributes,
            dialect=dialect,
            today=today,
            channel=channel,
        )
        branches.setdefault(f"{key[0] is None} {word}", []).append(key)
    columns = {"era": era, "kind": kind, "item": item}
    whens = [
        f"WHEN {' OR '.join(to_sql(_named(key), columns, dialect, today) for key in keys)} THEN {word.partition(' ')[2]}"
        for word, keys in branches.items()
    ]
    return f"(CASE {' '.join(whens)} ELSE {_word(REFUSED)} END)" if whens else _word(REFUSED)


def _facts(asked: int, want: int, known: str, value: str) -> str:
    """Slots asked for, less those known to be as wanted; all of them where either word is NULL."""
    true, false = asked & want, asked & ~want
    held = [f"({known} & {value} & {_word(true)})"] if true else []
    if false:
        held += [f"(({known} & {_word(false)}) - ({known} & {value} & {_word(false)}))"]
    return f"COALESCE({_word(asked)} - {' - '.join(held)}, {_word(asked)})"


def _unless(test: Expr | None, mask: int, attributes: Mapping[str, str], dialect: str, today: date | None) -> str:
    """The bit, where the test is not true; a test that cannot be met leaves the bit."""
    if test is None:
        return _word(mask)
    columns = {path: _null(kind, dialect) for path, kind in _expected(test, Kind.BOOLEAN)} | dict(attributes)
    return f"CASE WHEN {to_sql(test, columns, dialect, today)} THEN {_word(0)} ELSE {_word(mask)} END"


def _is_role(roles: Iterable[str]) -> Expr | None:
    options = tuple(Literal(value=role, kind=Kind.STRING) for role in sorted(roles) if role)
    return In(item=Name(path="actor.role", kind=Kind.STRING), options=options) if options else None


def _named(key: CellKey) -> Expr:
    told = [(name, part) for name, part in zip(("era", "kind", "item"), key, strict=True) if part is not None]
    return And(
        items=tuple(
            In(item=Name(path=name, kind=Kind.STRING), options=(Literal(value=part, kind=Kind.STRING),))
            for name, part in told
        )
    )


def _expected(expr: Expr | Operand, kind: Kind) -> Iterator[tuple[str, Kind]]:
    """Every name with the type that its place wants: a value nobody knows still has to have one."""
    match expr:
        case Name(path=path):
            yield path, kind
        case Shift(base=base):
            yield from _expected(base, Kind.DATE)
        case Compare(left=left, right=right):
            yield from _expected(left, right.kind)
            yield from _expected(right, left.kind)
        case In(item=item, options=options):
            yield from _expected(item, options[0].kind)
        case Within(item=item, among=among):
            yield from _expected(item, Kind.STRING)
            yield among.path, Kind.STRINGS
        case Not(item=item):
            yield from _expected(item, Kind.BOOLEAN)
        case And(items=items) | Or(items=items):
            for item in items:
                yield from _expected(item, Kind.BOOLEAN)
        case _:
            return


def _null(kind: Kind, dialect: str) -> str:
    type_ = TYPES[dialect].get(kind)
    return f"CAST(NULL AS {type_})" if type_ else "NULL"


def _word(word: int) -> str:
    return f"CAST({word} AS BIGINT)"
