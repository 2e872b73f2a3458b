"""Who is looked at for a list, and what a notice must know of them besides what the gate decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from sekisho.registers.identities import queries as identities
from sekisho.registers.lists.models import ReturnedMail
from sekisho.registers.populations import queries as populations

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The people of a list in order, each with the identifier they hold now; None where two hold it at once."""

    refs: tuple[str, ...]
    identifiers: tuple[str | None, ...]
    unknown: tuple[str, ...]  # identifiers that were named and that nobody holds


def holding(kind: str, at: datetime, named: Sequence[str] | None = None) -> Held:
    """Everybody who holds an identifier of this kind now, or those who hold the ones named. The oldest one counts."""
    found: dict[str, str] = {}
    holders: dict[str, int] = {}
    wanted = None if named is None else frozenset(named)
    for _, value, person, since, until in identities.interval_rows([kind]):
        if (wanted is None or value in wanted) and _stands(since, until, at):
            found.setdefault(person, value)
            holders[value] = holders.get(value, 0) + 1
    return Held(
        refs=tuple(found),
        identifiers=tuple(value if holders[value] == 1 else None for value in found.values()),
        unknown=tuple(sorted(wanted - holders.keys())) if wanted is not None else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Who is not written to though a notice would concern them."""

    deceased: Flags
    protected: Flags
    moved: Flags


def apart(refs: pa.Array, on: date) -> Apart:
    """What the registers say of these people on that day."""
    people = populations.current().people
    places = np.asarray(pc.index_in(refs, value_set=people.ref).fill_null(0).to_numpy(zero_copy_only=False))
    died = people.deceased[places]
    returned = pa.array(sorted(returned_now()), pa.string())
    return Apart(
        deceased=(died != populations.NO_DAY) & (died <= populations.day_number(on)),
        protected=people.is_protected[places],
        moved=np.asarray(pc.is_in(refs, value_set=returned).to_numpy(zero_copy_only=False)),
    )


def returned_now() -> frozenset[str]:
    """Everybody whose mail came back and who has not told a new address since."""
    return frozenset(ReturnedMail.objects.filter(cleared_at=None).values_list("person_ref", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """Mail of somebody that came back."""

    person: str
    on: date
    by: str


def returned_mail() -> tuple[Returned, ...]:
    """All mail that came back and is not cleared, newest first."""
    rows = ReturnedMail.objects.filter(cleared_at=None).order_by("-returned_on", "-id")
    return tuple(Returned(person=row.person_ref, on=row.returned_on, by=row.recorded_by) for row in rows)


def _stands(since: datetime | None, until: datetime | None, at: datetime) -> bool:
    return (since is None or since <= at) and (until is None or at < until)
