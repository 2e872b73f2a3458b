"""Asking, and what an ask may rest on: decisions, tickets, claims, cases, keys."""

from sekisho.registers.decisions.actions.api_keys import create_api_key, revoke_api_key
from sekisho.registers.decisions.actions.bulk import BulkAnswer, decide_many
from sekisho.registers.decisions.actions.claims import approve_claim, close_claim, open_case, request_claim
from sekisho.registers.decisions.actions.deciding import decide, decide_all, expire_bodies
from sekisho.registers.decisions.actions.sealing import stop_sealing
from sekisho.registers.decisions.actions.tickets import close_ticket, open_ticket
from sekisho.registers.decisions.rules import Answer, ClaimKind, KeyScope, TicketKind

__all__ = [
    "Answer",
    "BulkAnswer",
    "ClaimKind",
    "KeyScope",
    "TicketKind",
    "approve_claim",
    "close_claim",
    "close_ticket",
    "create_api_key",
    "decide",
    "decide_all",
    "decide_many",
    "expire_bodies",
    "open_case",
    "open_ticket",
    "request_claim",
    "revoke_api_key",
    "stop_sealing",
]
