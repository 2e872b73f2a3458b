"""Console: 個人情報管理台帳, with the picture of systems, flows and recipients, and the ledger as a spreadsheet."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.engine.policy.model import Text
from sekisho.registers.datamap import actions, queries, rules
from sekisho.registers.datamap.rules import KINDS, Look
from sekisho.registers.policies import queries as policies
from sekisho.web.roles import Role, require_role, roles_of

LOOKING = (Role.OFFICER, Role.DEPUTY)
READING = (*LOOKING, Role.AUDITOR)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the ledger, in the language of the page."""

    label: str
    clause: str
    is_secret: bool
    fields: str
    subjects: str
    purposes: tuple[str, ...]
    sources: tuple[str, ...]
    tables: tuple[str, ...]
    outward: tuple[str, ...]
    kept: tuple[str, ...]
    rows: str  # empty: nobody counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One system with its lines and the last look at it."""

    id: str
    label: str
    look: Look | None
    custodian: str
    users: str
    location: str
    measures: str
    is_whole: bool  # nothing of the above is missing
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """A flow of the picture in words."""

    origin: str
    to: str
    kind: str
    classes: str
    ways: str
    clauses: str
    is_secret: bool
    is_foreign: bool | None
    is_shut: bool


@require_GET
@require_role(*READING)
def datamap(request: HttpRequest) -> HttpResponse:
    """The picture, the flows in words, and the ledger system by system."""
    at = timezone.now()
    looks, parts = queries.looks(), _parts(at)
    drawn = queries.picture(at, language=language())
    labels = {part.id: part.label for part in parts} | {
        system.id: system.label for system in queries.current().systems.values()
    }
    context = {
        "parts": parts,
        "adopted_at": queries.adopted_at(),
        "lines": sum(len(part.lines) for part in parts),
        "open_lines": sum(not (part.is_whole and line.sources) for part in parts for line in part.lines),
        "never": not looks,
        "differing": [labels.get(one.system, one.system) for one in looks.values() if one.differences],
        "closed": [labels.get(one.system, one.system) for one in looks.values() if one.code],
        "looked_at": max((one.at for one in looks.values()), default=None),
        "picture": _markup(drawn.svg),
        "flows": [_flow(one, labels) for one in drawn.out],
        "made": [
            {
                "origin": labels[one.origin],
                "system": labels[one.system],
                "label": one.label,
                "is_secret": one.has_secret,
            }
            for one in drawn.made
        ],
        "may_look": bool(roles_of(request.user) & set(LOOKING)),
        "trail": [(_("データ"), ""), (_("個人情報管理台帳"), "")],
    }
    return render(request, "datamap/console/datamap.html", context)


@require_GET
@require_role(*READING)
def datamap_xlsx(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The ledger as a spreadsheet."""
    from sekisho.registers.datamap.rules.workbook import workbook

    at = timezone.now()
    data = workbook(
        queries.ledger(at), queries.looks(), title=policies.in_force(at).operator.name, at=at, language=language()
    )
    response = HttpResponse(data, content_type=XLSX)
    response["Content-Disposition"] = 'attachment; filename="sekisho-datamap.xlsx"'
    return response


@require_POST
@require_role(*LOOKING)
def datamap_look(request: HttpRequest) -> HttpResponseBase:
    """Look at every system now and count."""
    seen = actions.look(at=timezone.now(), acting_user=request.user.get_username(), is_counting=True)
    wrong = sum(one.differences for one in seen)
    said = _("%(n)sの系を確かめ、件数を数えました。データマップとの違いは%(wrong)s件です。")
    messages.info(request, said % {"n": len(seen), "wrong": wrong})
    return redirect("console:datamap")


def _parts(at: datetime) -> list[Part]:
    looks = queries.looks()
    found: dict[str, list[rules.LedgerRow]] = {}
    for row in queries.ledger(at):
        found.setdefault(row.system, []).append(row)
    return [
        Part(
            id=system,
            label=rows[0].system_label,
            look=looks.get(system),
            custodian=rows[0].custodian,
            users=_comma([*rows[0].users, *(_said(one) for one in rows[0].operated_by)]),
            location=" ".join(part for part in (rows[0].location, rows[0].country) if part),
            measures=_comma(rows[0].measures),
            is_whole=not set(rows[0].gaps) - {"source"},
            lines=tuple(_line(row, looks.get(system)) for row in rows),
        )
        for system, rows in found.items()
    ]


def _line(row: rules.LedgerRow, look: Look | None) -> Line:
    said = {key: str(value) for key, value in rules.cells(row, look, language()).items()}
    counts = [look.counts[place.name] for place in row.places if place.name in look.counts] if look else []

    def several(key: str) -> tuple[str, ...]:
        return tuple(part for part in said[key].split("\n") if part)

    return Line(
        label=said["class"],
        clause=row.clause,
        is_secret=row.is_secret,
        fields=said["fields"],
        subjects=said["subjects"],
        purposes=several("purposes"),
        sources=several("sources"),
        tables=tuple(
            f"{place.label} ({place.name})" if language() == "en" else f"{place.label}（{place.name}）"
            for place in row.places
        ),
        outward=several("outward"),
        kept=several("kept"),
        rows=f"{sum(counts):,}" if counts else "",
    )


def _flow(one: rules.Outflow, labels: Mapping[str, str]) -> Flow:
    return Flow(
        origin=labels[one.system],
        to=_said(one.recipient),
        kind=_said(KINDS[one.kind]),
        classes=_comma(_said(class_) for class_ in one.classes),
        ways=_comma(_said(way) for way in one.ways),
        clauses=_comma(one.clauses),
        is_secret=one.has_secret,
        is_foreign=one.is_foreign,
        is_shut=one.is_shut,
    )


def _comma(parts: Iterable[str]) -> str:
    return ("、" if language() == "ja" else ", ").join(parts)


def _said(text: Text) -> str:
    return text.en if language() == "en" and text.en else text.ja


def _markup(svg: str) -> SafeString:
    """The drawing as it is: everything written into it was escaped when it was drawn."""
    return mark_safe(svg)  # noqa: S308


def language() -> str:
    """The language of the page: ja or en."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("datamap/", datamap, name="datamap"),
    path("datamap/ledger.xlsx", datamap_xlsx, name="datamap_xlsx"),
    path("datamap/look/", datamap_look, name="datamap_look"),
]
