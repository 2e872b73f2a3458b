"""What a contract with a recipient has to hold. Source: APPI on supervision of contractors."""

from sekisho.engine.policy.model import Policy


def required_clauses(policy: Policy, purpose: str, recipient: str) -> frozenset[str]:
    """Clauses that the policy asks of every contractor, and the ways out to this recipient for this purpose besides.

    `recipient` is a named recipient or its kind. Gatherers compare this with the contract for `contract_clauses_complete`.
    """
    ways = [way for way in policy.ways_out.values() if way.purpose == purpose and recipient in way.to]
    return frozenset(policy.entrustment_clauses).union(*(way.contract_clauses for way in ways))
