"""Records, mixes and draws of GDPRbench (VLDB 2020), and the mix for a regulator that its repository lacks: ours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

USERS, PURPOSES, OBJECTIONS = 10_000, 25, 100
TTLS = (30, *range(10_000, 24_001, 2_000), 1_000_000)
LENGTHS = {"pur": PURPOSES, "ttl": len(TTLS), "usr": USERS, "obj": OBJECTIONS, "dec": 2, "acl": 10, "shr": 10}
LENGTHS |= {"src": 10, "cat": 10}
FIELDS = (*LENGTHS, "data")
UPDATED = FIELDS[1:9]  # the metadata an update may set
ELAPSED = 60  # seconds between loading and the first operation: what was kept for 30 is over
Row = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of operations, and how keys, users and purposes are drawn."""

    shares: Mapping[str, float]
    is_zipfian: bool = False


MIXES = {
    "controller": Mix({"insert": 0.25, "delete": 0.25, "update_by_purpose": 0.25, "update_by_user": 0.25}),
    "customer": Mix(
        {
            "delete": 0.20, "update_by_purpose": 0.10, "update_by_user": 0.10, "read": 0.20, "update_data": 0.20,
            "read_by_purpose": 0.10, "read_by_user": 0.10,
        },
        is_zipfian=True,
    ),
    "processor": Mix({"read": 0.20, "read_by_purpose": 0.40, "read_by_user": 0.40}),
    "regulator": Mix({"metadata_by_user": 0.40, "log": 0.30, "verify_deletion": 0.30}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to do. Of the fields only those its kind needs are meant."""

    kind: str
    key: int
    purpose: str
    user: str
    field: str
    value: str | int
    lines: int
    as_collected: bool  # a processor asks for the purpose the record was collected for; else for `purpose`


def record(number: int) -> Row:
    """The record of a key: every field goes round its list."""
    row: Row = {name: value(name, number) for name in LENGTHS}
    row["data"] = f"{number:0>20}" * 5
    return row


def value(field: str, number: int) -> str | int:
    """The value of a metadata field."""
    place = number % LENGTHS[field]
    return TTLS[place] if field == "ttl" else f"{field}{place}"


def objected(obj: str | int) -> str | None:
    """The purpose an objection names: the first 25 of the 100 name one each, five of them one the person's data is for."""
    number = int(str(obj).removeprefix("obj"))
    if number >= PURPOSES:
        return None
    return f"pur{number if number % 5 == 0 else (number + 1) % PURPOSES}"


def operations(mix: Mix, *, records: int, count: int, seed: int) -> Iterator[Operation]:
    """The operations of a mix, the same for the same seed."""
    draw = np.random.default_rng(seed)
    kinds = draw.choice(list(mix.shares), size=count, p=list(mix.shares.values()))
    keys, users = (_drawn(draw, mix, size, count) for size in (records, USERS))
    purposes = _drawn(draw, mix, PURPOSES, count)
    fields = draw.choice(UPDATED, size=count)
    values, lines, collected = draw.integers(0, USERS, count), draw.integers(1, 1_001, count), draw.random(count)
    new = records
    for place, kind in enumerate(kinds):
        yield Operation(
            kind=str(kind),
            key=new if kind == "insert" else int(keys[place]),
            purpose=f"pur{purposes[place]}",
            user=f"usr{users[place]}",
            field=str(fields[place]),
            value=value(str(fields[place]), int(values[place])),
            lines=int(lines[place]),
            as_collected=bool(collected[place] < 0.8),
        )
        new += kind == "insert"


def _drawn(draw: np.random.Generator, mix: Mix, size: int, count: int) -> np.ndarray:
    if not mix.is_zipfian:
        return draw.integers(0, size, count)
    weights = 1 / np.arange(1, size + 1) ** 0.99
    places = np.searchsorted(np.cumsum(weights) / weights.sum(), draw.random(count))
    return draw.permutation(size)[np.minimum(places, size - 1)]
