"""Decide one ask: pure, and loads neither NumPy nor sqlglot."""

from sekisho.engine.gate.ask import (
    Ask,
    Decision,
    Facts,
    NeedsApproval,
    NeedsConsent,
    Obligation,
    Permit,
    Reason,
    Refuse,
    RowFacts,
)
from sekisho.engine.gate.slots import SLOT, Cure
from sekisho.engine.gate.table import Cell, Ranked, Table
from sekisho.engine.japanese.tokyo import tokyo_date

CHANNELS = frozenset({"mail", "sms", "phone", "post"})
ROLE_ALLOWED = SLOT["role_allowed"].mask
CHANNEL_CONSENT = SLOT["channel_consent"].mask


def decide(table: Table, ask: Ask, facts: Facts) -> Decision:
    """Permit, or every reason why not. All items, persons and parties must permit.

    Refuse outranks NeedsApproval, that outranks NeedsConsent, that outranks Permit. A name nobody knows, a fact nobody
    knows and a row nobody brought refuse. `facts.rows` holds one row for each person and item of the ask, and may hold
    more: the other party of a call.
    """
    at, rows = ask.at, facts.rows
    if at.tzinfo is None:
        return _close(facts.in_force, [table.say("gate.time-unknown", "", {})])
    recipient = ask.recipient
    if recipient is not None and recipient not in table.named_recipients:
        recipient = facts.recipient_kind or ""
    view = table.view((facts.in_force, ask.purpose, ask.act, recipient, facts.grounds, table.span(at)))
    found: list[Ranked] | None = list(view.failures) if view.failures else None
    if not _is_complete(ask, rows) and not _is_about_things(table, ask, rows):
        is_asked = ask.items and (ask.data_subjects or table.things.issuperset(ask.items))
        code = "gate.facts-missing" if is_asked else "gate.nothing-asked"
        found = [*(found or ()), table.say(code, "", {})]
    if facts.grounds and not ask.claims:  # nobody can have approved a ground that no claim invokes
        found = [*(found or ()), table.say("gate.unknown-claim", "", {})]
    cells = view.cells
    permits: list[Permit] = []
    for row in rows:
        cell = cells.get((row.era, row.item, row.subject_kind)) or view.cell(row.era, row.item, row.subject_kind)
        if cell.is_slow:
            permit = _look_closely(cell, ask, row, found := found if found is not None else [])
        else:
            failing = cell.need & ~(row.known & ~(row.value ^ cell.want))
            if not failing and not cell.failures:
                permits.append(cell.permit)
                continue
            permit = None
            found = found if found is not None else []
            found.extend(cell.reasons(failing, failing & ~row.known))
        if permit is not None:
            permits.append(permit)
    if found:
        return _close(facts.in_force, found)
    return permits[0] if len(permits) == 1 else _together(facts.in_force, permits)


def _is_complete(ask: Ask, rows: tuple[RowFacts, ...]) -> bool:
    """Whether every person and item of the ask has a row."""
    persons, items = ask.data_subjects, ask.items
    if not persons or not items:
        return False
    if len(persons) == 1 and len(items) == len(rows):
        person = persons[0]
        for item, row in zip(items, rows, strict=True):
            if row.item != item or row.data_subject != person:
                break
        else:
            return True
    brought = {(row.data_subject, row.item) for row in rows}
    return all((person, item) in brought for person in persons for item in items)


def _is_about_things(table: Table, ask: Ask, rows: tuple[RowFacts, ...]) -> bool:
    """Whether the ask is about nobody's data only, and every kind of thing has a row."""
    if ask.data_subjects or not ask.items or not table.things.issuperset(ask.items):
        return False
    return {row.item for row in rows if not row.data_subject}.issuperset(ask.items)


def _look_closely(cell: Cell, ask: Ask, row: RowFacts, found: list[Ranked]) -> Permit | None:
    """A row whose cell has conditions, roles, a channel, a ticket or a recipient abroad to look at."""
    known, value = row.known, row.value
    if cell.roles is not None:
        role = row.attributes.get("actor.role")
        known, value = known & ~ROLE_ALLOWED, value & ~ROLE_ALLOWED
        if isinstance(role, str) and role:
            known |= ROLE_ALLOWED
            value |= ROLE_ALLOWED if role in cell.roles else 0
    if cell.conditions:
        today = tokyo_date(ask.at)
        for condition in cell.conditions:
            bit = 1 << condition.bit
            met = condition.test(row.attributes, today)
            known, value = known & ~bit, value & ~bit
            if met is not None:
                known |= bit
                value |= bit if met else 0
    failing = cell.need & ~(known & ~(value ^ cell.want))
    before = len(found)
    if cell.needs_channel and ask.channel not in CHANNELS:
        failing &= ~CHANNEL_CONSENT
        found.append(cell.tell_channel("gate.channel-missing" if ask.channel is None else "gate.unknown-channel"))
    if failing or cell.failures:
        found.extend(cell.reasons(failing, failing & ~known))
    if len(found) > before:
        return None
    permit = cell.permit
    if cell.records_foreign and row.attributes.get("recipient.foreign") is not False:
        permit = cell.permit_abroad
    if cell.by_ticket:
        expires_at = row.attributes.get("ticket.expires_at")
        if expires_at is not None:
            ends = Obligation(id="expiry", type="expiry", properties={"at": expires_at, "with": "ticket"})
            permit = Permit(policy=permit.policy, obligations=(*permit.obligations, ends))
    return permit


def _close(policy: str, found: list[Ranked]) -> Decision:
    """Every reason once, in the order of looking; what would not cure the rest is not suggested."""
    cures = {ranked.cure for ranked in found}
    is_hopeless = Cure.NONE in cures
    told: dict[Reason, int] = {}
    for ranked in found:
        told.setdefault(ranked.hopeless if is_hopeless else ranked.reason, ranked.order)
    reasons = tuple(sorted(told, key=told.__getitem__))
    if is_hopeless:
        return Refuse(policy=policy, reasons=reasons)
    if Cure.APPROVAL in cures:
        return NeedsApproval(policy=policy, reasons=reasons)
    return NeedsConsent(policy=policy, reasons=reasons)


def _together(policy: str, permits: list[Permit]) -> Permit:
    """One permit from several: all obligations; of expiries the earliest, of minimum groups the largest."""
    first = permits[0]
    if all(permit.obligations == first.obligations for permit in permits):
        return first
    merged: dict[str, Obligation] = {}
    for permit in permits:
        for obligation in permit.obligations:
            old = merged.get(obligation.id)
            merged[obligation.id] = obligation if old is None else _stricter(old, obligation)
    return Permit(policy=policy, obligations=tuple(merged[name] for name in sorted(merged)))


def _stricter(one: Obligation, other: Obligation) -> Obligation:
    if one.type == "minimum_group":
        return max(one, other, key=lambda obligation: obligation.properties["size"])  # type: ignore[arg-type,return-value]
    if one.type == "expiry":
        return min(one, other, key=lambda obligation: obligation.properties["at"])  # type: ignore[arg-type,return-value]
    return one
