"""A small carrier under policies/arlink: a subscriber with a recycled number, staff, recipients, consents."""

import runpy
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from sekisho.connectors.documents import read_folder
from sekisho.registers.consents.actions import NewConsent, import_events
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.decisions.actions import stop_sealing
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.rules import IdentifierInterval, NameInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies.actions import adopt
from sekisho.registers.recipients.actions import NewContract, NewRecipient, register

POLICIES = Path(__file__).resolve().parents[3] / "policies"
AT = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
HANDED_ON = datetime(2026, 6, 1, tzinfo=UTC)
NUMBER = "09001234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """References of the people of this carrier."""

    at: datetime
    handed_on: datetime  # the number went from the old holder to the new one
    number: str
    hana: str = "p-hana"
    ken: str = "p-ken"  # held the number before
    child: str = "p-child"
    clerk: str = "s-clerk"
    officer: str = "s-officer"
    shop_clerk: str = "s-shop"
    untrained: str = "s-untrained"


@pytest.fixture
def world(transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    yield build()
    stop_sealing()
    connection.close()


@pytest.fixture(params=["through_django", "past_django"])
def way(request: pytest.FixtureRequest) -> Callable[..., Any]:
    """Each of the two ways a request takes to the API: `way(path, body, key, content_type, **headers)`."""
    return _ways()[request.param]  # type: ignore[no-any-return]


@pytest.fixture
def quick() -> Callable[..., Any]:
    """The way that the served application takes."""
    return _ways()["past_django"]  # type: ignore[no-any-return]


def _ways() -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).with_name("authzen_ways.py")))


def build() -> World:
    era = adopt(files=read_folder(POLICIES / "arlink"), at=AT, acting_user="test")
    import_population(
        people=(
            person("p-hana", HANDED_ON, None, shop="shop-1"),
            person("p-ken", datetime(2020, 1, 1, tzinfo=UTC), HANDED_ON),
            person("p-child", datetime(2021, 1, 1, tzinfo=UTC), None, number="08001112222", born_on=date(2015, 4, 1)),
        ),
        at=AT,
        acting_user="test",
    )
    import_events(
        consents=[
            event
            for ref in ("p-hana", "p-ken", "p-child")
            for event in (
                consent(ref, ConsentKind.ACCEPTED_PURPOSE, "*", era),
                consent(ref, ConsentKind.ENTRUSTMENT, "*", era),
                consent(ref, ConsentKind.PROVISION, "arrears_assignment", era),
            )
        ],
        at=AT,
        acting_user="test",
    )
    enrol(
        staff=[
            staff("s-clerk", "clerk", era),
            staff("s-officer", "privacy_officer", era),
            staff("s-shop", "shop", era, shop="shop-2"),
            staff("s-untrained", "clerk", era, trained_on=date(2024, 1, 1)),
        ],
        at=AT,
        acting_user="test",
    )
    register(
        recipients=[
            NewRecipient(
                ref="r-assignee",
                kind="debt_assignee",
                label="債権回収の会社",
                verified_on=date(2026, 1, 1),
                contracts=(NewContract(ref="c-1", kind="assignment", since=date(2026, 1, 1)),),
            )
        ],
        at=AT,
        acting_user="test",
    )
    return World(at=AT, handed_on=HANDED_ON, number=NUMBER)


def person(
    ref: str,
    since: datetime,
    until: datetime | None,
    *,
    number: str = NUMBER,
    shop: str = "",
    born_on: date = date(1980, 2, 29),
) -> NewPerson:
    return NewPerson(
        ref=ref,
        kinds=("customer",),
        acquired_on=since.date(),
        identifiers=(
            IdentifierInterval(person=ref, kind="customer_no", value=f"c-{ref}", role="contractor"),
            IdentifierInterval(person=ref, kind="number", value=number, role="contractor", since=since, until=until),
        ),
        names=(NameInterval(name="関所 花"),),
        born_on=born_on,
        shop=shop,
    )


def consent(ref: str, kind: ConsentKind, scope: str, era: str) -> NewConsent:
    return NewConsent(
        person=ref,
        kind=kind,
        scope=scope,
        given=True,
        notice_era=era,
        channel="web",
        at=datetime(2024, 5, 1, tzinfo=UTC),
    )


def staff(ref: str, role: str, era: str, *, shop: str = "", trained_on: date = date(2026, 4, 1)) -> NewStaff:
    return NewStaff(
        ref=ref,
        display_name="佐藤",
        role=role,
        employment="employee",
        joined_on=date(2020, 4, 1),
        shop=shop,
        trained_on=trained_on,
        pledged_on=date(2026, 4, 1),
        acknowledged_era=era,
    )
