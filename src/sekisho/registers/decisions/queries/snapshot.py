"""What all registers say of the asks at hand, read in one statement: one instant of the database for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from sekisho.engine.erasure.floors import Hold
from sekisho.engine.gate.ask import Ask
from sekisho.engine.gate.table import Table
from sekisho.engine.policy.model import Policy
from sekisho.evidence.reading import Arm, Row, Rows, read
from sekisho.registers.consents import queries as consents
from sekisho.registers.consents.queries import Event, Standing
from sekisho.registers.decisions.queries.claims import CLAIMS, TICKETS, claims_in, tickets_in
from sekisho.registers.decisions.rules import ClaimFacts, TicketFacts
from sekisho.registers.identities import queries as identities
from sekisho.registers.identities.queries import PersonRecord
from sekisho.registers.people import queries as people
from sekisho.registers.people.queries import StaffFacts
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients
from sekisho.registers.recipients.queries import RecipientFacts
from sekisho.registers.retention.queries import gate as retention

NOBODY_KNOWN = PersonRecord(standing=identities.UNKNOWN)
OF_PERSONS = (
    identities.PERSONS,
    identities.KINDS,
    identities.SUPPRESSIONS,
    identities.IDENTIFIERS,
    consents.EVENTS,
    retention.HOLDS,
)


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The registers at one instant, as far as some asks need them. A withdrawal committed before it was read is in it."""

    epoch: int
    versions: tuple[Policy, ...]  # oldest first
    staff: dict[str, StaffFacts]
    recipients: dict[str, RecipientFacts]
    claims: dict[str, ClaimFacts]
    tickets: dict[str, TicketFacts]
    people: dict[str, PersonRecord]
    events: dict[str, tuple[Event, ...]]
    held: list[Row]
    rows: Rows  # of further arms that were asked for
    _holds: dict[date, dict[str, tuple[Hold, ...]]] = field(default_factory=dict)

    def table(self) -> Table:
        """The rule table over the versions."""
        return policies.table_of(self.versions)

    def person(self, ref: str) -> PersonRecord:
        """One person."""
        return self.people.get(ref, NOBODY_KNOWN)

    def standing(self, ref: str, at: datetime) -> Standing:
        """What a person has agreed to by `at`."""
        return consents.standing_from(self.events.get(ref, ()), at, self.epoch)

    def holds(self, ref: str, on: date) -> tuple[Hold, ...]:
        """Holds over a person, those over tables included."""
        standing = self._holds.get(on)
        if standing is None:
            standing = self._holds[on] = retention.holds_in(self.held, on)
        return (*standing.get("", ()), *standing.get(ref, ())) if standing else ()

    def with_people(self, refs: Iterable[str]) -> None:
        """Read further persons into this one: the other parties of a call. Each is as of now, so later than the rest."""
        new = sorted(set(refs) - self.events.keys() - self.people.keys())
        if new:
            rows = read([(arm, new) for arm in OF_PERSONS])
            events = consents.events_in(rows["consents"])
            for ref, record in identities.people_in(rows).items():
                self.people[ref] = record
            for ref in new:
                self.events[ref] = events.get(ref, ())
            self.held.extend(rows["holds"])
            self._holds.clear()


def snapshot_of(asks: Iterable[Ask], *further: tuple[Arm, Iterable[str]]) -> Snapshot:
    """Read what these asks are about, and the rows of further arms."""
    wanted = list(asks)
    refs = sorted({ref for ask in wanted for ref in ask.data_subjects})
    claims = sorted({ref for ask in wanted for ref in ask.claims})
    to = sorted({ask.recipient for ask in wanted if ask.recipient})
    rows = read(
        [
            (consents.EPOCH, ()),
            (policies.VERSIONS, ()),
            (people.STAFF, sorted({ask.actor for ask in wanted})),
            (recipients.RECIPIENTS, to),
            (recipients.CONTRACTS, to),
            (CLAIMS, claims),
            (TICKETS, claims),
            *((arm, refs) for arm in OF_PERSONS),
            *((arm, sorted(set(keys))) for arm, keys in further),
        ]
    )
    return Snapshot(
        epoch=consents.epoch_in(rows["epoch"]),
        versions=policies.history_in(rows["versions"]),
        staff=people.staff_in(rows["staff"]),
        recipients=recipients.recipients_in(rows["recipients"], rows["contracts"]),
        claims={claim.ref: claim for claim in claims_in(rows["claims"])},
        tickets={ticket.ref: ticket for ticket in tickets_in(rows["tickets"])},
        people=identities.people_in(rows),
        events=dict.fromkeys(refs, ()) | consents.events_in(rows["consents"]),
        held=rows["holds"],
        rows=rows,
    )
