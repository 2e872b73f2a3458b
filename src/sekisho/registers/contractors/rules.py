"""When a receipt is due, when to ask again, and what a receipt must say."""

import tomllib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import cache
from importlib import resources

from sekisho.engine.catalog.vocabulary import IDENTIFIER_KINDS
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.periods import add

ROOM = "sekisho.registers.contractors"


def due_on(issued_at: datetime) -> date:
    """The last day on which the receipt is in time."""
    return add(tokyo_date(issued_at), _limits()["within"])


def is_overdue(due: date, received: bool, on: date) -> bool:
    """Whether the last day is over and nothing came."""
    return not received and on > due


def chase_due(due: date, chased: list[str], on: date) -> bool:
    """Whether the contractor is to be asked again: after the last day, and a while after it was asked last."""
    if on <= due:
        return False
    return not chased or on >= add(date.fromisoformat(chased[-1]), _limits()["chase_every"])


def require_holding(
    kinds: Sequence[str], items: Sequence[str], classes: Collection[str], since: date, until: date | None
) -> None:
    """An order can be made from a holding: people are known by kinds there are, of classes there are, on days in order.

    Raises: contractors.unknown-kind, contractors.unknown-class, contractors.holding-backwards.
    """
    for kind in kinds:
        if kind not in IDENTIFIER_KINDS:
            raise SekishoError("contractors.unknown-kind", room=ROOM, kind=kind, kinds=", ".join(IDENTIFIER_KINDS))
    for item in items:
        if item.split(".", 1)[0] not in classes:
            raise SekishoError("contractors.unknown-class", room=ROOM, item=item)
    require_days(since, until)


def require_impersonal(what: str) -> None:
    """What a contractor holds is said without anybody's data. Raises: contractors.personal-words."""
    from sekisho.engine.scanning.naming import people_in  # here: every command loads this file, few need recognisers

    found = people_in(what)
    if found:
        ja, en = "、".join(one.ja for one in found), ", ".join(one.en for one in found)
        raise SekishoError("contractors.personal-words", room=ROOM, what=ja, what_en=en)


def require_days(since: date, until: date | None) -> None:
    """A holding ends after it began. Raises: contractors.holding-backwards."""
    if until is not None and until < since:
        raise SekishoError("contractors.holding-backwards", room=ROOM, since=since.isoformat(), until=until.isoformat())


def require_receipt(order: str, sealed_sha256: str, named: str, issued_at: datetime, done_on: date, on: date) -> None:
    """A receipt names the list it answers and a day between the order and today.

    Raises: contractors.not-named, contractors.receipt-early.
    """
    if named != sealed_sha256:
        raise SekishoError("contractors.not-named", room=ROOM, order=order)
    issued_on = tokyo_date(issued_at)
    if not issued_on <= done_on <= on:
        values = {"done_on": done_on.isoformat(), "issued_on": issued_on.isoformat()}
        raise SekishoError("contractors.receipt-early", room=ROOM, **values)


def source() -> str:
    """The law on which contractors are supervised."""
    return _limits()["source"]


@cache
def _limits() -> dict[str, str]:
    text = resources.files(ROOM).joinpath("limits.toml").read_text(encoding="utf-8")
    read: dict[str, dict[str, str]] = tomllib.loads(text)
    return read["receipt"]
