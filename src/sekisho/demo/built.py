"""What building the demo carrier hands to whoever fills the registers: people, consents, staff, recipients, defects.

Recipients are the register's own values; the others lack what only loading knows (an era). Instants are aware UTC,
dates Asia/Tokyo; `until` is exclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from sekisho.registers.recipients.actions import NewRecipient


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """One identifier of one person over one interval. A number has one holder at a time: its user where it has one.

    The contractor of a line that somebody else uses holds it as `contracted_number`.
    """

    kind: str  # customer_no, number, contracted_number, staff_no, applicant_no, shareholder_no, contact_no, recipient_no, mail
    value: str
    role: str = ""  # contractor, line_user, bill_recipient, guardian, staff, applicant, shareholder, business_contact
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""  # how it came: assigned, recycled, port_in, transferred, succeeded
    ended_by: str = ""  # how it went: returned, port_out, transferred, succeeded


@dataclass(frozen=True, slots=True)
class NameRow:
    """One name of one person over one interval."""

    name: str
    kana: str = ""
    since: datetime | None = None
    until: datetime | None = None
    event: str = ""  # renamed where the name changed


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person (or corporate party) with everything the identities register asks for."""

    ref: str  # P-7f3a-20c1-…, opaque
    kinds: tuple[str, ...]
    acquired_on: date
    identifiers: tuple[IdentifierRow, ...]
    names: tuple[NameRow, ...]
    born_on: date | None = None
    deceased_on: date | None = None
    guardian: str = ""
    is_corporate: bool = False
    is_protected: bool = False
    shop: str = ""


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One consent event. `kind` is a value of the consents register's ConsentKind; scope `*` = all the notice names."""

    person: str
    kind: str
    scope: str
    given: bool
    channel: str  # paper, phone, web, shop
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffRow:
    """One member of staff. `ref` is what they act as; `person` is who they are as a data subject ("" for agencies')."""

    ref: str
    display_name: str
    role: str
    employment: str  # officer, employee, dispatched, agency, contractor, system
    joined_on: date
    person: str = ""
    shop: str = ""
    left_on: date | None = None
    trained_on: date | None = None
    pledged_on: date | None = None
    exit_pledged_on: date | None = None
    acknowledged: bool = True  # has read the version in force


@dataclass(frozen=True, slots=True, kw_only=True)
class Designated:
    """A person the story follows. `needles` are what must be gone after the erasure: label -> variants."""

    ref: str
    customer_no: str
    number: str
    name: str
    applicant_no: str
    held_from: datetime
    held_until: datetime
    next_holder: str = ""  # reference of whoever holds the number now; "" = nobody
    next_customer_no: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A defect planted on purpose: `expected_finding` is the code or the proof that has to notice it."""

    id: str
    system: str
    where: str
    what: str
    expected_finding: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """The demo carrier as built. Persons and consents are streamed: a million people don't stand in memory twice."""

    home: Path
    at: datetime
    population: "PopulationRows"
    staff: tuple[StaffRow, ...]
    recipients: tuple[NewRecipient, ...]
    story: Designated  # former customer, number returned and held by nobody, in all five systems
    recycled: Designated  # former holder of a number that somebody else holds now
    defects: tuple[Planted, ...]
    rows: dict[str, int]  # "system.table" -> rows written
    examples: dict[str, str]  # a name for a person worth asking about -> reference (see demo/examples.py)

    def persons(self) -> Iterator[PersonRow]:
        """Every person of the carrier: customers, line users, staff, applicants, shareholders, contacts."""
        return self.population.persons()

    def consents(self) -> Iterator[ConsentRow]:
        """Every consent event, oldest first per person."""
        return self.population.consents()


class PopulationRows(Protocol):
    """Somebody who can stream persons and consents; `demo.population` implements it."""

    def persons(self) -> Iterator[PersonRow]:
        """Every person."""
        ...

    def consents(self) -> Iterator[ConsentRow]:
        """Every consent event."""
        ...
