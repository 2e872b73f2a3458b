"""Enforced views on a real PostgreSQL judge every row as `decide` does: the failing word, the rows, the columns."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sekisho.engine.catalog.model import Column, Ownership, System, SystemKind
from sekisho.engine.catalog.model import Table as Stored
from sekisho.engine.gate import SLOTS, Act, Facts, Permit, RowFacts, Table, compile_table, decide
from sekisho.engine.gate.ask import BulkAsk
from sekisho.engine.gate.slots import Scope, facts_words
from sekisho.engine.gate.sql import REFUSED
from sekisho.engine.gate.view_grants import ddl
from sekisho.engine.gate.view_plan import Period, ViewPlan, plan_views
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy

FOLDER = Path(__file__).resolve().parents[2] / "golden" / "gate-policy"
KNOWN, VALUE = facts_words({slot.name: slot.want for slot in SLOTS})
BOUND = date(2023, 11, 23)
BEGUN = datetime(2020, 1, 1, tzinfo=UTC)


def column(name: str, item: str, type_: str = "text", *, free_text: bool = False) -> Column:
    return Column(name=name, item=item, type=type_, free_text=free_text)


NUMBERED = Stored(
    name="assignments",
    label="番号",
    subject="customer",
    key=("no",),
    acquired="acquired_on",
    settled="settled_on",
    triggers={"contract_end": "ended_on"},
    owners=(
        Ownership(by="customer_no", column="customer_no", role="contractor"),
        Ownership(by="number", column="number", role="line_user", at="seen_at"),
    ),
    columns={
        one.name: one
        for one in (
            column("no", "none", "integer"),
            column("customer_no", "none"),
            column("number", "identity.phone"),
            column("seen_at", "none", "timestamp"),
            column("born_on", "identity.birth_date", "date"),
            column("due_on", "bill.due_on", "date"),
            column("unpaid_yen", "bill.unpaid_yen", "integer"),
            column("mail", "identity.mail"),
            column("acquired_on", "none", "date"),
            column("ended_on", "none", "date"),
            column("settled_on", "none", "date"),
            column("memo", "identity", free_text=True),
            column("note", "none", free_text=True),
        )
    },
)
SYSTEM = System(id="crm", label="顧客管理", kind=SystemKind.POSTGRESQL, url="", tables={"assignments": NUMBERED})
TYPES = {"integer": "bigint", "date": "date", "timestamp": "timestamptz", "text": "text"}


def _load(version: str) -> Policy:
    return load({"policy.yaml": (FOLDER / version / "policy.yaml").read_text(encoding="utf-8")})


FIRST, SECOND = _load("1"), _load("2")
LAW = law()


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is known of one holder of an identifier."""

    by: str = ""
    identifier: str = ""
    since: datetime | None = None
    until: datetime | None = None
    person: int
    kind: str
    known: int
    value: int
    shop: str


@dataclass(frozen=True, kw_only=True)
class World:
    """A policy with made conditions, holders of identifiers, somebody who logs in, and rows."""

    table: Table
    policy: Policy
    plan: ViewPlan
    words: tuple[Words, ...]
    actor: tuple[int, int, str, str]  # known, value, role, shop
    rows: tuple[Mapping[str, object], ...]


CONDITIONS = (
    "",
    "",
    "bill.due_on < today",
    "bill.unpaid_yen > 0 || bill.due_on + days(3) >= today",
    '!(actor.role == "clerk")',
    "bill.unpaid_yen >= 0 || resource.unheard_of",
)
PURPOSES = ("billing", "billing", "marketing", "audit", "survey", "campaign", "contract_notice")
INSTANTS = (None, BEGUN, BEGUN + timedelta(days=400), datetime(2026, 6, 1, 15, tzinfo=UTC))
ITEMS = ("identity.phone", "identity.birth_date", "identity.mail", "bill.due_on", "bill.unpaid_yen")


def made(random: Random) -> World:
    """A world, mostly in order, so that rows are permitted too."""
    purpose = random.choice(PURPOSES)
    uses = tuple(
        replace(use, when=random.choice(CONDITIONS), roles=random.choice([(), (), ("auditor",), ("clerk", "auditor")]))
        if use.purpose == purpose
        else use
        for use in SECOND.uses
    )
    policy = replace(SECOND, uses=uses)
    if random.random() < 0.2:  # a nature that doesn't ask for retention, which the earlier version still does
        changed = replace(policy.purposes[purpose], nature="subject_request")
        policy = replace(policy, purposes={**policy.purposes, purpose: changed})
    history = (FIRST, policy)
    table = compile_table(history, LAW)
    periods = {
        ("assignments", item): Period(
            judged=random.random() < 0.95,
            past=("due_on",) if item == "bill.due_on" else ("ended_on",),
            settled=("settled_on",) if item == "bill.due_on" else (),
        )
        for item in ITEMS
    }
    plan = plan_views(
        table,
        history,
        policy,
        SYSTEM,
        periods,
        purpose=purpose,
        on=today(),
        channel=random.choice(["mail", "mail", None]),
    )
    people = {  # a person's words are the same wherever the person stands
        number: Words(
            person=number,
            kind=random.choice(["customer"] * 9 + ["staff"]),
            known=KNOWN & ~_flip(random, 0.1),
            value=VALUE ^ _flip(random, 0.2),
            shop=random.choice(["S1", "S1", "", "S2"]),
        )
        for number in range(1, 9)
    }
    words = []
    for by, identifier in [*(("customer_no", f"C{n}") for n in range(6)), *(("number", f"090{n}") for n in range(4))]:
        holders = random.sample(sorted(people), 2) if random.random() < 0.3 else [random.choice(sorted(people))]
        for number in holders if random.random() < 0.8 else holders * 2:
            since, until = (random.choice(INSTANTS[:3]), random.choice(INSTANTS)) if len(holders) > 1 else (None, None)
            words.append(replace(people[number], by=by, identifier=identifier, since=since, until=until))
    known = KNOWN & ~(_flip(random, 0.3) if random.random() < 0.3 else 0)
    value = VALUE ^ (_actor_flip(random) if random.random() < 0.3 else 0)
    rows = tuple({"no": no, **_row(random)} for no in range(24))
    actor = (known, value, random.choice(["auditor", "auditor", "clerk", ""]), random.choice(["", "S1"]))
    return World(table=table, policy=policy, plan=plan, words=tuple(words), actor=actor, rows=rows)


def _row(random: Random) -> dict[str, object]:
    ended = [None, None, None, BOUND - timedelta(days=1), BOUND]
    return {
        "customer_no": random.choice([*(f"C{n}" for n in range(6)), "C99", None]),
        "number": random.choice([None, None, None, *(f"090{n}" for n in range(4))]),
        "seen_at": random.choice([BEGUN, BEGUN, BEGUN + timedelta(days=400), BEGUN + timedelta(days=9), None]),
        "born_on": date(1984, 2, 29),
        "due_on": random.choice(
            [None, date(2020, 1, 1), today(), today() - timedelta(days=1), today() + timedelta(days=9)]
        ),
        "unpaid_yen": random.choice([None, 0, 5500]),
        "mail": "a@example.jp",
        "acquired_on": random.choice([None, *[date(2019, 6, 1), date(2025, 7, 1), date(2026, 4, 1)] * 4]),
        "ended_on": random.choice(ended),
        "settled_on": random.choice(ended),
        "memo": "隠したい覚え書き",
        "note": "見せない",
    }


def _flip(random: Random, share: float) -> int:
    return random.choice(SLOTS).mask if random.random() < share else 0


def _actor_flip(random: Random) -> int:
    return random.choice([slot for slot in SLOTS if slot.scope is Scope.ACTOR]).mask


def today() -> date:
    return tokyo_date(datetime.now(UTC))


def expected(world: World, row: Mapping[str, object]) -> int:
    """The word of a row by `decide`: every item of every owner; REFUSED where the policy or an unknown owner refuses."""
    (view,) = world.plan.views
    owners = [owner for owner in NUMBERED.owners if row[owner.column] is not None]
    if not owners:
        return REFUSED
    word = 0
    for owner in owners:
        held = [one for one in world.words if one.by == owner.by and one.identifier == row[owner.column]]
        if owner.at is not None:
            at = row[owner.at]
            held = [one for one in held if isinstance(at, datetime) and _holds(one, at)]
        if len({one.person for one in held}) != 1:
            return REFUSED
        for item in view.items:
            word |= _decided(world, row, held[0], item)
    return word


def _holds(one: Words, at: datetime) -> bool:
    return (one.since is None or one.since <= at) and (one.until is None or at < one.until)


def _decided(world: World, row: Mapping[str, object], held: Words, item: str) -> int:
    known, value, role, shop = world.actor
    facts: dict[str, bool | None] = {}
    for slot in SLOTS:
        words = (known, value) if slot.scope is Scope.ACTOR else (held.known, held.value)
        facts[slot.name] = bool(words[1] & slot.mask) if words[0] & slot.mask else None
    period = (world.plan.views[0].periods)[item]
    days = [row[column] for column in period.past]
    past = all(isinstance(day, date) and day < BOUND for day in days)
    past = past and all(row[column] is not None for column in period.settled)
    facts |= {
        "owned_in_interval": True,
        "past_retention": past if period.judged else None,
        "own_customer": True if not shop else (shop == held.shop if held.shop else None),
    }
    acquired = row["acquired_on"]
    era = None if not isinstance(acquired, date) else "small@2" if acquired >= date(2026, 4, 1) else "small@1"
    known, value = facts_words(facts)
    told = {"bill.due_on": row["due_on"], "bill.unpaid_yen": row["unpaid_yen"], "actor.role": role}
    brought = RowFacts(
        data_subject="p1",
        subject_kind=held.kind,
        item=item,
        era=era,
        known=known,
        value=value,
        attributes={name: value for name, value in told.items() if value is not None},
    )
    cell = world.table.cell(
        in_force="small@2", era=era, purpose=world.plan.purpose, item=item, subject_kind=held.kind, on=today()
    )
    cell.said.clear()
    ask = BulkAsk(
        actor="staff-1",
        act=Act.USE,
        items=(item,),
        purpose=world.plan.purpose,
        at=datetime.now(UTC),
        channel=world.plan.channel,
    )
    answer = decide(world.table, ask.about("p1"), Facts(in_force="small@2", rows=(brought,)))
    word = next((failing for failing, _ in cell.said), 0)
    codes = set() if isinstance(answer, Permit) else {reason.code for reason in answer.reasons}
    refused = bool(cell.failures) or "gate.channel-missing" in codes
    assert (word == 0 and not refused) == isinstance(answer, Permit)
    return word | (REFUSED if refused else 0)


@pytest.fixture(scope="module")
def store(postgres_url: str) -> Generator[psycopg.Connection]:
    """A database of its own with the base table, and every purpose's roles."""
    name = f"views_{uuid4().hex[:12]}"
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(postgres_url, dbname=name, autocommit=True) as connection:
            columns = ", ".join(f"{one.name} {TYPES[one.type]}" for one in NUMBERED.columns.values())
            connection.execute(f"CREATE TABLE assignments ({columns})".encode())
            yield connection
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def stand(store: psycopg.Connection, world: World) -> None:
    """Make the views and fill everything they read; anew where autovacuum touched a table while it was granted on."""
    try:
        _stand(store, world)
    except psycopg.errors.InternalError_:
        _stand(store, world)


def _stand(store: psycopg.Connection, world: World) -> None:
    purpose = world.plan.purpose
    with store.transaction():
        for statement in ddl(world.plan):
            store.execute(statement.sql.encode())
        words = f'gate_facts."words_{purpose}"'
        store.execute(
            f"TRUNCATE public.assignments, gate_facts.bounds, gate_facts.facts, gate_facts.latest, gate_facts.logins, {words}".encode()
        )
        for class_id in ("identity", "bill"):
            seen: set[tuple[str, str]] = set()
            for one in world.words:
                same = {w.person for w in world.words if (w.by, w.identifier) == (one.by, one.identifier)}
                sole = len(same) == 1 and (one.by, one.identifier) not in seen
                seen.add((one.by, one.identifier))
                told = (
                    class_id,
                    one.by,
                    one.identifier,
                    one.person,
                    one.since,
                    one.until,
                    sole,
                    one.kind,
                    one.known,
                    one.value,
                    one.shop,
                )
                store.execute(f"INSERT INTO {words} VALUES ({', '.join(['%s'] * 11)})".encode(), told)
        known, value, role, shop = world.actor
        store.execute("INSERT INTO gate_facts.logins VALUES (SESSION_USER, %s, %s, %s, %s)", (known, value, role, shop))
        for item in ITEMS:
            for of_column in ("ended_on", "due_on"):
                bound = (purpose, "assignments", item, of_column, BOUND)
                store.execute("INSERT INTO gate_facts.bounds VALUES (%s, %s, %s, %s, %s)", bound)
        store.execute("INSERT INTO gate_facts.latest (epoch, change) VALUES (7, 5)")
        facts = (purpose, "small@2", 7, 5, today(), datetime.now(UTC), datetime.now(UTC) + timedelta(hours=1), 3, "")
        store.execute("INSERT INTO gate_facts.facts VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", facts)
        names = list(NUMBERED.columns)
        with store.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO public.assignments VALUES ({', '.join(['%s'] * len(names))})".encode(),
                [tuple(row.get(name) for name in names) for row in world.rows],
            )


@settings(max_examples=max(40, settings.default.max_examples if settings.default else 0))
@given(seed=st.integers(0, 2**32 - 1))
def test_views_judge_every_row_as_decide_does(store: psycopg.Connection, seed: int) -> None:
    world = made(Random(seed))
    if not world.plan.views:  # nothing of the table is within the purpose
        return
    stand(store, world)
    purpose = world.plan.purpose
    inner = store.execute(f'SELECT no, __failing FROM gate_facts."{purpose}.assignments"'.encode()).fetchall()
    assert len(inner) == len(world.rows)
    outer = {no for (no,) in store.execute(f"SELECT no FROM sekisho_{purpose}.assignments".encode()).fetchall()}
    for no, word in inner:
        wanted = expected(world, world.rows[no])
        if wanted & REFUSED:  # of a row that is nobody's the facts are not looked at
            assert word & REFUSED
        else:
            assert hex(word) == hex(wanted)
        assert (no in outer) == (wanted == 0)
