"""One statement says of everybody what each register says alone, on made-up worlds, on both databases."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sekisho.engine.gate.ask import Act, Ask
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.models import ConsentEvent, EpochCounter
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.decisions.actions import create_api_key
from sekisho.registers.decisions.models import AccessTicket, Claim
from sekisho.registers.decisions.queries.addresses import people_at, person_at
from sekisho.registers.decisions.queries.claims import claims_of, tickets
from sekisho.registers.decisions.queries.facts import gather
from sekisho.registers.decisions.queries.snapshot import snapshot_of
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.models import Identifier, Person, PersonKind, Suppression
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients
from sekisho.registers.recipients.models import Contract, Recipient
from sekisho.registers.retention import queries as retention
from sekisho.registers.retention.models import Hold

pytestmark = pytest.mark.product_db
NOW = datetime(2026, 11, 23, 3, 0, 0, 123456, tzinfo=UTC)


class Maker:
    """Draws rows of every register, odd ones among them."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.refs = [f"p-{n}" for n in range(30)]
        self.asked = [*self.refs, "p-nobody", "p-erased"]
        self.recipients = [f"r-{n}" for n in range(8)]
        self.epoch = EpochCounter.objects.get_or_create(pk=1)[0].last

    def at(self) -> datetime:
        """An instant near now, often exactly now."""
        return NOW + self.draw.choice(
            [timedelta(0), timedelta(microseconds=1), timedelta(days=self.draw.randint(-900, 90))]
        )

    def maybe(self, value: Any) -> Any:
        """The value, or None."""
        return self.draw.choice([None, value])

    def day(self) -> date:
        """A day near today."""
        return tokyo_date(self.at())

    def some(self, *of: str) -> list[str]:
        """Some of these."""
        return [one for one in of if self.draw.random() < 0.5]

    def build(self) -> None:
        """Everything."""
        pick = self.draw.choice
        for ref in self.refs:
            Person.objects.create(
                ref=ref, born_on=self.maybe(date(2000, 2, 29)), deceased_on=self.maybe(self.day()), acquired_on=self.day(),
                is_corporate=pick([True, False]), is_protected=pick([True, False]), shop=pick(["", "shop-1"]), guardian_ref=pick(["", "p-0"]),
            )  # fmt: skip
            for kind in self.some("customer", "staff", "shareholder"):
                PersonKind.objects.create(person_ref=ref, kind=kind)
            for _ in range(self.draw.randint(0, 4)):
                Identifier.objects.create(
                    person_ref=ref, kind=pick(["number", "customer_no", "mail"]), value=pick(["09001110000", "09001110001", "関所"]),
                    role=pick(["", "contractor"]), since=self.maybe(self.at()), until=self.maybe(self.at()), event=pick(["", "port_in"]),
                )  # fmt: skip
            if self.draw.random() < 0.4:
                Suppression.objects.create(
                    person_ref=ref, reason="erasure", since=self.at(), until=self.maybe(self.at())
                )
        for ref in [*self.refs, "p-erased"] * 4:
            self.epoch += 1
            ConsentEvent.objects.create(
                epoch=self.epoch, person_ref=ref, kind=pick(list(ConsentKind)).value, scope=pick(["*", "billing", "mail"]),
                given=pick([True, False]), notice_era=pick(["", "arlink@1.0"]), channel="web", at=self.at(),
            )  # fmt: skip
        EpochCounter.objects.filter(pk=1).update(last=self.epoch)
        for n in range(12):
            Hold.objects.create(
                ref=f"h-{n}", ground="RET-1", source="令状", person_ref=pick(["", *self.refs[:4]]), system=pick(["", "crm"]), table=pick(["", "t"]),
                items=self.some("identity", "bill.charge"), placed_on=self.day(), until=self.maybe(self.day()), placed_by="a", approved_by="b",
                released_at=self.maybe(self.at()), is_confidential=pick([True, False]),
            )  # fmt: skip
            Claim.objects.create(
                ref=f"c-{n}", kind=pick(["exception", "ground", "approval", "case"]), name="E2", persons=self.some(*self.refs[:3]),
                actors=self.some("s-clerk"), purpose=pick(["", "billing"]), document=pick(["", "文書"]), requested_by="a",
                requested_at=self.at(), approved_by=pick(["", "b"]), expires_at=self.maybe(self.at()), closed_at=self.maybe(self.at()),
            )  # fmt: skip
            AccessTicket.objects.create(
                ref=f"t-{n}", kind=pick(["fault", "misuse"]), lines=self.some("d1", "d2"), since=self.at(), until=self.at(), opened_by="a",
                approved_by="b", opened_at=self.at(), expires_at=self.at(), closed_at=self.maybe(self.at()),
            )  # fmt: skip
        for ref in self.recipients:
            Recipient.objects.create(
                ref=ref, kind="debt_assignee", label="会社", country=pick(["JP", "US"]), safeguards=pick([True, False]),
                member_since=self.maybe(self.day()), member_until=self.maybe(self.day()), verified_on=self.maybe(self.day()),
                stopped_at=self.maybe(self.at()),
            )  # fmt: skip
            for n in range(self.draw.randint(0, 3)):
                Contract.objects.create(
                    recipient_ref=ref, ref=f"k-{ref}-{n}", kind="assignment", since=self.day(), until=self.maybe(self.day()),
                    clauses=self.some("protection", "audit"), selection_checked_on=self.maybe(self.day()), reviewed_on=self.maybe(self.day()),
                )  # fmt: skip


def ask(world: Any, *refs: str, **changes: Any) -> Ask:
    base = Ask(actor=world.clerk, act=Act.USE, data_subjects=refs, items=("identity.name",), purpose="billing", at=NOW)
    return replace(base, **changes)


@pytest.mark.parametrize("seed", range(2))
def test_one_statement_says_what_the_registers_say(world: Any, seed: int) -> None:
    made = Maker(seed)
    made.build()
    claims = tuple(f"{kind}-{n}" for n in range(12) for kind in "ct")
    asks = [ask(world, *made.asked, claims=claims)] + [
        ask(world, "p-0", recipient=ref) for ref in [*made.recipients, "r-none"]
    ]
    asks += [ask(world, "p-0", actor=actor) for actor in (world.officer, world.shop_clerk, world.untrained, "nobody")]
    read = snapshot_of(asks)
    policy = policies.in_force(NOW)
    assert (read.versions, read.epoch) == (policies.history(), consents.epoch())
    for at in (NOW, NOW - timedelta(microseconds=1), NOW - timedelta(days=300)):
        on = tokyo_date(at)
        for ref in made.asked:
            record = read.person(ref)
            assert record.standing_at(at) == identities.standing_of(ref, at)
            assert read.standing(ref, at) == consents.standing_of(ref, at)
            assert sorted(map(repr, record.identifiers)) == sorted(
                map(repr, identities.identifiers_of(ref) if record.standing.known else ())
            )
            assert set(read.holds(ref, on)) == set(
                retention.holds_of(ref, on, with_confidential=False)
            )  # the gate never hears of those
        for ref in [*made.recipients, "r-none"]:
            assert recipients.standing_from(read.recipients.get(ref), on) == recipients.standing_of(ref, on)
        for actor in (world.clerk, world.officer, world.shop_clerk, world.untrained, "nobody"):
            assert people.standing_from(read.staff.get(actor), on, policy) == people.standing_of(actor, on, policy)
    assert tuple(read.claims[ref] for ref in sorted(read.claims)) == claims_of(claims)
    assert tuple(read.tickets[ref] for ref in sorted(read.tickets)) == tickets(claims)


@pytest.mark.parametrize("seed", range(2))
def test_addresses_looked_up_together_are_those_looked_up_alone(world: Any, seed: int) -> None:
    made = Maker(seed)
    made.build()
    addresses: list[object] = [
        {kind: value} | ({"at": at} if at else {})
        for kind in ("number", "customer_no", "mail", "spaceship")
        for value in ("09001110000", "09001110001", "関所", world.number, "none")
        for at in (None, NOW.isoformat(), "2025-01-01T00:00:00Z", "yesterday")
    ]
    addresses += ["p-0", "", {"person": "p-1"}, {}, {"number": "1", "mail": "2"}, 5, None]
    find = people_at(addresses)
    assert [find(address) for address in addresses] == [person_at(address) for address in addresses]


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as captured:
        yield captured


def test_an_ask_takes_one_statement_however_many_it_is_about(world: Any) -> None:
    gather(ask(world, world.hana))
    for refs in ((world.hana,), (world.hana, world.ken, world.child), tuple(f"p-{n}" for n in range(400))):
        with counted() as captured:
            gather(ask(world, *refs))
        assert len(captured) == 1
    many = tuple(f"p-{n}" for n in range(1300))
    assert len(gather(ask(world, *many, world.hana)).rows) == 1301, "keys beyond one list are read in several"


def test_what_another_process_commits_binds_the_next_request(world: Any, quick: Any) -> None:
    """A withdrawal, a revoked key and a leaver, written by a connection that knows nothing of this process."""
    key = create_api_key(name="billing-system", at=datetime(2026, 1, 1, tzinfo=UTC), acting_user="test")
    said = {
        "subject": {"type": "staff", "id": world.clerk},
        "action": {"name": "use"},
        "resource": {"type": "person", "id": world.hana, "properties": {"items": ["identity.name"]}},
        "context": {"purpose": "billing"},
    }

    def codes() -> list[str] | int:
        got = quick("/access/v1/evaluation", said, key)
        return [reason["code"] for reason in got.said["context"]["reasons"]] if got.status == 200 else int(got.status)

    assert codes() == []
    elsewhere(
        "INSERT INTO consents_consentevent (epoch, person_ref, kind, scope, given, notice_era, channel, at)"
        f" SELECT last + 1, '{world.hana}', 'restricted', '*', true, '', 'web', '2026-01-01 00:00:00+00:00' FROM consents_epochcounter",
        "UPDATE consents_epochcounter SET last = last + 1",
    )
    assert codes() == ["gate.restricted"]
    elsewhere(f"UPDATE people_staffmember SET left_on = '2026-01-01' WHERE ref = '{world.clerk}'")
    assert codes() == ["gate.restricted", "gate.actor-active"]
    elsewhere("UPDATE decisions_apikey SET revoked_at = '2026-01-02 00:00:00+00:00'")
    assert codes() == 401


def elsewhere(*statements: str) -> None:
    """Run and commit through a connection of its own."""
    settings = connection.settings_dict
    if connection.vendor == "postgresql":
        with psycopg.connect(
            dbname=settings["NAME"], user=settings["USER"], password=settings["PASSWORD"] or None,
            host=settings["HOST"], port=settings["PORT"],
        ) as other:  # fmt: skip
            for statement in statements:
                other.execute(statement)
        return
    database = sqlite3.connect(settings["NAME"], timeout=30)
    with database:
        for statement in statements:
            database.execute(statement)
    database.close()
