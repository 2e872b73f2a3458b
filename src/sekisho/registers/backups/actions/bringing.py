"""Systems outside the home as they are brought into a drill's scratch home: files copied, databases dumped, or stood in for.

The live store is read and nothing else: no row, file or lock of it is written, but the lock file beside a lake that our own
writers heed.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from sekisho.connectors import locks
from sekisho.connectors.dumps import Dumper, dumper_of
from sekisho.connectors.failures import refusal
from sekisho.connectors.opening import SCHEMES
from sekisho.engine.catalog.model import DataMap, System, SystemKind
from sekisho.registers.backups.actions.copying import BY_KIND, PRODUCT, Piece
from sekisho.registers.backups.actions.sealed import file_chunks
from sekisho.registers.backups.queries.drillable import FOLDER, Outside, absolute
from sekisho.registers.datamap import queries as datamaps

LOG = "_delta_log"
PLAIN = {"date": "DATE", "timestamp": "TIMESTAMP", "integer": "INTEGER"}


@dataclass(slots=True, kw_only=True)
class Brought:
    """Where every system stands in the scratch home, how long bringing it took, and what was only stood in for."""

    urls: dict[str, str] = field(default_factory=dict)
    servers: dict[str, str] = field(default_factory=dict)  # system -> its scratch database
    seconds: dict[str, float] = field(default_factory=dict)
    moments: dict[str, float] = field(default_factory=dict)  # seconds from the drill's begin until it was copied
    undrilled: list[dict[str, str]] = field(default_factory=list)
    product: str = ""  # the scratch database of our own, where ours is a server's
    claimed: list[str] = field(default_factory=list)  # scratch databases, however their urls spell them

    def digests(self) -> dict[str, str]:
        """What the scratch carrier may reach outside its home: by hash, so that no password stands in an argument."""
        return {id_: digest(url) for id_, url in self.servers.items()}


def digest(url: str) -> str:
    """How a scratch database is named to the commands inside the scratch home."""
    return sha256(url.encode()).hexdigest()


def bring(systems: Iterable[Outside], brought: Brought, *, home: Path, work: Path, began: float) -> None:
    """Bring every system outside the home into the scratch home; `work` holds dumps. Raises: what a store refuses.

    `began`: when the first copy was begun (monotonic): what is brought later is younger than that, by `moments` at most.
    Servers' scratch databases were claimed before.
    """
    datamap = datamaps.current()
    for id_, (kind, path) in absolute().items():
        brought.urls[id_] = _url(kind, home_relative(path))
    (home / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in systems:
        this = time.monotonic()
        if one.place:
            brought.urls[one.system] = one.place
            path, dumper = work / f"{one.system}.live", dumper_of(one.place)
            dumper.dump(one.system, one.url, path)
            dumper.load(one.system, one.place, path)
            path.unlink()
        elif one.is_file:
            _write(_pieces(one, work), home / FOLDER / one.system)
            brought.urls[one.system] = _url(one.kind, f"{FOLDER}/{one.system}/{one.path.name}")
        else:
            brought.urls[one.system] = _stand_in(datamap, datamap.systems[one.system], home)
            brought.undrilled.append({"system": one.system, "kind": one.kind.value, "why": one.why})
            continue
        brought.seconds[one.system] = time.monotonic() - this
        brought.moments[one.system] = time.monotonic() - began


def claim(systems: Iterable[Outside], brought: Brought, *, product: str, live: str) -> None:
    """Take every scratch database before anything is copied. `product`: our own, '' for none; `live`: ours that is used.

    What was claimed stands in `brought` whenever this ends. Raises: connector.not-empty, connector.unreachable.
    """
    if product:
        _claim(PRODUCT, product, live, brought)
        empty_product(brought)
    for one in systems:
        if one.place:
            _claim(one.system, one.place, one.url, brought)


def _claim(system: str, place: str, live: str, brought: Brought) -> None:
    """One that is no other system's."""
    which = dumper_of(place).which(system, place)
    if which in brought.claimed:
        raise refusal("connector.not-empty", system)
    dumper_of(place).claim(system, place, live)
    brought.claimed.append(which)
    if system == PRODUCT:
        brought.product = place
    else:
        brought.servers[system] = place


def back_up(servers: Mapping[str, str], work: Path) -> dict[str, float]:
    """Dump every scratch database; seconds by system."""
    return _each(servers, lambda dumper, id_, url: dumper.dump(id_, url, work / f"{id_}.dump"))


def put_back(servers: Mapping[str, str], work: Path) -> dict[str, float]:
    """Restore every scratch database from its dump; seconds by system."""
    return _each(servers, lambda dumper, id_, url: dumper.load(id_, url, work / f"{id_}.dump"))


def empty_product(brought: Brought) -> None:
    """Our own scratch database as a restore wants it. Raises: connector.not-empty."""
    if brought.product:
        dumper_of(brought.product).wipe(PRODUCT, brought.product)


def clean(brought: Brought) -> None:
    """Empty the scratch databases."""
    for id_, url in (brought.servers | ({PRODUCT: brought.product} if brought.product else {})).items():
        dumper_of(url).wipe(id_, url, keep_mark=False)


def home_relative(path: Path) -> str:
    """A place in the live home, as its copy has it."""
    return path.relative_to(Path(settings.HOME).resolve()).as_posix()


def _url(kind: SystemKind, place: str) -> str:
    scheme = next(name for name, known in SCHEMES.items() if known is kind)
    return f"{scheme}:///{{home}}/{place}"


def _pieces(one: Outside, work: Path) -> Iterator[Piece]:
    if one.kind in BY_KIND:
        return BY_KIND[one.kind](one.path.parent, one.system, one.path, work)
    return _folder(one)


def _folder(one: Outside) -> Iterator[Piece]:
    """A file, or a folder under the lock that our own writers heed. A lake's log first: what it names is there by then."""
    if one.path.is_file():
        yield Piece(path=one.path.name, system=one.system, chunks=file_chunks(one.path))
        return
    if os.access(one.path, os.W_OK):
        with locks.held(one.system, one.path / ".lock"):
            yield from _in_folder(one)
    else:
        yield from _in_folder(one)


def _in_folder(one: Outside) -> Iterator[Piece]:
    files = [path for path in one.path.rglob("*") if path.is_file() and not path.name.endswith((".lock", ".new"))]
    for path in sorted(files, key=lambda path: (LOG not in path.parts, path)):
        yield Piece(path=path.relative_to(one.path.parent).as_posix(), system=one.system, chunks=file_chunks(path))


def _write(pieces: Iterable[Piece], folder: Path) -> None:
    for piece in pieces:
        target = folder / piece.path
        target.parent.mkdir(parents=True, mode=0o700, exist_ok=True)
        with target.open("wb") as file:
            for chunk in piece.chunks:
                file.write(chunk)
        target.chmod(0o600)


def _stand_in(datamap: DataMap, system: System, home: Path) -> str:
    """An empty store with the tables that the data map declares: the others can be drilled, and nobody is found here."""
    place = f"{FOLDER}/{system.id}.sqlite3"
    with sqlite3.connect(home / place) as store:
        for table in datamap.systems[system.id].tables.values():
            columns = ", ".join(_quoted(one.name) + f" {PLAIN.get(one.type, 'TEXT')}" for one in table.columns.values())
            store.execute(f"CREATE TABLE {_quoted(table.name)} ({columns})")
    store.close()
    return _url(SystemKind.SQLITE, place)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _each(servers: Mapping[str, str], do: Callable[[Dumper, str, str], None]) -> dict[str, float]:
    seconds = {}
    for id_, url in servers.items():
        began = time.monotonic()
        do(dumper_of(url), id_, url)
        seconds[id_] = time.monotonic() - began
    return seconds
