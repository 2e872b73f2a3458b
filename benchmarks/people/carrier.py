"""A carrier whose people are made up in memory: the columns and bitmaps the product keeps, and the same as tables."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
TODAY = date(2026, 11, 20)
FIRST = date(1970, 1, 1)
ROOT = Path(__file__).resolve().parents[2]
KINDS = {  # kind of consent -> share of the people whose last word it is, with its scope
    ("accepted_purpose", "*"): 0.97,
    ("objection", "marketing"): 0.08,
    ("channel", "mail"): 0.45,
    ("solicitation_refused", "*"): 0.03,
    ("restricted", "*"): 0.002,
    ("guardian", "*"): 0.01,
    ("provision", "*"): 0.9,
}


def start(home: Path) -> None:
    """A product database with the policy and one clerk, in a home of its own."""
    os.environ |= {"SEKISHO_HOME": str(home), "DJANGO_SETTINGS_MODULE": "sekisho.entrypoints.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    from sekisho.connectors.documents import read_folder
    from sekisho.registers.people.actions import NewStaff, enrol
    from sekisho.registers.policies.actions import adopt

    call_command("migrate", verbosity=0)
    era = adopt(files=read_folder(ROOT / "policies" / "arlink"), at=AT, acting_user="bench")
    clerk = NewStaff(
        ref="s-1", display_name="s-1", role="clerk", employment="employee", joined_on=date(2020, 4, 1),
        trained_on=date(2026, 4, 1), pledged_on=date(2026, 4, 1), acknowledged_era=era,
    )  # fmt: skip
    enrol(staff=[clerk], at=AT, acting_user="bench")


def people(count: int) -> tuple[Any, Mapping[str, pa.Table]]:
    """The population as the product holds it, and the tables `person`, `contract`, `event`, `standing` of the same people."""
    from sekisho.registers.populations.rules import ABSENT, NO_DAY, OPEN, Holding, People, Population, packed

    random = np.random.default_rng(20261120)
    size = count + 1  # the first place is nobody's
    exists = np.ones(size, dtype=np.bool_)
    exists[0] = False
    born = _days(random, size, date(1930, 1, 1), date(2015, 12, 31))
    born[random.random(size) < 0.01] = NO_DAY
    deceased = np.where(random.random(size) < 0.01, _days(random, size, date(2020, 1, 1), TODAY), NO_DAY)
    ended = _days(random, size, date(2016, 1, 1), TODAY)
    is_open = random.random(size) < 0.85
    instants = np.where(is_open, OPEN, ended.astype(np.int64) * 86_400_000_000)
    instants[random.random(size) < 0.02] = ABSENT
    instants[0] = ABSENT
    ref = pc.binary_join_element_wise("p", pc.cast(pa.array(np.arange(size)), pa.string()), "-")
    holds = {scope: exists & (random.random(size) < share) for scope, share in KINDS.items()}
    columns = People(
        ref=pc.if_else(pa.array(exists), ref, pa.scalar(None, pa.string())),
        exists=exists,
        acquired=_days(random, size, date(2024, 4, 1), TODAY),
        born=born,
        deceased=deceased.astype(np.int32),
        is_corporate=random.random(size) < 0.05,
        is_protected=random.random(size) < 0.002,
        shop=np.zeros(size, dtype=np.int32),
        shops=("",),
        kinds=np.ones(size, dtype=np.int64),
        kind_names=("customer",),
        ends={"number": instants},
        suppressions={},
    )
    population = Population(
        epoch=0, change=0, newest=ABSENT, anchor="", people=columns,
        holding=Holding(bits={scope: packed(flags) for scope, flags in holds.items()}),
    )  # fmt: skip
    return population, _tables(random, columns, instants, holds)


def _tables(
    random: np.random.Generator, people: Any, instants: npt.NDArray[np.int64], holds: Mapping[tuple[str, str], Any]
) -> Mapping[str, pa.Table]:
    from sekisho.registers.populations.rules import ABSENT, NO_DAY, OPEN

    there = np.flatnonzero(people.exists)
    person = pa.table(
        {
            "id": there,
            "ref": people.ref.take(there),
            "born": _dates(people.born[there], NO_DAY),
            "deceased": _dates(people.deceased[there], NO_DAY),
            "is_corporate": people.is_corporate[there],
        }
    )
    with_contract = np.flatnonzero(instants != ABSENT)
    until = instants[with_contract]
    days = np.where(until == OPEN, 0, (until // 3_600_000_000 + 9) // 24).astype(np.int32)
    contract = pa.table(
        {"person": with_contract, "ended": pa.array(days, pa.int32(), mask=until == OPEN).cast(pa.date32())}
    )
    rows, standing = [], []
    for (kind, scope), flags in holds.items():
        held = np.flatnonzero(flags)
        standing.append(_rows(held, kind, scope))
        # a history behind the last word: some who hold it had withdrawn before, some who don't had given it
        rows += [_events(held[random.random(len(held)) < 0.1], kind, scope, given=False, first=0)]
        once = np.flatnonzero(~flags & people.exists)
        once = once[random.random(len(once)) < 0.1]
        rows += [
            _events(once, kind, scope, given=True, first=0),
            _events(once, kind, scope, given=False, first=1 << 33),
        ]
        rows += [_events(held, kind, scope, given=True, first=1 << 33)]
    return {
        "person": person,
        "contract": contract,
        "event": pa.concat_tables(rows),
        "standing": pa.concat_tables(standing),
    }


def _dates(days: npt.NDArray[np.int32], none: int) -> pa.Array:
    return pa.array(days, pa.int32(), mask=days == none).cast(pa.date32())


def _rows(held: npt.NDArray[np.int64], kind: str, scope: str) -> pa.Table:
    return pa.table({"person": held, "kind": pa.repeat(kind, len(held)), "scope": pa.repeat(scope, len(held))})


def _events(held: npt.NDArray[np.int64], kind: str, scope: str, *, given: bool, first: int) -> pa.Table:
    table = _rows(held, kind, scope)
    table = table.append_column("given", pa.repeat(given, len(held)))
    return table.append_column("epoch", pa.array(first + held))


def _days(random: np.random.Generator, size: int, since: date, until: date) -> npt.NDArray[np.int32]:
    first = (since - FIRST) // timedelta(days=1)
    return random.integers(first, first + (until - since).days + 1, size).astype(np.int32)
