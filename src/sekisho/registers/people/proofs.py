"""What the register of staff can show the promise board."""

from collections.abc import Sequence
from datetime import datetime

from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.policy.model import Clause
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import said
from sekisho.registers.people import queries, rules
from sekisho.registers.people.rules import StaffFacts
from sekisho.registers.policies.queries import in_force

OFFICER = "privacy_officer"
AUDITOR = "auditor"


def trained(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Everybody working here has passed the training within its period. Source: APPI 24."""
    policy, on = in_force(at), tokyo_date(at)
    staff = _humans(queries.everyone(on))
    missing = [s for s in staff if not rules.standing(s, policy.people_duties, policy.era, on).trained]
    return _proof(at, len(staff), len(missing), said("研修が期限内に済んでいない人"))


def pledged(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Everybody working here has signed the pledge, and leavers signed the one that outlives leaving. TBA 4(2)."""
    policy, on = in_force(at), tokyo_date(at)
    staff = _humans(queries.everyone(on))
    left = _humans(queries.leavers(on))
    missing = [s for s in staff if not rules.standing(s, policy.people_duties, policy.era, on).pledged]
    missing += [s for s in left if s.exit_pledged_on is None]
    return _proof(at, len(staff) + len(left), len(missing), said("秘密保持の誓約がない人"))


def policy_acknowledged(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Everybody working here has read the version in force."""
    policy, on = in_force(at), tokyo_date(at)
    staff = _humans(queries.everyone(on))
    missing = [s for s in staff if s.acknowledged_era != policy.era]
    return _proof(at, len(staff), len(missing), said("効力のある版をまだ読んでいない人"))


def officer_appointed(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Exactly one privacy officer is in office, who is not also the auditor."""
    staff = queries.everyone(tokyo_date(at))
    officers = [s for s in staff if s.role == OFFICER]
    auditors = {s.ref for s in staff if s.role == AUDITOR}
    kept = len(officers) == 1 and not auditors.intersection(s.ref for s in officers)
    return Proof(
        verdict=Verdict.KEPT if kept else Verdict.BROKEN,
        looked_at=len(staff),
        figure=said("在職 {n:,}人のうち個人情報保護管理者 {officers:,}人", n=len(staff), officers=len(officers)),
        evidence="people",
        why="" if kept else said("個人情報保護管理者は1人で、監査の担当を兼ねない人でなければなりません"),
        fresh_until=at + FRESH_FOR,
    )


def _humans(staff: Sequence[StaffFacts]) -> list[StaffFacts]:
    return [s for s in staff if s.employment != "system"]


def _proof(at: datetime, looked_at: int, missing: int, what: str) -> Proof:
    return Proof(
        verdict=Verdict.BROKEN if missing else Verdict.KEPT,
        looked_at=looked_at,
        figure=said("対象 {n:,}人、{what} {missing:,}人", n=looked_at, what=what, missing=missing),
        evidence="people",
        why=said("{what}が{missing:,}人います", what=what, missing=missing) if missing else "",
        fresh_until=at + FRESH_FOR,
    )
