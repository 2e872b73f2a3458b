"""What kinds.toml and limits.toml say, as values."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from sekisho.engine.errors import SekishoError

ROOM = "sekisho.registers.batch_jobs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of long work. Texts are (ja, en)."""

    id: str
    label: Mapping[str, str]
    unit: Mapping[str, str]
    arguments: Mapping[str, str]  # name -> shape of its value
    lane: str
    is_cancellable: bool
    cancelled: Mapping[str, str]  # what becomes of what is half done; or why it cannot be given up
    quiet: timedelta
    again: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many, how often, how long."""

    postgres_workers: int
    hands: int
    heartbeat: float  # seconds
    stop: float  # seconds
    tries: int
    wait: float  # seconds
    attempts: int
    reconcile: float  # seconds
    silent: timedelta
    unclaimed: timedelta
    late: timedelta
    workflow_life: timedelta
    ended_life: timedelta


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds, by id."""
    return MappingProxyType({id_: _kind(id_, told) for id_, told in _toml("kinds.toml").items()})


def kind_of(id_: str) -> Kind:
    """The kind of this id. Raises: batch_jobs.unknown-kind."""
    try:
        return kinds()[id_]
    except KeyError:
        raise SekishoError("batch_jobs.unknown-kind", room=ROOM, kind=id_ if id_.isascii() else "?") from None


@cache
def limits() -> Limits:
    """The limits of this installation."""
    told = _toml("limits.toml")
    worker, trouble, reconciler = told["worker"], told["trouble"], told["reconciler"]
    return Limits(
        postgres_workers=worker["postgres_workers"],
        hands=worker["hands"],
        heartbeat=worker["heartbeat_seconds"],
        stop=worker["stop_seconds"],
        tries=trouble["tries"],
        wait=trouble["wait_seconds"],
        attempts=trouble["attempts"],
        reconcile=reconciler["every_seconds"],
        silent=timedelta(seconds=reconciler["silent_seconds"]),
        unclaimed=timedelta(minutes=reconciler["unclaimed_minutes"]),
        late=timedelta(minutes=reconciler["late_minutes"]),
        workflow_life=timedelta(days=told["keeping"]["workflow_days"]),
        ended_life=timedelta(days=told["keeping"]["ended_days"]),
    )


def _kind(id_: str, told: Mapping[str, Any]) -> Kind:
    return Kind(
        id=id_,
        label=told["label"],
        unit=told["unit"],
        arguments=told["arguments"],
        lane=told["lane"],
        is_cancellable=told["cancellable"],
        cancelled=told["cancelled"],
        quiet=timedelta(minutes=told["quiet_minutes"]),
        again=timedelta(minutes=told["again_minutes"]),
    )


def _toml(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files(ROOM).joinpath(name).read_text(encoding="utf-8"))
