"""The drift check: what stands in a store against what the policy in force would make now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sekisho.connectors.view_store import Standing as Found
from sekisho.connectors.view_store import ViewStore
from sekisho.engine.gate.view_columns import quoted
from sekisho.engine.gate.view_grants import FACT_TABLES, definer_of
from sekisho.engine.gate.view_sql import Schemas, View, role_of, views_of
from sekisho.engine.gate.view_word import FACTS
from sekisho.registers.enforcement.queries.planning import Planned, planned
from sekisho.registers.enforcement.queries.standing import epoch_and_change, facts_in, logins_of, ordered
from sekisho.registers.enforcement.rules import Difference, Standing, differences, facts_differences

TRIED_INNER, TRIED_OUTER = "sekisho_expected_inner", "sekisho_expected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One look at a store."""

    system: str
    purposes: tuple[str, ...]
    views: int
    differences: tuple[Difference, ...]


def check(system: str, *, at: datetime, purpose: str | None = None) -> Check:
    """Compare the store with the policy: every purpose ordered there, and one more that should stand.

    Definitions are compared as the store itself writes them: what should stand is made under other names and taken back.
    """
    channels = {one.purpose: one.channel for one in ordered(system)}
    names = sorted({*channels, *([purpose] if purpose else [])})
    plans = [planned(system, name, at=at, channel=channels.get(name)) for name in names]
    if not plans:
        return Check(system=system, purposes=(), views=0, differences=())
    with ViewStore(system, plans[0].url) as store:
        base = store.base_schema
        found = store.standing([FACTS, *map(role_of, names)])
        standing = {one.name for one in found}
        # Without the tables of facts nothing can stand, and nothing could be tried.
        can_try = all(f"{FACTS}.{name}" in standing for name in (*FACT_TABLES, *(f"words_{name}" for name in names)))
        wanted = [one for plan in plans for one in _wanted(store, plan, base, can_try=can_try)]
        told = [*differences([*_shared(names), *wanted], map(_as_rule, found))]
        told += [one for name in names for one in _people(store, system, name)]
        for plan in plans:
            told += _reaching(store, plan, base)
        told += _facts(store, plans, at)
    return Check(
        system=system,
        purposes=tuple(names),
        views=sum(len(plan.plan.views) for plan in plans),
        differences=tuple(one for place, one in enumerate(told) if one not in told[:place]),
    )


def _shared(names: list[str]) -> Iterator[Standing]:
    definers = [definer_of(name) for name in names]
    uses = frozenset(f"{definer}:{right}" for definer in definers for right in ("USAGE", "CREATE"))
    yield Standing(name=FACTS, kind="schema", grants=uses)
    reads = frozenset(f"{definer}:SELECT" for definer in definers)
    for table in FACT_TABLES:
        yield Standing(name=f"{FACTS}.{table}", kind="table", grants=reads)


def _wanted(store: ViewStore, one: Planned, base: str, *, can_try: bool) -> Iterator[Standing]:
    purpose = one.plan.purpose
    role, definer = role_of(purpose), definer_of(purpose)
    uses = frozenset({f"{role}:USAGE", f"{definer}:USAGE", f"{definer}:CREATE"})
    yield Standing(name=role, kind="schema", grants=uses)
    yield Standing(name=f"{FACTS}.words_{purpose}", kind="table", grants=frozenset({f"{definer}:SELECT"}))
    tried = _tried(store, one, base) if can_try else {}
    for table in (view.table.name for view in one.plan.views):
        inner, outer = f"{FACTS}.{purpose}.{table}", f"{role}.{table}"
        yield Standing(name=inner, kind="view", owner=definer, definition=tried.get(inner, ""))
        reads = frozenset({f"{role}:SELECT"})
        yield Standing(name=outer, kind="view", owner=definer, definition=tried.get(outer, ""), grants=reads)


def _tried(store: ViewStore, one: Planned, base: str) -> dict[str, str]:
    """The definitions that the store would write for the views of a plan."""
    views: tuple[View, ...] = views_of(one.plan, Schemas(base=base, inner=TRIED_INNER, outer=TRIED_OUTER))
    statements = [f"CREATE SCHEMA {name}" for name in (TRIED_INNER, TRIED_OUTER)]
    statements += [sql for view in views for sql in (view.inner, view.outer)]
    role = role_of(one.plan.purpose)
    found: dict[str, str] = {}
    for standing in store.tried(statements, [TRIED_INNER, TRIED_OUTER]):
        # The longer name first: it begins with the shorter one.
        name = standing.name.replace(f"{TRIED_INNER}.", f"{FACTS}.").replace(f"{TRIED_OUTER}.", f"{role}.")
        text = standing.definition.replace(f"{TRIED_INNER}.", f"{FACTS}.").replace(f"{TRIED_OUTER}.", f"{role}.")
        found[name] = text
    return found


def _people(store: ViewStore, system: str, purpose: str) -> Iterator[Difference]:
    """Roles and their members: nobody above the limits of the role, everybody enrolled."""
    enrolled = logins_of(system)
    own = {role_of(purpose), definer_of(purpose)}
    for role in sorted(own):
        for member in store.members(role):
            powers = [*member.powers, *(["login"] if member.name in own and member.logs_in else [])]
            if powers:
                yield Difference(code="enforcement.powerful", about=member.name, values={"how": ", ".join(powers)})
            if role == definer_of(purpose) and member.name not in own:
                yield Difference(code="enforcement.powerful", about=member.name, values={"how": role})
            elif member.logs_in and member.name not in own and member.name not in enrolled:
                yield Difference(code="enforcement.not-enrolled", about=member.name)


def _reaching(store: ViewStore, one: Planned, base: str) -> Iterator[Difference]:
    """Members of the purpose's role who read a base table, or a table of facts, without a view."""
    purpose = one.plan.purpose
    tables = [f"{quoted(base)}.{quoted(view.table.name)}" for view in one.plan.views]
    tables += [f"{FACTS}.{quoted(name)}" for name in (*FACT_TABLES, f"words_{purpose}")]
    existing = {found.name for found in store.standing([base, FACTS])}
    tables = [table for table in tables if table.replace('"', "") in existing]
    for member in store.members(role_of(purpose)):
        if "superuser" in member.powers:
            continue  # told as such
        for table, how in store.reached(member.name, tables).items():
            about = table.replace('"', "")
            yield Difference(code="enforcement.reaches-base", about=about, values={"login": member.name, "how": how})


def _facts(store: ViewStore, plans: list[Planned], at: datetime) -> Iterator[Difference]:
    epoch, change = epoch_and_change()
    known = facts_in(store)
    for plan in plans:
        facts = known.get(plan.plan.purpose)
        yield from facts_differences(plan.plan.purpose, facts, era=plan.plan.era, epoch=epoch, change=change, at=at)


def _as_rule(found: Found) -> Standing:
    return Standing(
        name=found.name, kind=found.kind, owner=found.owner, definition=found.definition, grants=found.grants
    )
