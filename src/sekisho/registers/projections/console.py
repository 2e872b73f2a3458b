"""Console: SQL under a purpose. The purpose comes first; what may be seen follows from it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

import pyarrow as pa
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sekisho.engine.catalog.model import Table
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.query_schema import QueryRefused
from sekisho.engine.gate.query_views import view_columns
from sekisho.engine.policy.model import Text
from sekisho.registers.projections import actions, queries, rules
from sekisho.registers.projections.actions import Asked
from sekisho.registers.projections.queries import Seen
from sekisho.web.roles import Role, require_role

ASKING = (Role.ANALYST, Role.OFFICER, Role.DEPUTY, Role.AUDITOR)
FIRST = "analysis"
MOST_SHOWN = 200
MARK = "\ufeff"  # so that a spreadsheet reads Japanese as such
BEING_BUILT = "projections.being-built"
WAITED, MOST_WAITED = r"copy-[0-9a-f]{12}", 16
CHANNELS = ("", "mail", "sms", "phone", "post")


class QueryForm(forms.Form):
    """A purpose, a query, and a channel where the purpose solicits."""

    purpose = forms.ChoiceField(label=gettext_lazy("照会の目的"))
    channel = forms.ChoiceField(
        label=gettext_lazy("連絡の方法"), required=False, choices=[(one, one or "―") for one in CHANNELS]
    )
    query = forms.CharField(
        label=gettext_lazy("照会"),
        strip=True,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "lang": "en"}),
    )

    def __init__(self, *args: object, purposes: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["purpose"].choices = purposes  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A column of the schema: how it is shown, or that it is not."""

    name: str
    note: str
    is_shown: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A table of the schema."""

    name: str
    label: str
    lines: tuple[Line, ...]
    is_shown: bool


@require_http_methods(["GET", "POST"])
@require_role(*ASKING)
def sql(request: HttpRequest) -> HttpResponse:
    """The page: purpose, query, what may be seen, the answer or why not."""
    at = timezone.now()
    form, seen = _form(request, at)
    answer = refused = building = None
    if request.method == "POST" and "look" not in request.POST and form.is_valid():
        try:
            answer = actions.run(_asked(request, form, at))
        except SekishoError as error:
            building = error.values if error.code == BEING_BUILT else None
            refused = None if building else error
    context = {
        "form": form,
        "seen": seen,
        "purpose": _label(seen.policy.purposes[seen.purpose].label),
        "most_shown": MOST_SHOWN,
        "parts": [part for part in _parts(seen) if part.is_shown],
        "closed": [part for part in _parts(seen) if not part.is_shown],
        "answer": answer,
        "rows": list(_rows(answer.rows)) if answer else [],
        "columns": list(zip(answer.rows.column_names, _numeric(answer.rows), strict=True)) if answer else [],
        "refused": _told(refused) if refused else None,
        "building": building,
        "job": queries.job_of(building["request"]) if building else None,
        "waited": [*_waited(request), building["request"]] if building else _waited(request),
        "copies": queries.copies(at),
        "lives": round(rules.LIVES.total_seconds() / 3600),
        "trail": [(_("利用"), ""), (_("目的つき照会"), "")],
    }
    status = 422 if refused else 202 if building else 200
    return render(request, "projections/console/sql.html", context, status=status)


def _waited(request: HttpRequest) -> list[str]:
    """Requests of copies this page has waited for; they are believed only where everything else is the same."""
    return [one for one in request.POST.getlist("waited") if re.fullmatch(WAITED, one)][-MOST_WAITED:]


@require_POST
@require_role(*ASKING)
def sql_csv(request: HttpRequest) -> HttpResponseBase:
    """The same answer as CSV, in which no cell is a formula."""
    at = timezone.now()
    form, _seen = _form(request, at)
    if not form.is_valid():
        return sql(request)
    try:
        answer = actions.run(_asked(request, form, at))
    except SekishoError:
        return sql(request)
    response = HttpResponse(MARK + rules.csv_text(answer.rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="sekisho-{answer.ref[:8]}.csv"'
    return response


def _form(request: HttpRequest, at: datetime) -> tuple[QueryForm, Seen]:
    chosen = request.POST.get("purpose") or request.GET.get("purpose") or FIRST
    seen = queries.seen_by(chosen, at=at)
    used = {use.purpose for use in seen.policy.uses}
    purposes = {one.id: _label(one.label) for one in seen.policy.purposes.values() if one.id in used}
    if chosen not in purposes:
        chosen = next(iter(purposes))
        seen = queries.seen_by(chosen, at=at)
    listed = [(id_, f"{seen.policy.purposes[id_].clause}　{label}") for id_, label in purposes.items()]
    if request.method == "POST":
        return QueryForm(request.POST, purposes=listed), seen
    return QueryForm(initial={"purpose": chosen, "query": _example(seen)}, purposes=listed), seen


def _asked(request: HttpRequest, form: QueryForm, at: datetime) -> Asked:
    given = form.cleaned_data
    return Asked(
        query=given["query"],
        purpose=given["purpose"],
        actor=request.user.get_username(),
        at=at,
        channel=given["channel"] or None,
        waited=tuple(_waited(request)),
    )


def _example(seen: Seen) -> str:
    """A query that this purpose may run: the first table with something to count by."""
    for table in seen.schema.tables.values():
        personal = [column.name for column in table.columns.values() if column.item and column.shown]
        if personal and table.is_shown:
            return (
                f"SELECT {personal[0]}, count(*) AS n\nFROM {table.full_name}\nGROUP BY {personal[0]}\nORDER BY n DESC"
            )
    return ""


def _parts(seen: Seen) -> Iterator[Part]:
    known = rules.references(seen.datamap)
    for system in seen.datamap.systems.values():
        for table in system.tables.values():
            shown = seen.schema.tables.get(f"{system.id}.{table.name}".lower())
            if shown is None:
                continue
            yield Part(
                name=shown.full_name,
                label=table.label,
                is_shown=shown.is_shown,
                lines=tuple(
                    Line(
                        name=column.name,
                        note=_note(seen, table, column.name, known) if column.shown else _hidden(column.clause),
                        is_shown=column.shown,
                    )
                    for column in shown.columns.values()
                ),
            )
        for view in system.views.values():
            if (part := _view(seen, system.id, view)) is not None:
                yield part


def _view(seen: Seen, system: str, view: Table) -> Part | None:
    """A view with its columns, unless nobody can tell what it stands for."""
    known = seen.schema.views[f"{system}.{view.name}".lower()]
    try:
        columns = view_columns(known, seen.schema)
    except QueryRefused:
        return None
    return Part(
        name=known.full_name,
        label=view.label,
        is_shown=None in columns.values(),
        lines=tuple(
            Line(name=name, note=_hidden(why.clause) if why else _("ビューの列"), is_shown=why is None)
            for name, why in columns.items()
        ),
    )


def _note(seen: Seen, table: Table, name: str, known: rules.References) -> str:
    column = table.columns[name]
    if not column.items:
        return _("目的ごとの仮の番号") if rules.stands_for(table, name, known) else _("そのまま")
    how = seen.coarsened(column.item, table.subject)
    return {
        "year": _("年だけ"),
        "postal3": _("上3けただけ"),
        "mask4": _("下4けただけ"),
        "mask_last4": _("下4けたを伏せる"),
    }.get(how or "", _("そのまま"))


def _hidden(clause: str) -> str:
    return _("見えません %(clause)s") % {"clause": clause}


def _told(error: SekishoError) -> dict[str, str]:
    return {
        "code": error.code,
        "message": error.message(language()),
        "remedy": error.remedy(language()),
        "column": getattr(error, "column", ""),
        "clause": getattr(error, "clause", "") or error.values.get("clause", ""),
    }


def _rows(rows: pa.Table) -> Iterator[list[tuple[str, str, bool]]]:
    """The first rows: label, value as told, whether it is a number."""
    numeric = _numeric(rows)
    names = rows.column_names
    for row in zip(*(column.to_pylist() for column in rows.slice(0, MOST_SHOWN).columns), strict=True):
        yield [(name, _cell(value), number) for name, value, number in zip(names, row, numeric, strict=True)]


def _numeric(rows: pa.Table) -> list[bool]:
    return [
        pa.types.is_integer(f.type) or pa.types.is_floating(f.type) or pa.types.is_decimal(f.type) for f in rows.schema
    ]


def _cell(value: object) -> str:
    if value is None:
        return "―"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "✓" if value else "―"
    if isinstance(value, float):
        return f"{value:,.2f}"
    return str(value)


def _label(label: Text) -> str:
    return label.en or label.ja if language() == "en" else label.ja


def language() -> str:
    """The language of the page: ja or en."""
    return "en" if (get_language() or "ja").startswith("en") else "ja"


urlpatterns = [
    path("sql/", sql, name="sql"),
    path("sql/csv/", sql_csv, name="sql_csv"),
]
