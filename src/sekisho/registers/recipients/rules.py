"""Whether data may go to a recipient, as far as its own standing decides."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractFacts:
    """A contract as the register holds it. Dates are Asia/Tokyo, both ends included."""

    ref: str
    kind: str
    since: date
    until: date | None
    clauses: frozenset[str]
    selection_checked_on: date | None
    reviewed_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientFacts:
    """A recipient as the register holds it."""

    ref: str
    kind: str
    country: str
    safeguards: bool
    member_since: date | None
    member_until: date | None
    verified_on: date | None
    is_stopped: bool
    contracts: tuple[ContractFacts, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientStanding:
    """What the gate needs to know of a recipient on one day."""

    known: bool
    kind: str = ""
    member: bool = False
    contract: bool = False
    clauses: frozenset[str] = frozenset()
    selection_checked: bool = False
    foreign: bool = False
    safeguards: bool = False
    verified: bool = False
    stopped: bool = False
    attributes: dict[str, object] = field(default_factory=dict)  # for conditions: recipient.assignment_contract, …


UNKNOWN = RecipientStanding(known=False)


def standing(recipient: RecipientFacts, on: date) -> RecipientStanding:
    """The standing on one day. Clauses count only from contracts in force; a check must precede the contract."""
    live = [c for c in recipient.contracts if c.since <= on and (c.until is None or on <= c.until)]
    checked = [c for c in live if c.selection_checked_on and c.selection_checked_on <= c.since]
    return RecipientStanding(
        known=True,
        kind=recipient.kind,
        member=_holds(recipient.member_since, recipient.member_until, on),
        contract=bool(live),
        clauses=frozenset().union(*(c.clauses for c in live)),
        selection_checked=bool(live) and len(checked) == len(live),
        foreign=recipient.country != "JP",
        safeguards=recipient.safeguards,
        verified=recipient.verified_on is not None and recipient.verified_on <= on,
        stopped=recipient.is_stopped,
        attributes={f"{kind}_contract": True for kind in sorted({c.kind for c in live})}
        | {"country": recipient.country, "kind": recipient.kind},
    )


def _holds(since: date | None, until: date | None, on: date) -> bool:
    return since is not None and since <= on and (until is None or on <= until)
