"""Filling the registers from the demo carrier as built: policy, data map, people, consents, staff, recipients, accounts."""

import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sekisho.demo.built import Built, ConsentRow, PersonRow, StaffRow
from sekisho.registers.consents.actions import NewConsent, import_events
from sekisho.registers.consents.queries import ConsentKind
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.decisions.actions import create_api_key
from sekisho.registers.identities.actions import NewPerson, import_population
from sekisho.registers.identities.queries import IdentifierInterval, NameInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies.actions import adopt
from sekisho.registers.recipients.actions import register
from sekisho.web.actions import open_account
from sekisho.web.roles import LABELS, Role

LOADER = "system:demo"
CHUNK = 20_000
LOGINS = "demo-logins.json"
API_KEY = "demo-api-key"
ACCOUNTS = (  # user name, role, name shown
    ("kanri", Role.OFFICER, "久住 亮"),
    ("hosa", Role.DEPUTY, "森 佳代"),
    ("madoguchi", Role.CLERK, "三枝 由布子"),
    ("kansa", Role.AUDITOR, "安部 蔵人"),
    ("bunseki", Role.ANALYST, "尾形 暁"),
)
Thing = TypeVar("Thing")
Step = Callable[[str, int], None]  # what is being loaded, how many so far


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What went into the registers."""

    era: str
    people: int
    consents: int
    staff: int
    recipients: int


def load(built: Built, documents: Mapping[str, str], *, at: datetime, step: Step) -> Loaded:
    """Fill the registers of a fresh carrier. `documents` are the files of its policy folder, data map included."""
    era = adopt(files=documents, at=at, acting_user=LOADER, may_correct=True)
    datamap.adopt(files=documents, at=at, acting_user=LOADER)
    people = 0
    for rows in _chunks(built.persons()):
        people += import_population(people=(_person(row) for row in rows), at=at, acting_user=LOADER)
        step("people", people)
    consents = 0
    for events in _chunks(built.consents()):
        import_events(consents=(_consent(row, era) for row in events), at=at, acting_user=LOADER)
        consents += len(events)
        step("consents", consents)
    staff = enrol(staff=(_staff(row, era) for row in built.staff), at=at, acting_user=LOADER)
    recipients = register(recipients=built.recipients, at=at, acting_user=LOADER)
    open_demo_accounts(built.home, at=at)
    return Loaded(era=era, people=people, consents=consents, staff=staff, recipients=recipients)


def open_demo_accounts(home: Path, *, at: datetime) -> None:
    """Open the demo's accounts and make an API key, all fresh, kept in the home's own files, readable by their owner only."""
    logins = []
    for username, role, name in ACCOUNTS:
        password = secrets.token_urlsafe(9)
        open_account(username=username, password=password, display_name=name, role=role, at=at)
        logins.append({"username": username, "password": password, "label": f"{LABELS[role]}　{name}"})
    _write_private(home / LOGINS, json.dumps(logins, ensure_ascii=False, indent=2))
    _write_private(home / API_KEY, create_api_key(name="demo", at=at, acting_user=LOADER) + "\n")


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _chunks(rows: Iterable[Thing]) -> Iterator[list[Thing]]:
    stream = iter(rows)
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


def _person(row: PersonRow) -> NewPerson:
    return NewPerson(
        ref=row.ref,
        kinds=row.kinds,
        acquired_on=row.acquired_on,
        identifiers=tuple(
            IdentifierInterval(
                person=row.ref,
                kind=i.kind,
                value=i.value,
                role=i.role,
                since=i.since,
                until=i.until,
                event=i.event,
                ended_by=i.ended_by,
            )
            for i in row.identifiers
        ),
        names=tuple(
            NameInterval(name=n.name, kana=n.kana, since=n.since, until=n.until, event=n.event) for n in row.names
        ),
        born_on=row.born_on,
        deceased_on=row.deceased_on,
        guardian=row.guardian,
        is_corporate=row.is_corporate,
        is_protected=row.is_protected,
        shop=row.shop,
    )


def _consent(row: ConsentRow, era: str) -> NewConsent:
    return NewConsent(
        person=row.person,
        kind=ConsentKind(row.kind),
        scope=row.scope,
        given=row.given,
        notice_era=era,
        channel=row.channel,
        at=row.at,
    )


def _staff(row: StaffRow, era: str) -> NewStaff:
    return NewStaff(
        ref=row.ref,
        display_name=row.display_name,
        role=row.role,
        employment=row.employment,
        joined_on=row.joined_on,
        shop=row.shop,
        left_on=row.left_on,
        trained_on=row.trained_on,
        pledged_on=row.pledged_on,
        exit_pledged_on=row.exit_pledged_on,
        acknowledged_era=era if row.acknowledged else "",
    )
