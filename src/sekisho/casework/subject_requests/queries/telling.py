"""What two kinds of request ask to be told: for which purposes what is held is used, and to whom it was provided.

Source: APPI arts. 32(2), 33(5); its rules on records of provision name what a record says (person, items, recipient, consent).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.effects import given_of, given_perhaps
from sekisho.casework.subject_requests.queries.holdings import holdings
from sekisho.casework.subject_requests.rules.effects import effects
from sekisho.engine.japanese.dates import format_date
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy, Purpose, Text
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeLine:
    """One class of what is held, and what it is used for. `clause`: the sentence that publishes the purpose."""

    item: str
    label: Text
    purposes: tuple[tuple[Text, str], ...]  # label, clause


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionRecord:
    """One provision to a third party, as its record says it."""

    on: date
    recipient: str
    address: str
    representative: str
    items: tuple[Text, ...]
    item_keys: tuple[str, ...]
    purpose: Text
    purpose_key: str
    by_consent: bool  # what the law calls the fact of consent


def purposes_of(reference: str, at: datetime) -> tuple[PurposeLine, ...]:
    """For each class held of the person of a case, what it is used for. Raises: requests.unknown-case."""
    found, policy, on = case(reference), policies.in_force(at), tokyo_date(at)
    held, _ = holdings(found.person, at) if found.person else ((), ())
    lines: dict[str, PurposeLine] = {}
    for one in held:
        class_ = one.item.partition(".")[0]
        if class_ not in lines:
            used = tuple((purpose.label, purpose.clause) for purpose in _purposes(policy, class_, on))
            lines[class_] = PurposeLine(item=class_, label=one.label, purposes=used)
    return tuple(lines.values())


def provision_records(reference: str, at: datetime) -> tuple[ProvisionRecord, ...]:
    """What was provided to third parties about the person of a case, newest first.

    What authorities asked for is no provision of which a record is made, and stands nowhere here (LAW.md 9.1).
    Raises: requests.unknown-case.
    """
    found = case(reference)
    return records_of(found.person, policies.in_force(at)) if found.person else ()


def records_of(person: str, policy: Policy) -> tuple[ProvisionRecord, ...]:
    """The same of a person, whatever is asked under: a disclosure tells them too (APPI 33(1))."""
    return tuple(
        ProvisionRecord(
            on=tokyo_date(one.at),
            recipient=recipients.label_of(one.recipient),
            address=recipients.address_of(one.recipient),
            representative=recipients.representative_of(one.recipient),
            items=tuple(_label(policy, item) for item in one.items),
            item_keys=one.items,
            purpose_key=one.purpose,
            purpose=policy.purposes[one.purpose].label if one.purpose in policy.purposes else Text(one.purpose),
            by_consent=True,
        )
        for one in given_of(person, acts=tuple(effects()["told"]["recorded_acts"]))
    )


def unknown_lists(at: datetime, language: str) -> tuple[str, ...]:
    """A sentence for each recipient of lists of which it is no longer known, or never was, who stood on them."""
    days: dict[str, list[date]] = {}
    for one in given_perhaps(at):
        days.setdefault(one.recipient, []).append(tokyo_date(one.at))
    sentence: str = effects()["told"]["unknown"][language]
    return tuple(
        sentence.format(
            recipient=recipients.label_of(recipient),
            n=len(given),
            first=format_date(min(given), weekday=False) if language == "ja" else min(given).isoformat(),
            last=format_date(max(given), weekday=False) if language == "ja" else max(given).isoformat(),
        )
        for recipient, given in sorted(days.items())
    )


def _purposes(policy: Policy, class_: str, on: date) -> Iterable[Purpose]:
    """The purposes for which anything of a class may be used or leave the house on a day, in the policy's order."""
    used = {use.purpose for use in policy.uses if _is_of(use.items, class_)}
    used |= {way.purpose for way in policy.ways_out.values() if _is_of(way.items, class_)}
    for one in policy.purposes.values():
        if one.id in used and (one.since is None or one.since <= on) and (one.until is None or on <= one.until):
            yield one


def _is_of(items: Iterable[str], class_: str) -> bool:
    return any(item.partition(".")[0] == class_ for item in items)


def _label(policy: Policy, item: str) -> Text:
    class_, _, field = item.partition(".")
    known = policy.classes.get(class_)
    if known is None:
        return Text(item)
    return known.fields[field].label if field in known.fields else known.label
