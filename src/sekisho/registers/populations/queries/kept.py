"""Bitmaps kept between processes, in a file of the home: a memo, never a record.

Compressed (Roaring), sealed with the carrier's key. What is torn, changed, of another ledger or of a later epoch than
the ledger's is as good as none: everything is made anew. It holds places and epochs, no reference and no date of anybody.
"""

import hashlib
import hmac
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.conf import settings
from pyroaring import BitMap

from sekisho.registers.populations.rules import Holding, Population, no_bits, places_of, with_places

FORMAT = "sekisho-people-sets-1"
FOLDER, FILE = "people-sets", "consents.bitmaps"
SEAL = 32  # bytes of HMAC-SHA256 at the end


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Bitmaps of consents as of an epoch and a change."""

    epoch: int
    change: int
    newest: int
    anchor: str
    size: int
    holding: Holding


def as_bytes(population: Population) -> bytes:
    """A population's bitmaps: what is equal has equal bytes, however it came about."""
    sets = {scope: _compressed(bits) for scope, bits in sorted(population.holding.bits.items())}
    head = {
        "format": FORMAT,
        "epoch": population.epoch,
        "change": population.change,
        "newest": population.newest,
        "anchor": population.anchor,
        "size": population.size,
        "sets": [[kind, scope, len(data)] for (kind, scope), data in sets.items()],
    }
    return json.dumps(head, sort_keys=True).encode() + b"\n" + b"".join(sets.values())


def keep(population: Population) -> None:
    """Write the file anew, whole or not at all. A home that can't be written to keeps nothing, and nothing is lost."""
    data = as_bytes(population)
    try:
        path = _path()
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor, new = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data + _seal(data))
        Path(new).replace(path)
    except OSError:
        return


def kept() -> Kept | None:
    """What was kept, if it can be trusted."""
    try:
        whole = _path().read_bytes()
    except OSError:
        return None
    data, seal = whole[:-SEAL], whole[-SEAL:]
    if not hmac.compare_digest(seal, _seal(data)):
        return None
    first, _, rest = data.partition(b"\n")
    head = json.loads(first)  # sealed: it is what we wrote
    if head["format"] != FORMAT:
        return None
    bits, start = {}, 0
    for kind, scope, length in head["sets"]:
        places = np.array(BitMap.deserialize(rest[start : start + length]).to_array(), dtype=np.int64)
        bits[kind, scope] = with_places(no_bits(head["size"]), places)
        start += length
    return Kept(
        epoch=head["epoch"],
        change=head["change"],
        newest=head["newest"],
        anchor=head["anchor"],
        size=head["size"],
        holding=Holding(bits=bits),
    )


def _compressed(bits: "np.ndarray[tuple[int], np.dtype[np.uint8]]") -> bytes:
    """A set as Roaring has it, made from its places in order: the same set, the same bytes."""
    found = BitMap(places_of(bits).astype(np.uint32))
    found.run_optimize()
    data: bytes = found.serialize()
    return data


def _path() -> Path:
    return Path(settings.HOME) / FOLDER / FILE


def _seal(data: bytes) -> bytes:
    key = hashlib.sha256(b"sekisho people sets" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, data, hashlib.sha256).digest()
