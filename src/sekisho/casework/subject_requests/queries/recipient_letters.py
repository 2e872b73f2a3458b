"""The letter that tells a recipient what became of data it was given: what is right now, or what ended."""

from collections.abc import Sequence
from datetime import date, datetime

from sekisho.casework.subject_requests.queries.cases import case
from sekisho.casework.subject_requests.queries.letters import (
    Recipient,
    Writing,
    named_of,
    set_letter,
    told_day,
    words_of,
)
from sekisho.casework.subject_requests.rules.effects import Correction
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Policy
from sekisho.registers.identities import queries as identities
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients

LANGUAGE = "ja"
CORRECTED, STOPPED = "recipient_correction", "recipient_stop"


def recipient_letter(
    reference: str,
    recipient: str,
    *,
    corrections: Sequence[Correction],
    classes: Sequence[str],
    due: date,
    at: datetime,
) -> bytes:
    """The letter as PDF. `classes`: of the policy, of what ended, where nothing was put right. Raises what typesetting raises."""
    found, policy, on = case(reference), policies.in_force(at), tokyo_date(at)
    own = words_of(LANGUAGE)[CORRECTED if corrections else STOPPED]
    label = recipients.label_of(recipient)
    named = named_of(reference, on, LANGUAGE) | {
        "recipient": label,
        "due": told_day(due, LANGUAGE),
        "what": own.get(f"what_{found.kind}", ""),
    }
    rows = (
        [
            [_label(policy, one.item), one.wrong, _right(one, own["since"]) if one.happened else one.right]
            for one in corrections
        ]
        if corrections
        else [[_label(policy, one)] for one in classes]
    )
    names = identities.names_of(found.person)
    tables: list[dict[str, object]] = [
        {"title": "", "head": [own["person"]], "rows": [[names[-1].name if names else "—"]], "widths": (1,)},
        {"title": "", "head": own["head"], "rows": rows, "widths": (1,) * len(own["head"])},
    ]
    to = Recipient(name=label, postal_code="", address=recipients.address_of(recipient))
    return set_letter(to, Writing(own=own, named=named, tables=tables), at=at, language=LANGUAGE)


def _right(one: Correction, since: str) -> str:
    return f"{one.right}（{since.format(day=told_day(one.happened, LANGUAGE))}）" if one.happened else one.right


def _label(policy: Policy, item: str) -> str:
    class_, _, field = item.partition(".")
    known = policy.classes.get(class_)
    if known is None:
        return item
    return known.fields[field].label.ja if field in known.fields else known.label.ja
