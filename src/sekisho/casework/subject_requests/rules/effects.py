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
from sekisho.casework.subject_requests.rules.answering_lines import LIMIT, STOP
from sekisho.casework.subject_requests.rules.case import ROOM
from sekisho.casework.subject_requests.rules.deciding import Answer
from sekisho.engine.catalog.model import Column, Ownership, Table
from sekisho.engine.gate.stops import EVERYTHING, stop_scope
from sekisho.engine.policy.model import Policy

REGISTER, COPIES = "identities", "copies"  # targets of a correction besides systems: our register, our own copies
GRANTED, UNASKED = Answer.GRANT.value, Answer.UNASKED.value


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
    told = tuple(lines)
    if any(line.get("answer") == GRANTED for line in told):
        return tuple(EffectKind(one) for one in effects()["kinds"].get(kind, ()))
    if any(line.get("effect") in (STOP, LIMIT) for line in told):  # all of it is kept, and no more than kept
        return tuple(EffectKind(one) for one in effects()["kinds"].get(kind, ()) if one in effects()["kept"]["kinds"])
    return ()


def stopped_purposes(policy: Policy, lines: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """The scopes that an answer's stop binds, of the consent ledger: `*`, purposes, and classes under one or all of them.

    A line that names purposes stops its class for these and nothing else. Where the person asked about all there is,
    everything stops that was granted, and of the rest each purpose that does not go on; where they asked about a part,
    only that part does. What is kept is used for no more than what keeps it needs.
    """
    stopping = [line for line in lines if line.get("answer") == GRANTED or line.get("effect") in (STOP, LIMIT)]
    if not stopping:
        return ()
    is_part = any(line.get("answer") == UNASKED or _texts(line.get("purposes")) for line in lines)
    if not is_part and all(line.get("answer") == GRANTED for line in lines):
        return (EVERYTHING,)
    goes_on = frozenset(effects()["goes_on"]["natures"])
    others = tuple(one.id for one in policy.purposes.values() if one.nature not in goes_on)
    used = {_class_of(line) for line in lines if not _ends(line)}
    is_whole = not is_part and (len(stopping) == len(lines) or any(line.get("answer") == GRANTED for line in lines))
    scopes = list(others) if is_whole else []
    for line in stopping:
        class_ = _class_of(line)
        named = [str(one) for one in _texts(line.get("purposes"))]
        if named:
            scopes += [stop_scope(one, class_) for one in named]
        elif class_ not in used:
            scopes.append(stop_scope(EVERYTHING, class_))
        elif not is_whole:
            scopes += [stop_scope(one, class_) for one in others]
    return tuple(dict.fromkeys(scopes))


def _ends(line: Mapping[str, object]) -> bool:
    """Whether nothing of what this line is about is used any more."""
    return line.get("answer") == GRANTED or line.get("effect") == STOP


def _class_of(line: Mapping[str, object]) -> str:
    return str(line.get("item", "")).partition(".")[0]


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
