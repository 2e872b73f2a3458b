"""What the register of policies can show of its own promises: documents unchanged, norms current, desks published."""

from collections.abc import Iterable
from datetime import date, datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import Norm
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Clause, Desk, Service
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.registers.policies import queries


def version_published(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every version ever adopted still loads from its stored files and hashes to what was recorded; one is in force."""
    live = [record for record in queries.records() if record.superseded_at is None]
    changed = [record.era for record in live if _hash_now(record.era) != record.sha256]
    if changed:
        return _proof(
            at,
            Verdict.BROKEN,
            len(live),
            f"採用した版 {len(live)}のうち{len(changed)}の文書が記録と違います",
            why=f"{_listed(changed)}の文書の指紋が、採用したときの記録と合いません。",
        )
    current = queries.in_force(at)
    return _proof(
        at,
        Verdict.KEPT,
        len(live),
        f"採用した版 {len(live)}、効力があるのは第{current.version}版",
        evidence=f"sha256:{current.sha256[:16]}",
    )


def operator_named(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """The version in force names who publishes it, and where."""
    operator = queries.in_force(at).operator
    unpublished = "" if operator.representative else "、代表者は公表していません"
    if operator.address is None:
        return _proof(at, Verdict.UNPROVEN, 1, f"名称を公表{unpublished}", why="公表した文に事業者の住所がありません")
    return _proof(at, Verdict.KEPT, 1, f"名称と住所を公表{unpublished}")


def norms_current(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every norm the policy names is known to the law packs, in the edition in force today."""
    norms = queries.in_force(at).norms
    known = law().norms
    behind = []
    for norm in norms:
        current = _edition_in_force(known.get(norm.id), tokyo_date(at))
        if current != norm.edition:
            behind.append(
                f"{norm.id} {norm.edition}" + (f"（いまは{current}）" if current else "（法令集にありません）")
            )
    figure = f"規範 {len(norms)}のうち最新の版 {len(norms) - len(behind)}"
    if behind:
        return _proof(
            at, Verdict.UNPROVEN, len(norms), figure, why=f"{_listed(behind)}は、効力のある版を引いていません。"
        )
    return _proof(at, Verdict.KEPT, len(norms), figure)


def service_pages_given(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every service has its page, its desk and its joint-use notice: these clauses lean on one another."""
    services = tuple(queries.in_force(at).services.values())
    lacking = [f"{service.label.ja}の{label}" for service in services for label, value in _parts(service) if not value]
    figure = f"サービス {len(services)}、欠けているもの {len(lacking)}件"
    if lacking:
        return _proof(at, Verdict.UNPROVEN, len(services), figure, why=f"{_listed(lacking)}が公表されていません")
    return _proof(at, Verdict.KEPT, len(services), figure)


def desk_published(*, at: datetime, clause: Clause) -> Proof:
    """The desk this clause publishes stands in the version in force with a way to reach it."""
    desks = queries.in_force(at).desks
    meant = [desk for desk in desks.values() if desk.clause == clause.id] or list(desks.values())
    if not meant:
        return _proof(at, Verdict.BROKEN, 0, "窓口 0", why="効力のある版に、この条項の窓口がありません")
    lacking = [f"{desk.label.ja}の{part}" for desk in meant for part in _unreachable(desk)]
    figure = f"窓口 {len(meant)}、欠けているもの {len(lacking)}件"
    if lacking:
        return _proof(at, Verdict.UNPROVEN, len(meant), figure, why=f"{_listed(lacking)}が公表されていません")
    return _proof(at, Verdict.KEPT, len(meant), figure)


def _proof(at: datetime, verdict: Verdict, looked_at: int, figure: str, *, why: str = "", evidence: str = "") -> Proof:
    return Proof(
        verdict=verdict, looked_at=looked_at, figure=figure, evidence=evidence, why=why, fresh_until=at + FRESH_FOR
    )


def _hash_now(era: str) -> str:
    try:
        return load(queries.files(era)).sha256
    except SekishoError:  # it loaded when it was adopted: a document that no longer does was changed
        return ""


def _edition_in_force(norm: Norm | None, on: date) -> str:
    begun = [edition for edition in norm.editions.values() if edition.since <= on] if norm else []
    return max(begun, key=lambda edition: edition.since).id if begun else ""


def _listed(names: Iterable[str]) -> str:
    return "、".join(names)


def _parts(service: Service) -> tuple[tuple[str, object], ...]:
    return (("ページ", service.page), ("窓口", service.desk), ("共同利用のお知らせ", service.joint_use_notice))


def _unreachable(desk: Desk) -> tuple[str, ...]:
    if "mail" in desk.channels and desk.address is None:
        return ("住所",)
    return () if desk.address or desk.phone or desk.fax else ("連絡先",)
