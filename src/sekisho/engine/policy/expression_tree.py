"""The tree of a condition: typed nodes, each knowing the column where it stands in the condition's text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias


class Kind(StrEnum):
    """Type of a value in a condition. ANY: not known before the value is seen; unlike values then compare as unknown."""

    DATE = "date"
    INTEGER = "integer"
    STRING = "string"
    BOOLEAN = "boolean"
    STRINGS = "strings"  # a list of strings: only `in` looks into it
    ANY = "any"


Value: TypeAlias = date | int | str | bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A constant."""

    value: Value
    kind: Kind
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A dotted name, such as `bill.due_on`."""

    path: str
    kind: Kind
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The Tokyo date of the moment of asking."""

    kind: Kind = Kind.DATE
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A date moved by whole days; negative goes back."""

    base: "Operand"
    days: int
    kind: Kind = Kind.DATE
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare:
    """`==`, `!=`, `<`, `<=`, `>`, `>=` between two operands of one type."""

    operator: str
    left: "Operand"
    right: "Operand"
    kind: Kind = Kind.BOOLEAN
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class In:
    """Whether an operand is one of some constants."""

    item: "Operand"
    options: tuple[Literal, ...]
    kind: Kind = Kind.BOOLEAN
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Whether an operand is in a list that a name holds; of an unknown list, or in it of an unknown operand, unknown."""

    item: "Operand"
    among: Name
    kind: Kind = Kind.BOOLEAN
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The contrary; of unknown, unknown."""

    item: "Expr"
    kind: Kind = Kind.BOOLEAN
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of them."""

    items: tuple["Expr", ...]
    kind: Kind = Kind.BOOLEAN
    column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of them."""

    items: tuple["Expr", ...]
    kind: Kind = Kind.BOOLEAN
    column: int = 1


Operand: TypeAlias = Literal | Name | Today | Shift
Expr: TypeAlias = Literal | Name | Today | Shift | Compare | In | Within | Not | And | Or


def names(expr: Expr) -> Iterator[Name]:
    """Every dotted name in it, in the order written."""
    match expr:
        case Name():
            yield expr
        case Shift(base=inner) | Not(item=inner) | In(item=inner):
            yield from names(inner)
        case Compare(left=left, right=right) | Within(item=left, among=right):
            yield from names(left)
            yield from names(right)
        case And(items=items) | Or(items=items):
            for item in items:
                yield from names(item)
        case _:
            return


def uses_today(expr: Expr) -> bool:
    """Whether the answer can change from one day to the next with the same data."""
    match expr:
        case Today():
            return True
        case Shift(base=inner) | Not(item=inner) | In(item=inner) | Within(item=inner):
            return uses_today(inner)
        case Compare(left=left, right=right):
            return uses_today(left) or uses_today(right)
        case And(items=items) | Or(items=items):
            return any(uses_today(item) for item in items)
        case _:
            return False
