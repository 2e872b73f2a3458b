"""Keeping the facts behind enforced views current, from the serving process or a scheduler."""

from datetime import datetime, timedelta

from sekisho.connectors.view_store import ViewStore
from sekisho.registers.enforcement import actions, queries
from sekisho.registers.enforcement.rules import limits


def keep_current(at: datetime, *, acting_user: str = "serve") -> tuple[str, ...]:
    """Send facts anew to every system whose facts are behind, of another day, or past half their time; which ones.

    What changed is announced first, so that views give nothing rather than yesterday's word while the facts travel.
    """
    soon = at + timedelta(minutes=limits()["facts"]["good_for_minutes"] / 2)
    systems = tuple(dict.fromkeys(one.system for one in queries.ordered()))
    heads = queries.epoch_and_change() if systems else (0, 0)  # reading everybody is for those who have views
    sent = []
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
            actions.refresh(system=system, at=at, acting_user=acting_user)
            sent.append(system)
    return tuple(sent)
