"""The words a map may use under a policy, and which of them taint what is derived from them."""

from sekisho.engine.catalog.vocabulary import Vocabulary
from sekisho.engine.erasure.floors import RetentionLaw, retention_law
from sekisho.engine.erasure.rules import governing
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import DataKind, Policy

SECRET = (DataKind.COMMUNICATIONS_SECRECY, DataKind.LOCATION)


def vocabulary(policy: Policy) -> Vocabulary:
    """The words a map may use under this policy, and what starts the period of each item for each kind of person."""
    items = {class_.id for class_ in policy.classes.values()}
    items |= {f"{class_.id}.{name}" for class_ in policy.classes.values() for name in class_.fields}
    floors = retention_law(law())
    return Vocabulary(
        secret=secret_items(policy),
        items=frozenset(items),
        subject_kinds=frozenset(policy.subjects),
        events={
            (item, subject): _events(policy, floors, item, subject) for item in items for subject in policy.subjects
        },
    )


def secret_items(policy: Policy) -> frozenset[str]:
    """What taints whatever is derived from it. A class is secret if any of its fields is. Source: TBA 4."""
    found = set()
    for class_ in policy.classes.values():
        fields = {f"{class_.id}.{one.id}" for one in class_.fields.values() if one.kind in SECRET}
        found |= fields | ({class_.id} if fields or class_.kind in SECRET else set())
    return frozenset(found)


def _events(policy: Policy, floors: RetentionLaw, item: str, subject: str) -> frozenset[str]:
    """What starts a period of the policy, and of the law where the policy has one: a floor needs its day as well."""
    rules = governing(policy, floors, item, subject)
    periods = frozenset(rule.after for rule in rules.periods)
    return periods | {floor.after for floor in rules.floors} if periods else periods
