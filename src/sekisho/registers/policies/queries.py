"""Which policy holds, which held before, and the rule table compiled from them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from sekisho.engine.gate.compile import compile_table
from sekisho.engine.gate.table import Table
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load
from sekisho.engine.policy.model import Policy
from sekisho.evidence.reading import Arm, Row, text
from sekisho.registers.policies import rules
from sekisho.registers.policies.models import PolicyVersion


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRecord:
    """A version as the register holds it: what a list of versions shows."""

    era: str
    version: str
    revision: int
    sha256: str
    effective_on: object
    is_assumed: bool
    adopted_at: datetime
    superseded_at: datetime | None


def in_force(at: datetime) -> Policy:
    """The policy in force at `at`.

    Raises: policies.none-in-force.
    """
    return rules.in_force(history(), tokyo_date(at))


def history() -> tuple[Policy, ...]:
    """All versions, each in its live revision, oldest first."""
    rows = PolicyVersion.objects.filter(superseded_at=None).order_by("effective_on", "id").values_list("id", "sha256")
    known = list(rows)
    with _Compiled.reading:
        return tuple(_loaded(row, sha256) for row, sha256 in known)


MOST_LOADED = 32
VERSIONS = Arm(
    name="versions",
    table="policies_policyversion",
    columns=("id", "sha256", "effective_on"),
    where="superseded_at IS NULL",
)


def history_in(rows: Iterable[Row]) -> tuple[Policy, ...]:
    """`history` from rows of `VERSIONS`: each document is parsed once, and found by its hash."""
    ordered = sorted((text(effective_on), int(row or 0), text(sha256)) for row, sha256, effective_on, *_ in rows)
    with _Compiled.reading:
        return tuple(_loaded(row, sha256) for _, row, sha256 in ordered)


def in_force_from(versions: tuple[Policy, ...], at: datetime) -> Policy:
    """The one of these versions in force at `at`. Raises: policies.none-in-force."""
    return rules.in_force(versions, tokyo_date(at))


def table_of(versions: tuple[Policy, ...]) -> Table:
    """The rule table over versions already read."""
    return _compiled(versions)


def by_era(era: str) -> Policy | None:
    """The live revision of one version, by its era (`policy@version`)."""
    return next((policy for policy in history() if policy.era == era), None)


def records() -> tuple[VersionRecord, ...]:
    """Every revision ever adopted, newest first."""
    return tuple(
        VersionRecord(
            era=f"{row.policy_id}@{row.version}",
            version=row.version,
            revision=row.revision,
            sha256=row.sha256,
            effective_on=row.effective_on,
            is_assumed=row.is_assumed,
            adopted_at=row.adopted_at,
            superseded_at=row.superseded_at,
        )
        for row in PolicyVersion.objects.order_by("-effective_on", "-revision")
    )


def files(era: str) -> Mapping[str, str]:
    """The documents of a version's live revision: relative path -> text."""
    policy_id, version = era.split("@", 1)
    row = PolicyVersion.objects.get(policy_id=policy_id, version=version, superseded_at=None)
    documents: Mapping[str, str] = row.files
    return documents


def table() -> Table:
    """The rule table over all versions. Compiled once per set of documents."""
    return _compiled(history())


def _loaded(row: int, sha256: str) -> Policy:
    """The policy of a row, parsed once for each set of documents: a corrected row has another hash."""
    kept = _Compiled.loaded
    if sha256 not in kept:
        if len(kept) >= MOST_LOADED:
            kept.clear()
        kept[sha256] = load(PolicyVersion.objects.get(pk=row).files)
    return kept[sha256]


class _Compiled:
    """The last compiled table; policies hold mappings and so can't be keys, their hashes can."""

    loaded: dict[str, Policy] = {}
    key: tuple[str, ...] = ()
    table: Table | None = None
    turn = Lock()  # many ask at once after a change: one compiles, and one reads
    reading = Lock()


def _after_fork() -> None:
    _Compiled.turn, _Compiled.reading = Lock(), Lock()


os.register_at_fork(after_in_child=_after_fork)


def _compiled(policies: tuple[Policy, ...]) -> Table:
    key = tuple(policy.sha256 for policy in policies)
    with _Compiled.turn:
        if _Compiled.table is None or _Compiled.key != key:
            _Compiled.key, _Compiled.table = key, compile_table(policies, law())
        return _Compiled.table
