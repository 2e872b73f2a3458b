"""Adopting a version of the policy."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from sekisho.engine.policy.load import load
from sekisho.evidence.actions import append
from sekisho.registers.policies import rules
from sekisho.registers.policies.models import PolicyVersion


def adopt(*, files: Mapping[str, str], at: datetime, acting_user: str, may_correct: bool = False) -> str:
    """Take a checked document into the register; it governs from its first day. Adopting it twice is a no-op.

    `may_correct`: the carrier is a demo, whose published version may be edited in place.
    Evidence: `policy.adopted`. Raises: DocumentRefused, policies.no-effective-date, policies.version-published.
    """
    policy = load(files)
    with transaction.atomic():
        live = (
            PolicyVersion.objects.select_for_update()
            .filter(policy_id=policy.id, version=policy.version, superseded_at=None)
            .first()
        )
        first_day = rules.require_adoptable(
            policy, published_sha256=live.sha256 if live else None, may_correct=may_correct
        )
        if live and live.sha256 == policy.sha256:
            return policy.era
        if live:
            live.superseded_at = at
            live.save(update_fields=["superseded_at"])
        revision = live.revision + 1 if live else 1
        PolicyVersion.objects.create(
            policy_id=policy.id,
            version=policy.version,
            revision=revision,
            sha256=policy.sha256,
            files=dict(files),
            effective_on=first_day,
            is_assumed=policy.effective_on is None,
            adopted_at=at,
            adopted_by=acting_user,
        )
        append(
            kind="policy.adopted",
            body={"policy": policy.era, "revision": revision, "sha256": policy.sha256, "by": acting_user},
            at=at,
        )
    return policy.era
