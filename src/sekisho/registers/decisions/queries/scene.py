"""Everything of an ask that is the same for all its rows, looked up once."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from sekisho.engine.gate.ask import Act, Ask
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy, WayOut
from sekisho.registers.decisions.queries.resource import Rows
from sekisho.registers.decisions.queries.snapshot import Snapshot, snapshot_of
from sekisho.registers.decisions.rules import ClaimFacts, ClaimKind, TicketFacts
from sekisho.registers.people import queries as people
from sekisho.registers.people.queries import ActorStanding
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients
from sekisho.registers.recipients.queries import RecipientStanding

OPENS_A_LOCK = (ClaimKind.EXCEPTION, ClaimKind.GROUND)
UNKNOWN_CLAIM = "unknown-claim"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An ask with what its registers say of actor, recipient and claims."""

    ask: Ask
    policy: Policy
    rows: Rows
    registers: Snapshot

    @cached_property
    def on(self) -> date:
        """The Tokyo date of the ask."""
        return tokyo_date(self.ask.at)

    @cached_property
    def actor(self) -> ActorStanding:
        """Who asks."""
        return people.standing_from(self.registers.staff.get(self.ask.actor), self.on, self.policy)

    @cached_property
    def recipient(self) -> RecipientStanding | None:
        """Who is to receive; None where nobody is."""
        ref = self.ask.recipient
        return recipients.standing_from(self.registers.recipients.get(ref), self.on) if ref else None

    @cached_property
    def claims(self) -> tuple[ClaimFacts, ...]:
        """The claims that the ask names."""
        known = self.registers.claims
        return tuple(known[ref] for ref in sorted(set(self.ask.claims)) if ref in known)

    @cached_property
    def tickets(self) -> tuple[TicketFacts, ...]:
        """The tickets that the ask names."""
        known = self.registers.tickets
        return tuple(known[ref] for ref in sorted(set(self.ask.claims)) if ref in known)

    @cached_property
    def grounds(self) -> tuple[str, ...]:
        """Names of the exceptions and grounds claimed; a reference that nobody knows is one that nobody promises."""
        known = {claim.ref for claim in self.claims} | {ticket.ref for ticket in self.tickets}
        names = {claim.name for claim in self.claims if claim.kind in OPENS_A_LOCK}
        return tuple(sorted(names | ({UNKNOWN_CLAIM} if set(self.ask.claims) - known else set())))

    @cached_property
    def ways(self) -> tuple[WayOut, ...]:
        """The ways out that this act for this purpose could take."""
        if self.ask.act is Act.USE:
            return ()
        ways = self.policy.ways_out.values()
        return tuple(way for way in ways if way.purpose == self.ask.purpose and way.kind.value == str(self.ask.act))

    @cached_property
    def scopes(self) -> frozenset[str]:
        """What a consent to provision may have been given to: purpose, way out, recipient, kind of recipient."""
        kind = {self.recipient.kind} if self.recipient and self.recipient.kind else set()
        named = {self.ask.recipient} if self.ask.recipient else set()
        return frozenset({self.ask.purpose} | {way.id for way in self.ways} | kind | named)


def scene_of(ask: Ask, registers: Snapshot | None = None) -> Scene:
    """The scene of an ask, from a snapshot that holds it or from one of its own. Raises: policies.none-in-force."""
    read = registers or snapshot_of([ask])
    return Scene(
        ask=ask, policy=policies.in_force_from(read.versions, ask.at), rows=Rows(said=ask.resource), registers=read
    )
