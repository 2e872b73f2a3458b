"""What a purpose may see, which projections stand, and what was asked of them."""

from sekisho.registers.projections.queries.requested import job_of
from sekisho.registers.projections.queries.seeing import Seen, seen_by
from sekisho.registers.projections.queries.standing import Copy, copies, default_actor, run_of

__all__ = ["Copy", "Seen", "copies", "default_actor", "job_of", "run_of", "seen_by"]
