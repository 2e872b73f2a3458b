"""What a list would be, before anybody builds it: decided, counted, not written."""

from dataclasses import dataclass

from sekisho.registers.decisions.actions import decide_many
from sekisho.registers.lists.queries.approving import require_actor
from sekisho.registers.lists.queries.asking import Asking, Wanted, asking
from sekisho.registers.lists.queries.obligations import transforms_of
from sekisho.registers.lists.queries.people import holding
from sekisho.registers.lists.queries.waterfall import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a list would be. Nothing was written but the sealed decision."""

    asking: Asking
    people: int
    permitted: int
    waterfall: list[dict[str, object]]
    evidence: str

    @property
    def lost(self) -> int:
        """How many would not be on it."""
        return self.people - self.permitted


def preview_list(wanted: Wanted) -> Preview:
    """Decide everybody and say how many would be lost where. The decision is sealed like any other. Raises as `build_list`."""
    require_actor(wanted.actor, wanted.at)
    wants = asking(wanted)
    answer = decide_many(wants.ask, holding(wants.identifier, wanted.at, wanted.affected).refs)
    transforms_of(answer)
    return Preview(
        asking=wants,
        people=len(answer.refs),
        permitted=len(answer.permitted),
        waterfall=told(answer),
        evidence=answer.evidence,
    )
