"""Whether what was permitted lay within the published purposes, and whether whoever asked was in order."""

from datetime import datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Clause, DataKind, Policy
from sekisho.evidence.proof import Proof
from sekisho.evidence.saying import said
from sekisho.registers.decisions.proofs.looking import (
    PERMIT,
    Versions,
    covers,
    day_of,
    judge,
    nature_of,
    permits,
    purposes_of,
    rests_on_exception,
    ways_of,
)
from sekisho.registers.decisions.queries import Sealed, sealed
from sekisho.registers.decisions.rules import BULK
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies

PAPERS = (DataKind.IDENTITY_RECORD, DataKind.IDENTITY_IMAGE, DataKind.DESK_IDENTITY_IMAGE)
PAPER_NATURES = ("identity_check", "subject_request", "audit")


def each_cites_version_and_rule(*, at: datetime, clause: Clause) -> Proof:
    """Every decision names a version that exists; every one that is no permit names its rules."""
    versions = Versions()

    def holds(decision: Sealed) -> bool:
        reasons = decision.maps("reasons")
        said = decision.answer in (PERMIT, BULK) or (bool(reasons) and all(reason.get("code") for reason in reasons))
        return versions.of(decision) is not None and said

    return judge(
        at=at, clause=clause, noun=said("判断"), decisions=sealed(), holds=holds, fault=said("根拠の版か規則を示さない判断があります")
    )  # fmt: skip


def permits_within_published_purposes(*, at: datetime, clause: Clause) -> Proof:
    """Every permit was for a purpose that the version it cites publishes, or rested on an approved exception."""
    versions = Versions()

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        purpose = policy.purposes.get(decision.text("purpose")) if policy else None
        if purpose is None:
            nature = law().natures.get(decision.text("purpose"))
            return rests_on_exception(decision) or (nature is not None and nature.unpublished)
        on = day_of(decision)
        return (purpose.since is None or purpose.since <= on) and (purpose.until is None or on <= purpose.until)

    return judge(
        at=at, clause=clause, noun=said("許可"), decisions=permits(), holds=holds, fault=said("公表していない目的での許可があります")
    )  # fmt: skip


def purpose_within_items(*, at: datetime, clause: Clause) -> Proof:
    """Every item permitted for the purposes of this clause lies in a use or a way out of that purpose."""
    versions, named = Versions(), purposes_of(clause, at)
    return judge(
        at=at,
        clause=clause,
        noun=said("この目的の許可"),
        decisions=permits(purposes=named) if named else (),
        holds=lambda decision: _is_within_items(versions.of(decision), decision),
        fault=said("目的に定めた項目の外の許可があります"),
    )


def identity_papers_only_for_identity_check(*, at: datetime, clause: Clause) -> Proof:
    """Identity records and images of papers are used to check identity, to answer requests, to audit.

    Another purpose may have what the policy names of them field by field, never the whole.
    """
    versions = Versions()
    papers = {c.id for policy in versions.by_era.values() for c in policy.classes.values() if c.kind in PAPERS}

    def holds(decision: Sealed) -> bool:
        policy = versions.of(decision)
        if policy is None:
            return False
        if nature_of(policy, decision) in PAPER_NATURES or rests_on_exception(decision):
            return True
        named = {i for use in policy.uses if use.purpose == decision.text("purpose") for i in use.items if "." in i}
        return all(item in named for item in decision.texts("items") if _class(item) in papers)

    touching = (d for d in permits() if any(_class(item) in papers for item in d.texts("items")))
    return judge(
        at=at, clause=clause, noun=said("本人確認資料の許可"), decisions=touching, holds=holds,
        fault=said("本人確認のほかに資料を使った許可があります"),
    )  # fmt: skip


def actors_in_order(*, at: datetime, clause: Clause) -> Proof:
    """Whoever was permitted was known, working here, trained and pledged.

    The register keeps the latest training only, so who was trained again since is judged by today.
    """
    versions, today = Versions(), tokyo_date(at)
    current = policies.in_force(at)

    def holds(decision: Sealed) -> bool:
        actor, policy = decision.text("actor"), versions.of(decision)
        then = people.standing_of(actor, day_of(decision), policy or current)
        now = people.standing_of(actor, today, current)
        return (
            then.known and then.active and (then.trained or now.trained) and (then.pledged or now.pledged)
        )  # fmt: skip

    return judge(
        at=at, clause=clause, noun=said("許可"), decisions=permits(), holds=holds,
        fault=said("教育や誓約の済んでいない担当者への許可があります"),
    )  # fmt: skip


def _is_within_items(policy: Policy | None, decision: Sealed) -> bool:
    if policy is None:
        return False
    if rests_on_exception(decision):
        return True
    purpose = decision.text("purpose")
    listed = [item for use in policy.uses if use.purpose == purpose for item in use.items]
    listed += [item for way in ways_of(policy, decision) for item in way.items]
    return all(covers(listed, item) for item in decision.texts("items"))


def _class(item: str) -> str:
    return item.partition(".")[0]
