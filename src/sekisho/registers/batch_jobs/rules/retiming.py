"""The section `schedules` of carrier.yaml: another time of day, or another interval, within what schedules.toml allows.

schedules:
  daily-sweep: {at: "02:15"}
  board-look: {every_minutes: 15}
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from sekisho.engine.errors import SekishoError
from sekisho.registers.batch_jobs.rules.hours import Schedule, schedules
from sekisho.registers.batch_jobs.rules.kinds import ROOM

SECTION, AT, EVERY = "schedules", "at", "every_minutes"
CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
DAY_MINUTES = 24 * 60


def retimed(text: str, path: str) -> tuple[Mapping[str, Schedule], tuple[SekishoError, ...]]:
    """Every schedule as the document has it, and all that is wrong with the document, each with file:line:column.

    Faults: batch_jobs.carrier-unreadable, batch_jobs.schedule-unknown-here, batch_jobs.schedule-shape,
    batch_jobs.schedule-outside.
    """
    try:
        document = YAML(typ="rt").load(text) or {}
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        return schedules(), (SekishoError("batch_jobs.carrier-unreadable", room=ROOM, place=place),)
    section = document.get(SECTION) if isinstance(document, Mapping) else None
    if section is None:
        return schedules(), ()
    if not isinstance(section, CommentedMap):
        return schedules(), (_shape(_place(path, document, SECTION), SECTION),)
    found, faults = dict(schedules()), list[SekishoError]()
    for name in section:
        place = _place(path, section, name)
        if name not in found:
            known = ", ".join(found)
            faults.append(SekishoError("batch_jobs.schedule-unknown-here", room=ROOM, place=place, known=known))
            continue
        wrong = list(_wrong(found[name], section[name], path, place))
        faults += wrong
        if not wrong:
            found[name] = _with(found[name], section[name])
    return found, tuple(faults)


def _wrong(schedule: Schedule, told: Any, path: str, place: str) -> Iterator[SekishoError]:
    """A schedule stays of its kind: once a day, or every so many minutes."""
    key = AT if schedule.at is not None else EVERY
    if not isinstance(told, CommentedMap) or set(told) != {key}:
        yield _shape(place, schedule.id, key)
        return
    value, where = told[key], _place(path, told, key, of_value=True)
    if key == AT:
        if not isinstance(value, str) or not CLOCK.fullmatch(value):
            yield _shape(where, schedule.id, key)
        elif not schedule.earliest <= time.fromisoformat(value) <= schedule.latest:
            yield _outside(where, schedule, f"{schedule.earliest:%H:%M}", f"{schedule.latest:%H:%M}")
    elif not isinstance(value, int) or isinstance(value, bool) or value < 1 or DAY_MINUTES % value:
        yield _shape(where, schedule.id, key)
    elif not schedule.least <= timedelta(minutes=value) <= schedule.most:
        yield _outside(where, schedule, str(minutes(schedule.least)), str(minutes(schedule.most)))


def minutes(span: timedelta) -> int:
    """A span as whole minutes."""
    return int(span.total_seconds()) // 60


def _with(schedule: Schedule, told: Mapping[str, Any]) -> Schedule:
    if AT in told:
        return replace(schedule, at=time.fromisoformat(told[AT]))
    return replace(schedule, every=timedelta(minutes=told[EVERY]))


def _shape(place: str, name: str, key: str = "") -> SekishoError:
    example = {AT: '{at: "02:15"}', EVERY: "{every_minutes: 15}"}.get(key, '{daily-sweep: {at: "02:15"}}')
    return SekishoError("batch_jobs.schedule-shape", room=ROOM, place=place, schedule=name, example=example)


def _outside(place: str, schedule: Schedule, least: str, most: str) -> SekishoError:
    values = {"place": place, "schedule": schedule.id, "least": least, "most": most}
    return SekishoError("batch_jobs.schedule-outside", room=ROOM, **values)


def _place(path: str, holder: Any, key: str, *, of_value: bool = False) -> str:
    line, column = holder.lc.value(key) if of_value else holder.lc.key(key)
    return f"{path}:{line + 1}:{column + 1}"
