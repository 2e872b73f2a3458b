"""What differs between two versions of a policy, named by clause: the thin start of `plan`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum

from sekisho.engine.errors import Place
from sekisho.engine.policy.model import Policy, Text


class How(StrEnum):
    """What happened to a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One part that differs. `before`/`after` hold the values that changed, by name; empty for added and removed."""

    how: How
    part: str  # purposes, uses, prohibitions, classes, ways_out, retention, rights, clauses, …
    key: str
    clause: str  # in the new version, or the old for what was removed
    before: Mapping[str, str]
    after: Mapping[str, str]

    def as_json(self) -> dict[str, object]:
        """The shape `policy diff --json` prints."""
        return {
            "how": self.how.value,
            "part": self.part,
            "key": self.key,
            "clause": self.clause,
            "before": dict(self.before),
            "after": dict(self.after),
        }


def diff(old: Policy, new: Policy) -> tuple[Change, ...]:
    """Every difference, part by part; nothing for a policy and itself."""
    before, after = dict(_parts(old)), dict(_parts(new))
    return tuple(change for part in after for change in _compare(part, before[part], after[part]))


def _parts(policy: Policy) -> Iterator[tuple[str, Mapping[str, object]]]:
    yield "policy", {"policy": _Head(policy)}
    yield "norms", {norm.id: norm for norm in policy.norms}
    for part in ("subjects", "classes", "purposes", "recipients", "ways_out", "rights", "services", "desks", "clauses"):
        yield part, getattr(policy, part)
    for part in ("actions", "attributes", "resources"):
        yield part, getattr(policy, part)
    yield "permissions", _keyed((f"{', '.join(row.actions)} on {', '.join(row.on)}", row) for row in policy.permissions)
    yield "uses", _keyed((f"{use.purpose}: {', '.join(use.items)} of {', '.join(use.of)}", use) for use in policy.uses)
    yield (
        "prohibitions",
        _keyed((f"{rule.purpose}: {', '.join(rule.items)}", rule) for rule in policy.prohibitions),
    )
    yield (
        "retention",
        _keyed((f"{', '.join(row.items)} of {', '.join(row.of)} after {row.after}", row) for row in policy.retention),
    )
    for part in ("exceptions", "retention_grounds", "cookies", "people_duties", "entrustment_criteria", "review"):
        yield part, {row.id: row for row in getattr(policy, part)}


@dataclass(frozen=True, slots=True)
class _Head:
    """The policy's own facts, so that they compare like any part."""

    policy: Policy

    @property
    def values(self) -> Mapping[str, str]:
        """What is compared."""
        policy = self.policy
        return {
            "version": policy.version,
            "effective_on": str(policy.effective_on),
            "use_basis": policy.use_basis.value,
            "entrustment_needs_consent": str(policy.entrustment_needs_consent),
            "operator": _said(policy.operator),
        }


def _keyed(rows: Iterator[tuple[str, object]]) -> Mapping[str, object]:
    """Rows without an id by what they say; a second of the same key gets a number."""
    keyed: dict[str, object] = {}
    for key, row in rows:
        number = 2
        unique = key
        while unique in keyed:
            unique, number = f"{key} ({number})", number + 1
        keyed[unique] = row
    return keyed


def _compare(part: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Change]:
    for key, row in new.items():
        if key not in old:
            yield Change(how=How.ADDED, part=part, key=key, clause=_clause(row), before={}, after={})
        else:
            before, after = _values(old[key]), _values(row)
            changed = [name for name in after if before[name] != after[name]]
            if changed:
                yield Change(
                    how=How.CHANGED,
                    part=part,
                    key=key,
                    clause=_clause(row),
                    before={name: before[name] for name in changed},
                    after={name: after[name] for name in changed},
                )
    for key, row in old.items():
        if key not in new:
            yield Change(how=How.REMOVED, part=part, key=key, clause=_clause(row), before={}, after={})


def _clause(row: object) -> str:
    return str(getattr(row, "clause", "") or (getattr(row, "id", "") if hasattr(row, "says") else ""))


def _values(row: object) -> Mapping[str, str]:
    if isinstance(row, _Head):
        return row.values
    names = [field.name for field in fields(row)] if is_dataclass(row) else []
    return {name: _said(getattr(row, name)) for name in names if name != "place"}


def _said(value: object) -> str:
    match value:
        case None:
            return "unknown"
        case Text(ja=ja, en=en):
            return f"{ja} / {en}" if en else ja
        case Place():
            return ""
        case tuple():
            return ", ".join(map(_said, value))
        case Mapping():
            return ", ".join(f"{key}: {_said(inner)}" for key, inner in value.items())
    if is_dataclass(value):
        inner = {field.name: getattr(value, field.name) for field in fields(value) if field.name != "place"}
        return "{" + _said(inner) + "}"
    return str(value)
