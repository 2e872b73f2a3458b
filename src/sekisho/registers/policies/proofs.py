"""What the register of policies can show of its own promises: documents unchanged, norms current, desks published."""

from datetime import date, datetime

from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import Norm
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Clause, Desk, Service
from sekisho.evidence.proof import FRESH_FOR, Proof, Verdict
from sekisho.evidence.saying import Said, said
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
            said("採用した版 {n}のうち{changed}の文書が記録と違います", n=len(live), changed=len(changed)),
            why=said("{eras}の文書の指紋が、採用したときの記録と合いません", eras=changed),
        )
    current = queries.in_force(at)
    return _proof(
        at,
        Verdict.KEPT,
        len(live),
        said("採用した版 {n}、効力があるのは第{version}版", n=len(live), version=current.version),
        evidence=f"sha256:{current.sha256[:16]}",
    )


def operator_named(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """The version in force names who publishes it, and where."""
    operator = queries.in_force(at).operator
    unpublished = "" if operator.representative else said("、代表者は公表していません")
    if operator.address is None:
        return _proof(
            at, Verdict.UNPROVEN, 1, said("名称を公表{unpublished}", unpublished=unpublished),
            why=said("公表した文に事業者の住所がありません"),
        )  # fmt: skip
    return _proof(at, Verdict.KEPT, 1, said("名称と住所を公表{unpublished}", unpublished=unpublished))


def norms_current(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every norm the policy names is known to the law packs, in the edition in force today."""
    norms = queries.in_force(at).norms
    known = law().norms
    behind = []
    for norm in norms:
        current = _edition_in_force(known.get(norm.id), tokyo_date(at))
        if current != norm.edition:
            cited = f"{norm.id} {norm.edition}"
            behind.append(
                said("{cited}（いまは{current}）", cited=cited, current=current)
                if current
                else said("{cited}（法令集にありません）", cited=cited)
            )
    figure = said("規範 {n}のうち最新の版 {current}", n=len(norms), current=len(norms) - len(behind))
    if behind:
        why = said("{norms}は、効力のある版を引いていません", norms=behind)
        return _proof(at, Verdict.UNPROVEN, len(norms), figure, why=why)
    return _proof(at, Verdict.KEPT, len(norms), figure)


def service_pages_given(*, at: datetime, clause: Clause) -> Proof:  # noqa: ARG001
    """Every service has its page, its desk and its joint-use notice: these clauses lean on one another."""
    services = tuple(queries.in_force(at).services.values())
    lacking = [
        said("{whose}の{part}", whose=service.label, part=part)
        for service in services
        for part, value in _parts(service)
        if not value
    ]
    figure = said("サービス {n}、欠けているもの {lacking}件", n=len(services), lacking=len(lacking))
    if lacking:
        return _proof(at, Verdict.UNPROVEN, len(services), figure, why=said("{what}が公表されていません", what=lacking))
    return _proof(at, Verdict.KEPT, len(services), figure)


def desk_published(*, at: datetime, clause: Clause) -> Proof:
    """The desk this clause publishes stands in the version in force with a way to reach it."""
    desks = queries.in_force(at).desks
    meant = [desk for desk in desks.values() if desk.clause == clause.id] or list(desks.values())
    if not meant:
        return _proof(at, Verdict.BROKEN, 0, said("窓口 0"), why=said("効力のある版に、この条項の窓口がありません"))
    lacking = [said("{whose}の{part}", whose=desk.label, part=part) for desk in meant for part in _unreachable(desk)]
    figure = said("窓口 {n}、欠けているもの {lacking}件", n=len(meant), lacking=len(lacking))
    if lacking:
        return _proof(at, Verdict.UNPROVEN, len(meant), figure, why=said("{what}が公表されていません", what=lacking))
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


def _parts(service: Service) -> tuple[tuple[Said, object], ...]:
    return (
        (said("ページ"), service.page),
        (said("窓口"), service.desk),
        (said("共同利用のお知らせ"), service.joint_use_notice),
    )


def _unreachable(desk: Desk) -> tuple[Said, ...]:
    if "mail" in desk.channels and desk.address is None:
        return (said("住所"),)
    return () if desk.address or desk.phone or desk.fax else (said("連絡先"),)
