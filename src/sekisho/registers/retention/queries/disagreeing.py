"""Where the policy in force, law, the data map and the standing holds disagree over how long."""

from datetime import datetime

from sekisho.engine.erasure.contradictions import in_holds, in_map, in_policy
from sekisho.engine.errors import Fault
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.datamap import queries as datamap_queries
from sekisho.registers.policies import queries as policies
from sekisho.registers.retention.queries.asking import law_on
from sekisho.registers.retention.queries.holding import told_holds


def contradictions(at: datetime) -> tuple[Fault, ...]:
    """Every disagreement with both its sources and what binds meanwhile. Confidential holds are in none of them."""
    on, policy, datamap = tokyo_date(at), policies.in_force(at), datamap_queries.current()
    known = law_on(on)
    return (
        *in_policy(policy, known),
        *in_map(policy, known, datamap),
        *in_holds(policy, known, datamap, told_holds(on), law(on).never_collect),
    )
