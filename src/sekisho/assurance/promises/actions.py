"""Looking at every promise: run each clause's proof, keep what it saw, leave one evidence entry for the whole round."""

import hashlib
import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import DatabaseError

from sekisho.assurance.promises import rules
from sekisho.assurance.promises.models import PromiseCheck
from sekisho.assurance.promises.rules import Doubt, Verdict
from sekisho.casework.subject_requests import proofs as subject_requests_proofs
from sekisho.engine.errors import SekishoError
from sekisho.engine.policy.model import Clause
from sekisho.evidence import actions as evidence
from sekisho.evidence import proofs as evidence_proofs
from sekisho.evidence.proof import Proof
from sekisho.evidence.saying import english_of, of_error
from sekisho.evidence.writing import writing
from sekisho.registers.backups import proofs as backups_proofs
from sekisho.registers.batch_jobs import proofs as batch_jobs_proofs
from sekisho.registers.consents import proofs as consents_proofs
from sekisho.registers.datamap import proofs as datamap_proofs
from sekisho.registers.decisions import proofs as decisions_proofs
from sekisho.registers.findings import proofs as findings_proofs
from sekisho.registers.identities import proofs as identities_proofs
from sekisho.registers.people import proofs as people_proofs
from sekisho.registers.policies import proofs as policies_proofs
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import proofs as recipients_proofs
from sekisho.registers.retention import proofs as retention_proofs

logger = logging.getLogger(__name__)
ProofFunction = Callable[..., Proof]  # (*, at: datetime, clause: Clause) -> Proof

# What a clause's `proof:` may name. A name that isn't here is a promise nobody can check yet: 未確認.
PROOFS: Mapping[str, ProofFunction] = {
    "policies.version_published": policies_proofs.version_published,
    "policies.operator_named": policies_proofs.operator_named,
    "policies.norms_current": policies_proofs.norms_current,
    "policies.service_pages_given": policies_proofs.service_pages_given,
    "policies.desk_published": policies_proofs.desk_published,
    "batch_jobs.nothing_stands_still": batch_jobs_proofs.nothing_stands_still,
    "evidence.ledger_intact": evidence_proofs.ledger_intact,
    "evidence.witness_present": evidence_proofs.witness_present,
    "datamap.schema_matches_map": datamap_proofs.schema_matches_map,
    "datamap.class_located": datamap_proofs.class_located,
    "findings.only_listed_data": findings_proofs.only_listed_data,
    "findings.catch_all_sorted": findings_proofs.catch_all_sorted,
    "identities.intervals_consistent": identities_proofs.intervals_consistent,
    "consents.each_names_notice_and_channel": consents_proofs.each_names_notice_and_channel,
    "consents.none_from_continued_use": consents_proofs.none_from_continued_use,
    "recipients.joint_users_are_members": recipients_proofs.joint_users_are_members,
    "recipients.contracts_complete": recipients_proofs.contracts_complete,
    "recipients.checked_before_transfer": recipients_proofs.checked_before_transfer,
    "people.trained": people_proofs.trained,
    "people.pledged": people_proofs.pledged,
    "people.policy_acknowledged": people_proofs.policy_acknowledged,
    "people.officer_appointed": people_proofs.officer_appointed,
    "retention.every_class_has_period": retention_proofs.every_class_has_period,
    "retention.nothing_overdue": retention_proofs.nothing_overdue,
    "backups.erased_stays_erased": backups_proofs.erased_stays_erased,
    "retention.kept_longer_only_on_grounds": retention_proofs.kept_longer_only_on_grounds,
    "decisions.each_cites_version_and_rule": decisions_proofs.each_cites_version_and_rule,
    "decisions.permits_within_published_purposes": decisions_proofs.permits_within_published_purposes,
    "decisions.purpose_within_items": decisions_proofs.purpose_within_items,
    "decisions.identity_papers_only_for_identity_check": decisions_proofs.identity_papers_only_for_identity_check,
    "decisions.marketing_respects_refusals": decisions_proofs.marketing_respects_refusals,
    "decisions.refusals_bind_at_once": decisions_proofs.refusals_bind_at_once,
    "decisions.permits_had_consent": decisions_proofs.permits_had_consent,
    "decisions.transfers_had_prior_consent": decisions_proofs.transfers_had_prior_consent,
    "decisions.entrustment_within_scope": decisions_proofs.entrustment_within_scope,
    "decisions.secrecy_grounds_held": decisions_proofs.secrecy_grounds_held,
    "decisions.exceptions_approved": decisions_proofs.exceptions_approved,
    "decisions.provisions_only_declared": decisions_proofs.provisions_only_declared,
    "decisions.way_out_within_whitelist": decisions_proofs.way_out_within_whitelist,
    "decisions.joint_use_only_with_notice": decisions_proofs.joint_use_only_with_notice,
    "decisions.actors_in_order": decisions_proofs.actors_in_order,
    "subject_requests.answered_in_time": subject_requests_proofs.answered_in_time,
    "subject_requests.complaints_answered": subject_requests_proofs.complaints_answered,
    "subject_requests.identity_checked_first": subject_requests_proofs.identity_checked_first,
}


def check_all(
    at: datetime,
    *,
    acting_user: str = "system",
    progress: Callable[[int, int, str], None] = lambda _done, _total, _clause: None,
    once: Callable[[], bool] = lambda: True,
) -> dict[Verdict, int]:
    """Look at every promise of the policy in force, and say how many stand under each word.

    The proofs read first, outside any transaction: some open other systems. Then one transaction writes what they saw
    and its evidence, `promises.checked`: counts, the broken clauses, and a digest of all rows.
    `progress` is told before each clause; `once` is asked inside the transaction, and False writes nothing.
    Raises: policies.none-in-force.
    """
    policy = policies.in_force(at)
    seen = []
    for done, clause in enumerate(policy.clauses.values()):
        progress(done, len(policy.clauses), clause.id)
        seen.append(_look(policy.era, clause, at))
    counts = {verdict: sum(check.verdict == verdict.value for check in seen) for verdict in Verdict}
    with writing():
        if not once():
            return counts
        before = {check.clause: check for check in PromiseCheck.objects.filter(era=policy.era)}
        for check in seen:
            old = before.get(check.clause)
            if old is not None and old.verdict == check.verdict:
                check.since = old.since
        PromiseCheck.objects.filter(era=policy.era).delete()
        PromiseCheck.objects.bulk_create(seen)
        evidence.append(
            kind="promises.checked",
            body={
                "policy": policy.era,
                "counts": {verdict.value: count for verdict, count in counts.items()},
                "broken": [check.clause for check in seen if check.verdict == Verdict.BROKEN.value],
                "rows_sha256": _digest(seen),
                "by": acting_user,
            },
            at=at,
        )
    return counts


def _look(era: str, clause: Clause, at: datetime) -> PromiseCheck:
    prove = PROOFS.get(clause.proof or "")
    if prove is None:
        return _check(era, clause, at, doubt=Doubt.NO_PROOF)
    try:
        proof = prove(at=at, clause=clause)
    except SekishoError as error:
        return _check(era, clause, at, doubt=Doubt.FAILED, why=of_error(error))
    except (OSError, DatabaseError, LookupError, ValueError) as error:
        # Not knowing is an answer here. The kind of trouble goes to the log, its values (maybe personal) don't.
        logger.error("proof %s of %s stopped: %s", clause.proof, clause.id, type(error).__name__)  # noqa: TRY400
        return _check(era, clause, at, doubt=Doubt.FAILED)
    verdict, doubt = rules.judge(Verdict(proof.verdict.value), looked_at=proof.looked_at, never=clause.never)
    return _check(era, clause, at, verdict=verdict, doubt=doubt, why=proof.why, proof=proof)


def _check(
    era: str,
    clause: Clause,
    at: datetime,
    *,
    verdict: Verdict = Verdict.UNPROVEN,
    doubt: Doubt,
    why: str = "",
    proof: Proof | None = None,
) -> PromiseCheck:
    return PromiseCheck(
        era=era,
        clause=clause.id,
        proof=clause.proof or "",
        verdict=verdict.value,
        doubt=doubt.value,
        looked_at=proof.looked_at if proof else 0,
        figure=str(proof.figure) if proof else "",
        figure_en=english_of(proof.figure) if proof else "",
        evidence=proof.evidence if proof else "",
        why=str(why),
        why_en=english_of(why),
        checked_at=at,
        fresh_until=proof.fresh_until if proof else None,
        since=at,
    )


def _digest(seen: Sequence[PromiseCheck]) -> str:
    rows = [[check.clause, check.verdict, check.doubt, check.looked_at, check.figure, check.evidence] for check in seen]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
