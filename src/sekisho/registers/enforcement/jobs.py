"""Keeping the facts behind enforced views current: which systems are behind, as work that should exist."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sekisho.connectors.view_store import ViewStore
from sekisho.registers.batch_jobs.queries import Doing, Wanted
from sekisho.registers.enforcement import actions, queries
from sekisho.registers.enforcement.rules import limits


def wanted(at: datetime) -> Iterable[Wanted]:
    """Facts to be sent anew."""
    for system in behind(at):
        yield Wanted(kind="enforcement.refresh", arguments={"system": system})


def refresh(doing: Doing, _key: str) -> None:
    """Send one system's facts anew. A repeat sends the same facts again."""
    actions.refresh(system=doing.job.arguments["system"], at=doing.at, acting_user=doing.job.asked_by)


def keep_current(at: datetime, *, acting_user: str = "serve") -> tuple[str, ...]:
    """Send facts anew to every system that is behind, at once and in this thread; which ones."""
    systems = behind(at)
    for system in systems:
        actions.refresh(system=system, at=at, acting_user=acting_user)
    return systems


def behind(at: datetime) -> tuple[str, ...]:
    """Systems whose facts are behind, of another day, or past half their time.

    What changed is announced first, so that views give nothing rather than yesterday's word while the facts travel.
    """
    soon = at + timedelta(minutes=limits()["facts"]["good_for_minutes"] / 2)
    systems = tuple(dict.fromkeys(one.system for one in queries.ordered()))
    heads = queries.epoch_and_change() if systems else (0, 0)  # reading everybody is for those who have views
    found = []
    for system in systems:
        purposes = {one.purpose for one in queries.ordered(system)}
        with ViewStore(system, queries.planned(system, min(purposes), at=at).url) as store:
            known = queries.facts_in(store)
            is_behind = any(facts.is_behind(*heads) for facts in known.values())
            if is_behind:
                store.announce(*heads)
        if (
            is_behind
            or purposes - known.keys()
            or any(known[name].good_until <= soon or known[name].is_over(at) for name in purposes)
        ):
            found.append(system)
    return tuple(found)
