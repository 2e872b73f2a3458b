"""All findings of the linter, in the order they are looked for."""

from sekisho.engine.errors import Fault
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.desks import DESK_RULES
from sekisho.engine.policy.lint.finding import Rule
from sekisho.engine.policy.lint.holding import HOLDING_RULES
from sekisho.engine.policy.lint.norms import NORM_RULES
from sekisho.engine.policy.lint.operator import OPERATOR_RULES
from sekisho.engine.policy.lint.requests import REQUEST_RULES
from sekisho.engine.policy.lint.sharing import SHARING_RULES
from sekisho.engine.policy.lint.wording import WORDING_RULES
from sekisho.engine.policy.model import Policy

RULES: tuple[Rule, ...] = (
    *OPERATOR_RULES,
    *NORM_RULES,
    *SHARING_RULES,
    *REQUEST_RULES,
    *DESK_RULES,
    *HOLDING_RULES,
    *WORDING_RULES,
)


def lint(policy: Policy, law: Law) -> tuple[Fault, ...]:
    """Every finding, in document order. With `law.at`, papers and editions are judged on that day; else as newest."""
    found = [fault for rule in RULES for fault in rule(policy, law)]
    return tuple(sorted(found, key=lambda fault: (fault.place.path, fault.place.line, fault.place.column)))
