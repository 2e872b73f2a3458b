"""What an answer brings about: which effects, which purposes stop, which values of a row are somebody's to put right.

Source: APPI arts. 34, 35; `effects.toml` of this room says which kind of request brings what about.
"""

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from sekisho.casework.subject_requests.rules.answering import EffectKind
from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.engine.catalog.model import Column, Ownership, Table
from sekisho.engine.policy.model import Policy

EVERYTHING = "*"
REGISTER, COPIES = "identities", "copies"  # targets of a correction besides systems: our register, our own copies
GRANTED = Answer.GRANT.value


@cache
def effects() -> Mapping[str, Any]:
    """`effects.toml` of this room."""
    return tomllib.loads(resources.files(ROOM).joinpath("effects.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What is wrong and what is right, of one field. Dates as ISO text.

    `happened`: the value was right until that day (改姓, a move); None = it was never right.
    """

    item: str  # "class.field"
    wrong: str
    right: str
    happened: date | None = None
    document: str = ""  # the kind of paper that showed it, where it happened

    @property
    def field(self) -> str:
        """The field, whichever class it stands in."""
        return self.item.rpartition(".")[2]


def kinds_of(kind: str, lines: Iterable[Mapping[str, object]]) -> tuple[EffectKind, ...]:
    """Which effects an answer to this kind of request has: none where nothing was granted."""
    if not any(line.get("answer") == GRANTED for line in lines):
        return ()
    return tuple(EffectKind(one) for one in effects()["kinds"].get(kind, ()))


def stopped_purposes(policy: Policy, lines: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """The scopes a granted stop binds: everything where everything was granted, else each purpose that does not go on.

    A line that names purposes of its own (`purposes`) is followed to the letter.
    """
    granted = [line for line in lines if line.get("answer") == GRANTED]
    if not granted:
        return ()
    named = [str(one) for line in granted for one in _texts(line.get("purposes"))]
    if named:
        return tuple(dict.fromkeys(named))
    if len(granted) == len(lines):
        return (EVERYTHING,)
    goes_on = frozenset(effects()["goes_on"]["natures"])
    return tuple(one.id for one in policy.purposes.values() if one.nature not in goes_on)


def stopped_recipients(lines: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """The scopes a granted stop of provision binds: the recipients the answer names, else every one."""
    granted = [line for line in lines if line.get("answer") == GRANTED]
    named = [str(one) for line in granted for one in _texts(line.get("recipients"))]
    return tuple(dict.fromkeys(named)) or ((EVERYTHING,) if granted else ())


def columns_of(table: Table, field: str) -> tuple[Column, ...]:
    """The columns of a table that hold this field, of whichever class. Free text is nobody's field."""
    return tuple(
        column
        for column in table.columns.values()
        if not column.free_text and any(item.rpartition(".")[2] == field and "." in item for item in column.items)
    )


def theirs(table: Table, owner: Ownership, row: Mapping[str, object], columns: Iterable[Column]) -> tuple[Column, ...]:
    """Of these columns of a row found by one owner, those that are this owner's.

    An owner whose leaving blanks columns has those and no others; what another party of the row would take along when
    leaving is that party's.
    """
    if owner.blanks:
        return tuple(column for column in columns if column.name in owner.blanks)
    others = {
        name
        for other in table.owners
        if other is not owner and other.blanks and row.get(other.column) not in (None, "", row.get(owner.column))
        for name in other.blanks
    }
    return tuple(column for column in columns if column.name not in others)


def tells_of_the_past(table: Table, correction: Correction) -> bool:
    """Whether a table keeps what was, as it was: it holds the field twice (before and after), and the value did change."""
    return correction.happened is not None and len(columns_of(table, correction.field)) > 1


def same(value: object, other: str) -> bool:
    """Whether a stored value is this one: width, compatibility forms and spaces make no difference."""
    return value is not None and folded(str(value)) == folded(other)


def folded(text: str) -> str:
    """A value without what makes no difference: 「山田　太郎」 and 「山田 太郎」 are one."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _texts(value: object) -> Iterable[object]:
    return value if isinstance(value, list | tuple) else ()
