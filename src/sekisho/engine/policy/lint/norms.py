"""Findings about the norms a policy follows, and where it is stricter or narrower than they are."""

from collections.abc import Iterator

from sekisho.engine.errors import Fault, Severity
from sekisho.engine.law.model import Edition, Norm
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.lint.citing import cited
from sekisho.engine.policy.lint.finding import finding, wording
from sekisho.engine.policy.model import Policy, UseBasis


def editions_are_current(policy: Policy, law: Law) -> Iterator[Fault]:
    """An edition no longer in force: its numbers name other topics today. Source: LAW.md 8.1 and 2.1."""
    for at, norm in enumerate(policy.norms):
        known = law.norms[norm.id]
        newest = max(known.editions.values(), key=lambda edition: edition.since)
        if norm.edition != newest.id and not _in_force(known.editions[norm.edition], law):
            yield finding(
                policy,
                law,
                "lint.edition-superseded",
                f"norms[{at}].edition",
                source=known.short_ja,
                clause=norm.clause,
                edition=known.editions[norm.edition].label_ja,
                newest=newest.label_ja,
            )


def cited_numbers_name_the_same_topic(policy: Policy, law: Law) -> Iterator[Fault]:
    """A number written in a sentence that means another topic in the newest edition. Source: LAW.md 8.1 and 2.1."""
    for norm in policy.norms:
        known = law.norms[norm.id]
        newest = max(known.editions.values(), key=lambda edition: edition.since).id
        called = wording()["citations"].get(norm.id)
        if norm.edition == newest or not called:
            continue
        for clause in policy.clauses.values():
            for article, paragraph in dict.fromkeys(cited(called, clause.says.ja)):
                entry = _entry(known, norm.edition, article, paragraph)
                if not entry or known.places.get((entry, newest), "").startswith(f"{article}("):
                    continue
                today = _entry(known, newest, article, "")
                yield finding(
                    policy,
                    law,
                    "lint.number-moved",
                    f"promises.{clause.id}.says",
                    source=f"{norm.id}.{entry}",
                    clause=clause.id,
                    found=f"{called}第{article}条" + (f"第{paragraph}項" if paragraph else ""),
                    topic=known.topics[entry],
                    new=law.cite(f"{norm.id}.{entry}", newest).text() if (entry, newest) in known.places else "—",
                    today=known.topics[today] if today else "—",
                )


def exceptions_not_promised(policy: Policy, law: Law) -> Iterator[Fault]:
    """The policy binds itself to fewer exceptions than the law knows: the rest are refused. Source: LAW.md 8.7."""
    rows = [
        ("exceptions", law.exceptions, policy.exceptions, "appi.purpose_limit_exceptions"),
        ("retention_grounds", law.retention_grounds, policy.retention_grounds, "telecom_guideline.retention"),
    ]
    for section, known, promised, source in rows:
        missing = [key for key in known if key not in {row.id for row in promised}]
        if missing:
            note = Severity.NOTE
            names = "、".join(missing)
            yield finding(
                policy, law, "lint.exceptions-not-promised", section, source=source, severity=note, names=names
            )


def stricter_than_the_law(policy: Policy, law: Law) -> Iterator[Fault]:
    """A stricter promise binds and is enforced. Source: LAW.md 8.5, 8.8."""
    note = Severity.NOTE
    if policy.use_basis is UseBasis.CONSENTED_PURPOSE:
        clause, source = policy.use_basis_clause, "appi.purpose_limit"
        yield finding(
            policy, law, "lint.stricter-use-basis", "use_basis.basis", source=source, clause=clause, severity=note
        )
    if policy.entrustment_needs_consent:
        path = "entrustment.needs_consent"
        yield finding(policy, law, "lint.stricter-entrustment", path, source="appi.entrustment", severity=note)
    for right in policy.rights.values():
        if right.broader_than_law:
            kind = law.request(right.id)
            yield finding(
                policy,
                law,
                "lint.broader-right",
                f"rights.{right.id}.broader_than_law",
                source=kind.cites[-1],
                clause=right.clause,
                severity=note,
                kind=kind.ja,
            )


def _entry(norm: Norm, edition: str, article: str, paragraph: str) -> str:
    """The entry standing at a place of an edition; by article alone where no entry has the paragraph. "" if none."""
    places = {entry: place.split()[0] for (entry, known), place in norm.places.items() if known == edition}
    exact = next((entry for entry, place in places.items() if paragraph and place == f"{article}({paragraph})"), "")
    return exact or next((entry for entry, place in places.items() if place.partition("(")[0] == article), "")


def _in_force(edition: Edition, law: Law) -> bool:
    return edition.until is None or (law.at is not None and law.at <= edition.until)


NORM_RULES = (
    editions_are_current,
    cited_numbers_name_the_same_topic,
    exceptions_not_promised,
    stricter_than_the_law,
)
