"""The last sweeps, newest first."""

from sekisho.registers.retention.models import SweepRun
from sekisho.registers.retention.queries.plans import SweepRecord, sweep


def last_sweeps(most: int) -> tuple[SweepRecord, ...]:
    """As many of the last sweeps."""
    refs = SweepRun.objects.order_by("-started_at", "-id").values_list("ref", flat=True)[:most]
    return tuple(sweep(ref) for ref in refs)
