"""Ordering enforced views, enrolling logins, sending facts. Evidence is left before anything reaches the store."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from sekisho.connectors.view_store import Replacement, ViewStore
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.view_grants import ddl
from sekisho.engine.gate.view_sql import Schemas, role_of
from sekisho.engine.gate.view_word import FACTS, words_of
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.evidence.actions import append
from sekisho.evidence.body import instant
from sekisho.evidence.writing import writing
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.enforcement import queries
from sekisho.registers.enforcement.models import EnforcedViews, ViewLogin
from sekisho.registers.enforcement.queries import Gathered, Planned
from sekisho.registers.enforcement.rules import ROOM, good_until
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies


def apply(*, system: str, purpose: str, channel: str | None, at: datetime, acting_user: str) -> Planned:
    """Make the views of a purpose stand in a system, and send the facts they read. A repeat makes them anew.

    Evidence: `enforcement.views-ordered`, then `enforcement.facts-sent`. Raises: enforcement.not-postgresql,
    enforcement.nothing-to-see, and what planning and the store refuse.
    """
    planned = _require(queries.planned(system, purpose, at=at, channel=channel))
    if not planned.plan.views:
        raise SekishoError("enforcement.nothing-to-see", room=ROOM, purpose=purpose, system=system)
    with ViewStore(system, planned.url) as store:
        statements = [one.sql for one in ddl(planned.plan, Schemas(base=store.base_schema))]
        sha256 = hashlib.sha256("\n".join(statements).encode()).hexdigest()
        told = {"era": planned.plan.era, "sha256": sha256}
        with writing():
            EnforcedViews.objects.update_or_create(
                system=system,
                purpose=purpose,
                defaults={**told, "channel": channel or "", "ordered_at": at, "ordered_by": acting_user},
            )
            append(
                kind="enforcement.views-ordered",
                body={
                    **told,
                    "system": system,
                    "purpose": purpose,
                    "views": [view.table.name for view in planned.plan.views],
                    "by": acting_user,
                },
                at=at,
            )
        store.run([*_outdated(store, purpose), *statements])
    refresh(system=system, at=at, acting_user=acting_user)
    return planned


def refresh(*, system: str, at: datetime, acting_user: str) -> int:
    """Send the facts of now to every set of views in a system, all at once; returns how many people they tell of.

    Evidence: `enforcement.facts-sent` with epoch, counts and hashes. Raises what planning and the store refuse.
    """
    ordered = queries.ordered(system)
    sets = [_require(queries.planned(system, one.purpose, at=at, channel=one.channel)) for one in ordered]
    if not sets:
        return 0
    facts = [queries.gathered(planned, at=at) for planned in sets]
    until = good_until(at)
    with writing():
        append(
            kind="enforcement.facts-sent",
            body={
                "system": system,
                "policy": facts[0].era,
                "epoch": min(one.epoch for one in facts),
                "change": min(one.change for one in facts),
                "good_until": instant(until),
                "purposes": {
                    planned.plan.purpose: {"people": one.people, "rows": one.words.num_rows, "sha256": one.sha256}
                    for planned, one in zip(sets, facts, strict=True)
                },
                "by": acting_user,
            },
            at=at,
        )
    with ViewStore(system, sets[0].url) as store:
        store.replace(_replacements(sets, facts, at, until))
    return max(one.people for one in facts)


def enroll(*, system: str, login: str, actor: str, at: datetime, acting_user: str) -> None:
    """Say whose login it is. It counts from the next sending of facts. Evidence: `enforcement.login-enrolled`.

    Raises: enforcement.unknown-actor.
    """
    if not people.standing_of(actor, tokyo_date(at), policies.in_force(at)).known:
        raise SekishoError("enforcement.unknown-actor", room=ROOM, actor=actor if actor.isascii() else "?")
    with writing():
        ViewLogin.objects.update_or_create(
            system=system, login=login, defaults={"actor": actor, "enrolled_at": at, "enrolled_by": acting_user}
        )
        append(
            kind="enforcement.login-enrolled",
            body={"system": system, "actor": actor, "by": acting_user},
            at=at,
        )


def copies_of(person: str) -> tuple[str, ...]:  # noqa: ARG001 the words name everybody
    """Systems and purposes whose facts stand in a store: anybody may be in them."""
    found: list[str] = []
    for system in dict.fromkeys(one.system for one in queries.ordered()):
        with ViewStore(system, datamap.located(datamap.system(system))) as store:
            found += [f"{system}/{purpose}" for purpose in sorted(queries.facts_in(store))]
    return tuple(found)


def drop_for(*, person: str, at: datetime) -> None:
    """Erasure begins: everybody's words go from every store, and come again without a person who is suppressed.

    The words name identifiers, so they are a copy that erasure must reach; a table emptied as a whole leaves no row
    images in its file. Until facts are sent anew the views give nothing. Evidence: `enforcement.facts-dropped`.
    """
    for system in dict.fromkeys(one.system for one in queries.ordered()):
        purposes = [one.purpose for one in queries.ordered(system)]
        with ViewStore(system, queries.planned(system, purposes[0], at=at).url) as store:
            standing = {one.name for one in store.standing([FACTS])}
            words = [words_of(purpose) for purpose in purposes if f"{FACTS}.words_{purpose}" in standing]
            if not words:
                continue
            with writing():
                append(
                    kind="enforcement.facts-dropped",
                    body={"system": system, "purposes": purposes, "person": person},
                    at=at,
                )
            store.run([f"TRUNCATE {FACTS}.facts, {', '.join(words)}"])


def drop_of(*, tables: frozenset[tuple[str, str]], at: datetime) -> None:
    """A sweep erased rows of these tables: the words hold no rows of any table, so nothing of them has to go."""


def _require(planned: Planned) -> Planned:
    system = planned.system.id
    if system not in queries.postgresql_systems():
        raise SekishoError("enforcement.not-postgresql", room=ROOM, system=system)
    return planned


def _outdated(store: ViewStore, purpose: str) -> list[str]:
    """Views of ours that stand now: an earlier version may have had others. What depends on them refuses the change."""
    role = role_of(purpose)
    names = [one.name for one in store.standing([role, FACTS]) if one.kind == "view"]
    outer = [name.partition(".")[2] for name in names if name.startswith(f"{role}.")]
    inner = [name.partition(".")[2] for name in names if name.startswith(f"{FACTS}.{purpose}.")]
    return [
        *(f'DROP VIEW "{role}".{_quoted(name)}' for name in outer),
        *(f"DROP VIEW {FACTS}.{_quoted(name)}" for name in inner),
    ]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _replacements(
    sets: Sequence[Planned], facts: Sequence[Gathered], at: datetime, until: datetime
) -> list[Replacement]:
    """Everything the views read, table by table; the epoch that counts is the newest that any of them knows."""
    found = [
        Replacement(table=words_of(planned.plan.purpose), columns=tuple(one.words.column_names), rows=one.words)
        for planned, one in zip(sets, facts, strict=True)
    ]
    bounds = [(planned.plan.purpose, *bound) for planned in sets for bound in planned.bounds]
    told = [
        (planned.plan.purpose, one.era, one.epoch, one.change, tokyo_date(at), at, until, one.people, one.sha256)
        for planned, one in zip(sets, facts, strict=True)
    ]
    latest = [(True, max(one.epoch for one in facts), max(one.change for one in facts))]
    tables: tuple[tuple[str, str, Sequence[Sequence[object]]], ...] = (
        ("facts", "purpose era epoch change day loaded_at good_until people sha256", told),
        ("latest", "one epoch change", latest),
        ("bounds", "purpose source item of_column before", bounds),
    )
    for name, columns, rows in tables:
        names = columns.split()
        values = [pa.array([row[place] for row in rows]) for place in range(len(names))]
        found.append(Replacement(table=f"{FACTS}.{name}", columns=tuple(names), rows=pa.table(values, names=names)))
    logins = facts[0].logins
    found.append(Replacement(table=f"{FACTS}.logins", columns=tuple(logins.column_names), rows=logins))
    return found
