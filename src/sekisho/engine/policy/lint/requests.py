"""Findings about requests of data subjects: kinds, fees, papers, agents."""

from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.finding import finding
from sekisho.engine.policy.model import IdentityEvidence, Policy


def every_kind_is_named(policy: Policy, law: Law) -> Iterator[Fault]:
    """A kind the law gives and the policy does not name. Source: APPI 32(1)3; PROMISES.md A-30, B-74."""
    for kind in law.requests.values():
        right = policy.rights.get(kind.id)
        if right is None or not right.published:
            path = f"rights.{kind.id}"
            clause = right.clause if right else ""
            yield finding(
                policy, law, "lint.request-kind-missing", path, source=kind.cites[0], clause=clause, kind=kind.ja
            )


def a_method_is_published(policy: Policy, law: Law) -> Iterator[Fault]:
    """Without a published method any reasonable form must be accepted. Source: PPC guidelines 3-8-7; LAW.md 8.14."""
    if not any(right.channels for right in policy.rights.values()):
        source = "appi_guideline.requests_without_method"
        yield finding(policy, law, "lint.no-request-method", "rights", source=source)
    if policy.identity_evidence is None:
        source = "appi_order.request_method"
        yield finding(policy, law, "lint.no-identity-evidence", "identity_evidence", source=source)


def fees_only_where_the_law_allows(policy: Policy, law: Law) -> Iterator[Fault]:
    """A fee on correction, suspension or stop of provision. Source: APPI 38(1); LAW.md 8.9."""
    for right in policy.rights.values():
        kind = law.request(right.id)
        if right.fee_yen and not kind.fee:
            yield finding(
                policy,
                law,
                "lint.fee-not-allowed",
                f"rights.{right.id}.fee_yen",
                source="appi.fee",
                clause=right.clause,
                severity=Severity.ERROR,
                kind=kind.ja,
                fee=right.fee_yen,
            )


def the_fee_can_be_paid(policy: Policy, law: Law) -> Iterator[Fault]:
    """A sum an instrument cannot make up. Source: denominations of postal money orders; LAW.md 5, 8.9."""
    seen: set[tuple[int, str]] = set()
    for right in policy.rights.values():
        for at, key in enumerate(right.instruments):
            instrument = law.instrument(key)
            if right.fee_yen and not instrument.can_make(right.fee_yen) and (right.fee_yen, key) not in seen:
                seen.add((right.fee_yen, key))
                yield finding(
                    policy,
                    law,
                    "lint.fee-not-payable",
                    f"rights.{right.id}.instruments[{at}]",
                    source="定額小為替の券種",
                    clause=right.clause,
                    fee=right.fee_yen,
                    instrument=instrument.ja,
                )


def fees_can_travel_with_the_request(policy: Policy, law: Law) -> Iterator[Fault]:
    """Stamps cannot be enclosed in a fax. Source: APPI 37(1), a reasonable method; LAW.md 8.9."""
    for right in policy.rights.values():
        enclosed = [law.instrument(key) for key in right.instruments]
        if right.fee_yen and "fax" in right.channels and enclosed and all(one.enclosed for one in enclosed):
            path = f"rights.{right.id}.channels"
            clause, source = right.clause, "appi.request_method"
            yield finding(
                policy, law, "lint.fee-by-fax", path, source=source, clause=clause, kind=law.request(right.id).ja
            )
            return  # said once: the kinds share their terms


def papers_are_alive(policy: Policy, law: Law) -> Iterator[Fault]:
    """Papers that cannot be accepted any more. Source: the law pack's dated papers; LAW.md 5, 8.10."""
    evidence = policy.identity_evidence
    if evidence is None:
        return
    seen: set[str] = set()
    for path, key in _papers(policy, evidence):
        paper = law.paper(key)
        if paper.until is not None and (law.at is None or law.at > paper.until) and key not in seen:
            seen.add(key)
            yield finding(
                policy,
                law,
                "lint.dead-paper",
                path,
                source="本人確認書類の有効期間",
                clause=evidence.clause,
                paper=paper.ja,
                until=paper.until,
            )


def _papers(policy: Policy, evidence: IdentityEvidence) -> Iterator[tuple[str, str]]:
    """Every paper with the path it is written at."""
    for place, one in enumerate(evidence.any_of):
        path = f"identity_evidence.any_of[{place}]"
        path = path if path in policy.places else "identity_evidence"
        for name, keys in (("one_of", one.one_of), ("and_all_of", one.and_all_of)):
            for at, key in enumerate(keys):
                yield f"{path}.{name}[{at}]", key


def papers_do_not_burden(policy: Policy, law: Law) -> Iterator[Fault]:
    """A second paper for everybody is a burden to weigh. Source: APPI 37(4); LAW.md 8.10, 9.18."""
    evidence = policy.identity_evidence
    if evidence is not None and all(one.and_all_of for one in evidence.any_of):
        added = dict.fromkeys(key for one in evidence.any_of for key in one.and_all_of)
        papers = "、".join(law.paper(key).ja for key in added)
        path, clause = "identity_evidence.and_all_of", evidence.clause
        yield finding(
            policy, law, "lint.paper-burden", path, source="appi.request_burden", clause=clause, papers=papers
        )


def statutory_agents_are_served(policy: Policy, law: Law) -> Iterator[Fault]:
    """A mandate cannot be asked of a minor's parent or a guardian. Source: APPI order 13; LAW.md 5, 8.10."""
    evidence = policy.identity_evidence
    if evidence is not None and not any(law.paper(key).statutory for key in evidence.agent_papers):
        path, clause = "identity_evidence.agent_papers", evidence.clause
        yield finding(policy, law, "lint.statutory-agents", path, source="appi_order.agents", clause=clause)


REQUEST_RULES = (
    every_kind_is_named,
    a_method_is_published,
    fees_only_where_the_law_allows,
    the_fee_can_be_paid,
    fees_can_travel_with_the_request,
    papers_are_alive,
    papers_do_not_burden,
    statutory_agents_are_served,
)
