"""Checks of the published text: every clause there once and in order, headed, said, and its placeholders fillable."""

from sekisho.engine.errors import Severity
from sekisho.engine.law.pack import Law
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.placeholders import NotThere, found_in, has_stray_brace, value_of
from sekisho.engine.policy.reader import Reading, nearest


def no_clause_is_lost(policy: Policy, law: Law, reading: Reading) -> None:
    """Every number from 1 to the count is a clause, and no other is."""
    del law
    if not policy.clause_count or not policy.clauses:
        return
    expected = [f"{policy.clause_prefix}-{number:02d}" for number in range(1, policy.clause_count + 1)]
    for lost in expected:
        if lost not in policy.clauses:
            reading.fault("policy.lost-clause", reading.place("promises"), clause=lost, lost=lost)
    allowed = set(expected)
    for clause in policy.clauses.values():
        if clause.id not in allowed:
            near = nearest(clause.id, expected)
            first, last = expected[0], expected[-1]
            reading.fault("policy.foreign-clause", clause.place, found=clause.id, near=near, first=first, last=last)


def clauses_stand_in_order(policy: Policy, law: Law, reading: Reading) -> None:
    """The page carries the clauses in the order written: out of order is worth knowing."""
    del law
    before = -1
    for clause in policy.clauses.values():
        number = int(clause.id.rpartition("-")[2]) if clause.id.rpartition("-")[2].isdigit() else before
        if number < before:
            reading.fault("policy.clause-out-of-order", clause.place, severity=Severity.WARNING, clause=clause.id)
        before = max(before, number)


def first_clause_has_a_heading(policy: Policy, law: Law, reading: Reading) -> None:
    """A page without a first heading has no section to stand in."""
    del law
    first = next(iter(policy.clauses.values()), None)
    if first is not None and not first.heading:
        reading.fault("policy.no-heading", first.place, clause=first.id)


def every_clause_is_said(policy: Policy, law: Law, reading: Reading) -> None:
    """A clause without a sentence promises nothing; without English, the English page falls back to Japanese."""
    del law
    for clause in policy.clauses.values():
        if not clause.says.ja.strip():
            reading.fault("policy.no-sentence", clause.place, clause=clause.id)
        elif not clause.says.en:
            reading.fault("policy.no-english", clause.place, severity=Severity.NOTE, clause=clause.id)


def placeholders_can_be_filled(policy: Policy, law: Law, reading: Reading) -> None:
    """Every {path} leads to a value; one that leads to nothing published is worth knowing."""
    del law
    for clause in policy.clauses.values():
        plain = clause.plain.ja if clause.plain else ""
        for text in (clause.says.ja, clause.says.en, plain, clause.heading):
            place = reading.place(f"promises.{clause.id}.says")
            if has_stray_brace(text):
                reading.fault("policy.bad-placeholder", place, clause=clause.id)
            for path, _ in found_in(text):
                try:
                    value = value_of(path, policy)
                except NotThere:
                    near = nearest(path.partition(".")[0], policy.__slots__)
                    reading.fault("policy.unknown-placeholder", place, clause=clause.id, found=path, near=near)
                else:
                    if value is None:
                        warn = Severity.WARNING
                        reading.fault("policy.unpublished", place, severity=warn, clause=clause.id, found=path)


CLAUSE_CHECKS = (
    no_clause_is_lost,
    clauses_stand_in_order,
    first_clause_has_a_heading,
    every_clause_is_said,
    placeholders_can_be_filled,
)
