"""Free text in which a value that was put right still stands: one after the other, to be put right or kept with a reason."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.gathering_cells import AROUND, Piece
from sekisho.casework.subject_requests.console.wording import kind_name, language
from sekisho.casework.subject_requests.queries.texts import Cell, decisions_of
from sekisho.casework.subject_requests.rules.answering import EffectKind
from sekisho.casework.subject_requests.rules.effects import effects
from sekisho.engine.errors import SekishoError
from sekisho.registers.datamap import queries as datamap
from sekisho.web.roles import require_role

PAGE = "page"  # column of a document
BY_HAND = "requests.texts-by-hand"
GONE = ("requests.unknown-text", "requests.text-decided")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    """One cell as the page shows it. `rights`: what would stand there."""

    answer: str
    cell: Cell
    where: str
    spot: str
    pieces: tuple[Piece, ...]
    rights: tuple[str, ...]
    by_hand: bool
    code: str


@require_GET
@require_role(*DESK)
def texts(request: HttpRequest, reference: str) -> HttpResponse:
    """The texts of a case that wait. It shows values, so every look is recorded."""
    at, account, found = timezone.now(), account_of(request), queries.case(reference)
    lines, away = list[TextLine](), list[tuple[str, str]]()
    for one in queries.answers_of(reference):
        cells, failed = actions.open_texts(answer_ref=one.ref, account=account, at=at)
        lines += [_line(one.ref, cell) for cell in cells]
        away += [(_place(target), code) for target, code in failed]
    context = {
        "case": found,
        "kind": kind_name(found.kind),
        "lines": [one for one in lines if not one.by_hand],
        "by_hand": [one for one in lines if one.by_hand],
        "away": away,
        "reasons": [(key, words[language()]) for key, words in effects()["texts"]["keeping"].items()],
        "trail": [
            (_("窓口"), ""),
            (reference, reverse("console:case", args=[reference])),
            (_("訂正・手数料・実行・苦情"), reverse("console:case_after", args=[reference])),
            (_("文の中の訂正"), ""),
        ],
    }
    response = render(request, "subject_requests/console/texts.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@require_role(*DESK)
def decide(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """Put one text right, or keep it with a reason; then to the next."""
    at, account, correct = timezone.now(), account_of(request), request.POST.get("decision") == "correct"
    try:
        actions.decide_text(
            answer_ref=ref,
            target=request.POST.get("target", ""),
            mark=request.POST.get("mark", ""),
            correct=correct,
            reason=request.POST.get("reason", ""),
            at=at,
            acting_user=account,
        )
    except SekishoError as fault:
        if fault.code not in GONE:
            raise
        messages.warning(
            request, _("この文は、ほかの方が先に決めたか、書きかえられています。いまの様子を出しています。")
        )
        return redirect("console:case_texts", reference)
    actions.bring_about(answer_ref=ref, at=at, acting_user=account, only=EffectKind.TEXTS)
    messages.success(request, _("書き込みました。") if correct else _("残すことを記録しました。"))
    return redirect("console:case_texts", reference)


@require_POST
@require_role(*DESK)
def reread(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Somebody put texts right by hand: they are read again, and what is gone is done."""
    at, account = timezone.now(), account_of(request)
    for one in queries.answers_of(reference):
        if queries.effects_of(one.ref):
            actions.bring_about(answer_ref=one.ref, at=at, acting_user=account, only=EffectKind.TEXTS)
    messages.success(request, _("読み直しました。"))
    return redirect("console:case_texts", reference)


def _line(answer: str, cell: Cell) -> TextLine:
    decided = decisions_of(answer, cell.target).get(cell.mark)
    code = decided.code if decided else ""
    return TextLine(
        answer=answer,
        cell=cell,
        where=_place(cell.target),
        spot="　".join(_("%(n)sページ目") % {"n": value} if name == PAGE else value for name, value in cell.place),
        pieces=tuple(_pieces(cell)),
        rights=tuple(dict.fromkeys(one.right for one in cell.wrongs)),
        by_hand=cell.by_hand or bool(code),
        code="" if code == BY_HAND else code,
    )


def _pieces(cell: Cell) -> list[Piece]:
    """The text round the first and the last place, those places marked."""
    start, end = max(cell.wrongs[0].start - AROUND, 0), min(cell.wrongs[-1].end + AROUND, len(cell.text))
    pieces, last = [Piece("…")] if start else [], start
    for number, one in enumerate(cell.wrongs, 1):
        pieces += [Piece(cell.text[last : one.start]), Piece(cell.text[one.start : one.end], "proposed", number)]
        last = one.end
    return [*pieces, Piece(cell.text[last:end]), *([Piece("…")] if end < len(cell.text) else [])]


def _place(target: str) -> str:
    system, _dot, name = target.partition(".")
    found = datamap.current().systems.get(system)
    return f"{found.label}　{found.tables[name].label}" if found and name in found.tables else target
