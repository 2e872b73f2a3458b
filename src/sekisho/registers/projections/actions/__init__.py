"""Building projections, running queries over them, letting go of them."""

from sekisho.registers.projections.actions.asking import Asked
from sekisho.registers.projections.actions.dropping import copies_of, drop_for, drop_of, expire
from sekisho.registers.projections.actions.running import Answer, explain, run

__all__ = ["Answer", "Asked", "copies_of", "drop_for", "drop_of", "expire", "explain", "run"]
