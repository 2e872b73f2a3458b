"""Looking over the systems, judging again by newer rules, answering what was found."""

from sekisho.registers.findings.actions.answering import accept, dismiss
from sekisho.registers.findings.actions.looking import look, look_again
from sekisho.registers.findings.actions.recording import Change, Looked

__all__ = ["Change", "Looked", "accept", "dismiss", "look", "look_again"]
