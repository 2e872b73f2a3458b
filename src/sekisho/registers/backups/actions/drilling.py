"""The parts of a drill that happen inside a scratch carrier, and the record of the whole in the real one.

Nobody is erased for a drill but in a copy. A store outside the home is brought there, or an empty one stands in for it.
"""

import json
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

from django.db import connection, transaction

from sekisho.connectors.dumps import server_of
from sekisho.connectors.postgresql_dump import MARK
from sekisho.engine.catalog.model import SystemKind
from sekisho.engine.errors import SekishoError
from sekisho.evidence.actions import append
from sekisho.registers.backups.actions.bringing import digest
from sekisho.registers.backups.actions.copying import PRODUCT
from sekisho.registers.backups.models import Drill
from sekisho.registers.backups.queries.configured import drill_places
from sekisho.registers.backups.queries.stores import stores
from sekisho.registers.backups.rules import ROOM
from sekisho.registers.backups.rules.timing import Stopwatch, milliseconds
from sekisho.registers.datamap import queries as datamaps
from sekisho.registers.identities import queries as identities
from sekisho.registers.retention import actions as retention
from sekisho.registers.retention import queries as retention_queries
from sekisho.registers.retention.queries import replaying as plans
from sekisho.registers.retention.queries.checking import check
from sekisho.registers.retention.queries.target import Target, target_of

REASON = "drill"
NOTHING: Mapping[str, str] = MappingProxyType({})
LOOKED_AT = 2_000  # people of whom the test people are drawn


@dataclass(slots=True, kw_only=True)
class Stage:
    """One stage in one store, in milliseconds."""

    stage: str
    system: str
    milliseconds: int

    def as_json(self) -> dict[str, object]:
        """For the record."""
        return {"stage": self.stage, "system": self.system, "milliseconds": self.milliseconds}


@dataclass(slots=True, kw_only=True)
class Erased:
    """Who was erased in the scratch carrier, as files of the scratch only, and how long it took."""

    people: int = 0
    stages: list[Stage] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Looked:
    """What the independent reader saw after the restore."""

    resurrected: int = 0
    looked_at: int = 0
    places: list[str] = field(default_factory=list)  # systems in which somebody stands again
    stages: list[Stage] = field(default_factory=list)


def require_drillable(elsewhere: Mapping[str, str] = NOTHING) -> None:
    """In a scratch carrier: everything it reaches stands in its home, or is a scratch database whose hash was told.

    Raises: backups.drill-foreign.
    """
    datamap = datamaps.current()
    foreign = [
        id_ for id_ in sorted(stores().foreign) if elsewhere.get(id_) != digest(datamaps.located(datamap.systems[id_]))
    ]
    if connection.vendor != "sqlite" and not _is_scratch():
        foreign.append(PRODUCT)
    if foreign:
        raise SekishoError("backups.drill-foreign", room=ROOM, systems=", ".join(foreign))


def product_place() -> str:
    """Where our own database goes in a drill: the scratch one that the carrier names; nowhere ('') where it is a file.

    Raises: backups.drill-product where it is a server's and no scratch database is named.
    """
    if connection.vendor == "sqlite":
        return ""
    place = drill_places().get(PRODUCT, "")
    if server_of(place) is not SystemKind.POSTGRESQL:
        raise SekishoError("backups.drill-product", room=ROOM)
    return place


def _is_scratch() -> bool:
    """Whether our own database carries the mark of a drill: no live one ever does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = %s)", [MARK])
        row = cursor.fetchone()
    return bool(row and row[0])


def erase_for_drill(
    *, count: int, seed: str, folder: Path, at: datetime, elsewhere: Mapping[str, str] = NOTHING
) -> Erased:
    """In a scratch carrier: erase so many people the whole way, and remember in `folder` what must be gone.

    Raises: backups.drill-foreign, backups.drill-impossible.
    """
    require_drillable(elsewhere)
    approvers = retention_queries.approvers(at)[: plans.APPROVERS]
    people = [one for one in _drawn(seed, at) if identities.intervals_of(one)][:count]
    if len(approvers) < plans.APPROVERS or len(people) < count:
        raise SekishoError("backups.drill-impossible", room=ROOM, approvers=len(approvers), people=len(people))
    erased, total = Erased(), dict[str, dict[str, float]]()
    for number, person in enumerate(people):
        (folder / f"{number}.json").write_bytes(target_of(person).as_json())
        _erase(person, approvers, at, total)
        erased.people += 1
    erased.stages = _staged(total)
    return erased


def look_after_drill(*, folder: Path) -> Looked:
    """In the restored scratch carrier: look for everybody who was erased before, store by store, by the independent reader.

    Rows that the erasure itself had to leave (留保) may stand.
    """
    looked, seconds, datamap = Looked(), dict[str, float](), datamaps.current()
    for path in sorted(folder.glob("*.json")):
        target = Target.of_json(path.read_bytes())
        kept = plans.retained_tables(target.person)
        came_back = bool(identities.intervals_of(target.person) or identities.names_of(target.person))
        parts = [(id_, {id_: system}) for id_, system in datamap.systems.items()] + [("sekisho", {})]
        for id_, systems in parts:
            began = time.monotonic()
            found = check(target, replace(datamap, systems=systems), kept, own=not systems)
            seconds[id_] = seconds.get(id_, 0.0) + time.monotonic() - began
            looked.looked_at += found.needles
            if found.residue or found.unread:
                came_back = True
                looked.places.append(id_)
        looked.resurrected += came_back
    looked.stages = _staged({"looked": seconds})
    return looked


def record_drill(
    *,
    backup: str,
    people: int,
    resurrected: int,
    looked_at: int,
    stages: Iterable[Mapping[str, object]],
    undrilled: Iterable[Mapping[str, str]] = (),
    at: datetime,
    acting_user: str,
) -> str:
    """Write down in the real carrier what the drill showed. Evidence: `backups.drilled`."""
    told, left = [dict(stage) for stage in stages], [dict(one) for one in undrilled]
    ref = f"drill-{uuid4().hex[:12]}"
    with transaction.atomic():
        Drill.objects.create(
            ref=ref,
            at=at,
            backup=backup,
            people=people,
            resurrected=resurrected,
            looked_at=looked_at,
            passed=not resurrected and bool(looked_at),
            stages=told,
            undrilled=left,
        )
        body = {
            "drill": ref,
            "backup": backup,
            "people": people,
            "resurrected": resurrected,
            "looked_at": looked_at,
            "undrilled": [one["system"] for one in left],
            "stages_sha256": sha256(json.dumps(told, sort_keys=True).encode()).hexdigest(),
            "by": acting_user,
        }
        append(kind="backups.drilled", body=body, at=at)
    return ref


def _drawn(seed: str, at: datetime) -> list[str]:
    """People in an order that the seed gives: not always the same ones are tried."""
    first = [
        one
        for one in islice(identities.people_of_kind("customer"), LOOKED_AT)
        if not identities.suppressed(one, at) and not plans.open_plan_of(one)
    ]
    return sorted(first, key=lambda one: sha256(f"{seed} {one}".encode()).digest())


def _erase(person: str, approvers: tuple[str, ...], at: datetime, total: dict[str, dict[str, float]]) -> None:
    with _timed(total, "planned"):
        plan = retention.propose_plan(person=person, reason=REASON, at=at, acting_user=REASON)
    digest = retention_queries.plan(plan).sha256
    with _timed(total, "suppressed"):
        for by in approvers:
            retention.approve_plan(plan=plan, sha256=digest, by=by, at=at)
    watch = Stopwatch()
    retention.run_plan(plan=plan, at=at, acting_user=REASON, progress=watch.told)
    for store, taken in watch.seconds.items():
        into = total.setdefault("erased", {})
        into[store] = into.get(store, 0.0) + taken
    with _timed(total, "verified"):
        retention.verify_plan(plan=plan, at=at, acting_user=REASON)
    with _timed(total, "certified"):
        retention.certify_plan(plan=plan, at=at, acting_user=REASON)


@contextmanager
def _timed(total: dict[str, dict[str, float]], stage: str) -> Generator[None]:
    """Add the time of a block to a stage of our own."""
    began, into = time.monotonic(), total.setdefault(stage, {})
    yield
    into["sekisho"] = into.get("sekisho", 0.0) + time.monotonic() - began


def _staged(total: Mapping[str, dict[str, float]]) -> list[Stage]:
    return [
        Stage(stage=stage, system=system, milliseconds=taken)
        for stage, seconds in total.items()
        for system, taken in milliseconds(seconds).items()
    ]
