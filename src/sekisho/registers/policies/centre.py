"""Public pages about versions of the policy, and the difference between two."""

from dataclasses import dataclass
from datetime import date, timedelta
from difflib import SequenceMatcher

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Policy
from sekisho.engine.policy.render import RenderedClause, Section
from sekisho.engine.policy.render import render as rendered
from sekisho.registers.policies import queries


@dataclass(frozen=True, slots=True)
class Version:
    """A version with the days it was in force; `until` None = it still is, or has not begun.

    `revisions` are the documents that stood for it, newest first: a demo may edit a version in place, and an answer names
    the fingerprint of the one that gave it.
    """

    policy: Policy
    until: date | None
    before: Policy | None
    revisions: tuple[queries.VersionRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One clause in two versions: added, removed or reworded; `parts` are (same | removed | added, text)."""

    kind: str
    clause: str
    parts: tuple[tuple[str, str], ...]


@require_GET
def versions(request: HttpRequest) -> HttpResponse:
    """Every version, newest first."""
    return render(request, "policies/centre/versions.html", {"versions": _versions()})


@require_GET
def version(request: HttpRequest, number: str) -> HttpResponse:
    """One version as it was published."""
    found = _version(number)
    in_force = queries.in_force(timezone.now())
    return render(
        request,
        "policies/centre/version.html",
        {
            "version": found,
            "policy": found.policy,
            "sections": _sections(found.policy),
            "is_current": in_force.era == found.policy.era,
        },
    )


@require_GET
def difference(request: HttpRequest, number: str) -> HttpResponse:
    """What a version changed against the one before it."""
    found = _version(number)
    if found.before is None:
        raise Http404
    changes = changes_between(_sections(found.before), _sections(found.policy))
    return render(request, "policies/centre/difference.html", {"version": found, "changes": changes})


def changes_between(old: tuple[Section, ...], new: tuple[Section, ...]) -> tuple[Change, ...]:
    """Clauses that differ, in the order of the new text, then what was dropped."""
    before, after = ({c.id: _full(c) for section in side for c in section.clauses} for side in (old, new))
    changed = []
    for clause, text in after.items():
        if clause not in before:
            changed.append(Change("added", clause, (("added", text),)))
        elif before[clause] != text:
            changed.append(Change("changed", clause, _parts(before[clause], text)))
    dropped = (
        Change("removed", clause, (("removed", text),)) for clause, text in before.items() if clause not in after
    )
    return (*changed, *dropped)


def _parts(old: str, new: str) -> tuple[tuple[str, str], ...]:
    parts = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", old[a:b]))
            continue
        parts.extend((kind, text) for kind, text in (("removed", old[a:b]), ("added", new[c:d])) if text)
    return tuple(parts)


def _full(clause: RenderedClause) -> str:
    return "".join((clause.sentence, *clause.details))


def _versions() -> list[Version]:
    history, records = queries.history(), queries.records()
    found = []
    for index, policy in enumerate(history):
        following = history[index + 1].in_force_from if index + 1 < len(history) else None
        until = following - timedelta(days=1) if following else None
        revisions = tuple(record for record in records if record.era == policy.era)
        found.append(Version(policy, until, history[index - 1] if index else None, revisions))
    return found[::-1]


def _version(number: str) -> Version:
    found = next((version for version in _versions() if version.policy.version == number), None)
    if found is None:
        raise Http404
    return found


def _sections(policy: Policy) -> tuple[Section, ...]:
    return rendered(policy, law(), _language())


def _language() -> str:
    return "en" if (get_language() or "ja").startswith("en") else "ja"


def _said(text: object) -> str:
    if text is None:
        return ""
    return str(getattr(text, _language(), "") or getattr(text, "ja", ""))


urlpatterns = [
    path("versions/", versions, name="versions"),
    path("versions/<str:number>/", version, name="version"),
    path("versions/<str:number>/difference/", difference, name="difference"),
]
