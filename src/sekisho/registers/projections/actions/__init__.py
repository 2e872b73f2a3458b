"""Building projections, running queries over them, letting go of them."""

from sekisho.registers.projections.actions.asking import Asked
from sekisho.registers.projections.actions.dropping import copies_of, drop_for, drop_of, expire
from sekisho.registers.projections.actions.requested import build_asked, expire_requests
from sekisho.registers.projections.actions.running import Answer, explain, run

__all__ = [
    "Answer",
    "Asked",
    "build_asked",
    "copies_of",
    "drop_for",
    "drop_of",
    "expire",
    "expire_requests",
    "explain",
    "run",
]
