"""Which rules decide how long an item of one kind of person is kept: the policy's, and the floors of law."""

from dataclasses import dataclass
from enum import StrEnum

from sekisho.engine.erasure.floors import Floor, RetentionLaw
from sekisho.engine.policy.model import Policy, Retention


class RuleKind(StrEnum):
    """Where a reason to keep comes from."""

    POLICY = "policy"
    FLOOR = "floor"
    CLAIM = "claim"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Governing:
    """All rules over one item: `periods` are the policy's, `floors` the law's."""

    item: str
    periods: tuple[Retention, ...]
    floors: tuple[Floor, ...]


def governing(policy: Policy, law: RetentionLaw, item: str, subject_kind: str) -> Governing:
    """The rules over an item. A rule that names the field stands before one that names its class."""
    class_ = item.split(".", 1)[0]
    theirs = [rule for rule in policy.retention if not rule.of or subject_kind in rule.of]
    periods = [rule for rule in theirs if item in rule.items] or [rule for rule in theirs if class_ in rule.items]
    cited = {reference(rule.floor): rule.after for rule in periods if rule.floor}
    return Governing(item=item, periods=tuple(periods), floors=law.of_item(policy, item, cited))


def reference(floor: str) -> str:
    """The key of a floor in the law pack: `law:norm:entry` without its prefix."""
    return floor.removeprefix("law:")
