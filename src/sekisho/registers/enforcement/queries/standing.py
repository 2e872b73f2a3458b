"""What was ordered, who is enrolled, and how far the registers have come."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.connectors.view_store import ViewStore
from sekisho.registers.enforcement.models import EnforcedViews, ViewLogin
from sekisho.registers.enforcement.rules import FactsState
from sekisho.registers.populations import queries as populations


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The views of one purpose in one system, as last ordered."""

    system: str
    purpose: str
    channel: str | None
    era: str
    sha256: str
    ordered_at: datetime


def ordered(system: str | None = None) -> tuple[Ordered, ...]:
    """Every set of views that was ordered, of one system or of all."""
    rows = EnforcedViews.objects.order_by("system", "purpose")
    return tuple(
        Ordered(
            system=row.system,
            purpose=row.purpose,
            channel=row.channel or None,
            era=row.era,
            sha256=row.sha256,
            ordered_at=row.ordered_at,
        )
        for row in (rows.filter(system=system) if system else rows)
    )


def logins_of(system: str) -> dict[str, str]:
    """Login -> member of staff (or machine) behind it."""
    return dict(ViewLogin.objects.filter(system=system).order_by("login").values_list("login", "actor"))


def epoch_and_change() -> tuple[int, int]:
    """How far the consent ledger and the identities register have come."""
    population = populations.current()
    return population.epoch, population.change


def facts_in(store: ViewStore) -> dict[str, FactsState]:
    """The facts that a store has, by purpose."""
    return {
        purpose: FactsState(
            era=sent.era, epoch=sent.epoch, change=sent.change, day=sent.day, good_until=sent.good_until
        )
        for purpose, sent in store.facts().items()
    }
