"""A carrier under policies/arlink whose CRM is a real PostgreSQL, and a login that belongs to one purpose's role."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from sekisho.connectors.documents import read_folder
from sekisho.registers.consents import actions as consents
from sekisho.registers.consents.actions import NewConsent
from sekisho.registers.consents.rules import ConsentKind
from sekisho.registers.datamap import actions as datamap
from sekisho.registers.datamap import queries as datamaps
from sekisho.registers.decisions.actions import stop_sealing
from sekisho.registers.identities import actions as identities
from sekisho.registers.identities.actions import NewPerson
from sekisho.registers.identities.rules import IdentifierInterval
from sekisho.registers.people.actions import NewStaff, enrol
from sekisho.registers.policies import actions as policies

POLICY = Path(__file__).resolve().parents[3] / "policies" / "arlink"
TYPES = {"integer": "bigint", "date": "date", "timestamp": "timestamptz", "boolean": "boolean", "binary": "bytea"}
PEOPLE = 40
SECRET = "隠したい氏名"


@dataclass(frozen=True, kw_only=True)
class Carrier:
    """Where the CRM stands, who may log in to it, and when it is."""

    crm: str
    admin: psycopg.Connection
    login: str
    login_url: str
    at: datetime

    def as_login(self) -> psycopg.Connection:
        return psycopg.connect(self.login_url, autocommit=True)

    def count(self, table: str) -> int:
        with self.as_login() as connection_:
            found = connection_.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert found
        return int(found[0])


@pytest.fixture
def carrier(
    postgres_url: str, transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Generator[Carrier]:
    monkeypatch.setattr(settings, "HOME", tmp_path)
    at = datetime.now(UTC)  # the store's own clock decides whether facts are fresh
    name = f"crm_{uuid4().hex[:10]}"
    login, password = f"user_{uuid4().hex[:10]}", uuid4().hex
    with psycopg.connect(postgres_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        server.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC".encode())
        server.execute(f"CREATE ROLE {login} LOGIN PASSWORD '{password}'".encode())
        server.execute(f"GRANT CONNECT, TEMPORARY ON DATABASE {name} TO {login}".encode())
        parts = psycopg.conninfo.conninfo_to_dict(postgres_url)
        crm = f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{name}"
        (tmp_path / "carrier.yaml").write_text(f"urls: {{crm: '{crm}'}}\n", encoding="utf-8")
        _fill_registers(at)
        with psycopg.connect(crm, autocommit=True) as admin:
            _fill_crm(admin, at)
            yield Carrier(
                crm=crm,
                admin=admin,
                login=login,
                login_url=f"postgresql://{login}:{password}@{parts['host']}:{parts['port']}/{name}",
                at=at,
            )
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        server.execute(f"DROP ROLE {login}".encode())
    stop_sealing()
    connection.close()


def no(number: int) -> str:
    return f"C{number:04d}"


def _fill_registers(at: datetime) -> None:
    files = read_folder(POLICY)
    era = policies.adopt(files=files, at=at, acting_user="test")
    datamap.adopt(files=files, at=at, acting_user="test")
    random = Random(20261123)
    people = [
        NewPerson(
            ref=f"p-{number}",
            kinds=("customer",) if number % 9 else ("line_user",),
            acquired_on=date(2020, 4, 1),
            identifiers=(
                IdentifierInterval(person=f"p-{number}", kind="customer_no", value=no(number), role="contractor"),
            ),
            born_on=date(2015, 1, 1) if number % 11 == 0 else date(1980, 2, 29),
            deceased_on=date(2026, 1, 1) if number % 13 == 0 else None,
            is_protected=number % 7 == 0,
            shop=("shop-1", "shop-2", "")[number % 3],
        )
        for number in range(PEOPLE)
    ]
    identities.import_population(people=people, at=at, acting_user="test")
    told = [
        (ConsentKind.ACCEPTED_PURPOSE, "*", 0.9),
        (ConsentKind.CHANNEL, "mail", 0.6),
        (ConsentKind.OBJECTION, "marketing", 0.2),
        (ConsentKind.SOLICITATION_REFUSED, "*", 0.1),
        (ConsentKind.RESTRICTED, "billing", 0.1),
        (ConsentKind.GUARDIAN, "marketing", 0.3),
    ]
    events = [
        consent(f"p-{number}", kind, scope, era, at)
        for number in range(PEOPLE)
        for kind, scope, share in told
        if random.random() < share
    ]
    consents.import_events(consents=events, at=at, acting_user="test")
    identities.suppress(person="p-5", reason="erasure", at=at, acting_user="test")
    staff = [("seikyu", "billing_clerk", ""), ("kansa", "auditor", ""), ("shop", "shop", "shop-1")]
    enrol(
        staff=[
            NewStaff(
                ref=ref,
                display_name=ref,
                role=role,
                employment="employee",
                joined_on=date(2020, 4, 1),
                shop=shop,
                trained_on=at.date() - timedelta(days=30),
                pledged_on=date(2026, 4, 1),
                acknowledged_era=era,
            )
            for ref, role, shop in staff
        ],
        at=at,
        acting_user="test",
    )


def consent(person: str, kind: ConsentKind, scope: str, era: str, at: datetime, *, given: bool = True) -> NewConsent:
    return NewConsent(
        person=person, kind=kind, scope=scope, given=given, notice_era=era, channel="web", at=at - timedelta(days=1)
    )


def _fill_crm(admin: psycopg.Connection, at: datetime) -> None:
    """The tables of the data map; in one of them a row for everybody, and one that is nobody's."""
    for table in datamaps.system("crm").tables.values():
        columns = ", ".join(f'"{one.name}" {TYPES.get(one.type, "text")}' for one in table.columns.values())
        admin.execute(f'CREATE TABLE "{table.name}" ({columns})'.encode())
    long_ago, lately = at.date() - timedelta(days=5000), at.date() - timedelta(days=90)
    for number in range(PEOPLE + 1):
        closed = None if number % 4 else long_ago if number % 8 else lately
        row = (
            no(number),
            f"{SECRET}{number}",
            date(1980, 2, 29),
            "09001234567",
            f"a{number}@example.jp",
            None if number % 10 == 9 else date(2021, 4, 1),
            closed,
            f"覚え書き {number}",
        )
        admin.execute(
            "INSERT INTO subscribers (customer_no, name, birth_date, phone, mail, registered_on, closed_on, memo)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            row,
        )
