"""What sealed decisions show the promise board: each looked at again, without the table that decided it."""

from sekisho.registers.decisions.proofs.consenting import (
    marketing_respects_refusals,
    permits_had_consent,
    transfers_had_prior_consent,
)
from sekisho.registers.decisions.proofs.grounds import exceptions_approved, secrecy_grounds_held
from sekisho.registers.decisions.proofs.leaving import (
    entrustment_within_scope,
    joint_use_only_with_notice,
    provisions_only_declared,
    way_out_within_whitelist,
)
from sekisho.registers.decisions.proofs.promptness import refusals_bind_at_once
from sekisho.registers.decisions.proofs.purposes import (
    actors_in_order,
    each_cites_version_and_rule,
    identity_papers_only_for_identity_check,
    permits_within_published_purposes,
    purpose_within_items,
)

__all__ = [
    "actors_in_order",
    "each_cites_version_and_rule",
    "entrustment_within_scope",
    "exceptions_approved",
    "identity_papers_only_for_identity_check",
    "joint_use_only_with_notice",
    "marketing_respects_refusals",
    "permits_had_consent",
    "permits_within_published_purposes",
    "provisions_only_declared",
    "purpose_within_items",
    "refusals_bind_at_once",
    "secrecy_grounds_held",
    "transfers_had_prior_consent",
    "way_out_within_whitelist",
]
