"""What goes on beside and after an answer, for one case: corrections, fee, effects, recipients, complaints."""

from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from sekisho.casework.subject_requests import actions, queries
from sekisho.casework.subject_requests.console.accounts import DESK, account_of
from sekisho.casework.subject_requests.console.complaints import ABOUT, ComplaintForm
from sekisho.casework.subject_requests.console.seen import told_change
from sekisho.casework.subject_requests.console.wording import kind_name, language, said
from sekisho.casework.subject_requests.queries.texts import waiting_targets
from sekisho.casework.subject_requests.rules.answering import EffectKind, EffectState
from sekisho.casework.subject_requests.rules.effects import COPIES, REGISTER, Correction
from sekisho.casework.subject_requests.rules.refunds import RefundWhy, Unpaid
from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.stops import EVERYTHING, parts_of
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.registers.batch_jobs import actions as jobs
from sekisho.registers.datamap import queries as datamap
from sekisho.registers.policies import queries as policies
from sekisho.registers.recipients import queries as recipients
from sekisho.web.roles import require_role

EFFECTS = {
    EffectKind.CORRECTION: gettext_lazy("訂正"),
    EffectKind.TEXTS: gettext_lazy("文の中の訂正"),
    EffectKind.USE_STOP: gettext_lazy("利用の停止"),
    EffectKind.PROVISION_STOP: gettext_lazy("第三者への提供の停止"),
    EffectKind.ERASURE_PLAN: gettext_lazy("消去計画"),
    EffectKind.RECIPIENT_NOTICE: gettext_lazy("提供先への通知"),
}
WHY = {
    RefundWhy.EXCESS: gettext_lazy("手数料より多く届いた"),
    RefundWhy.NOT_DUE: gettext_lazy("手数料のかからない請求だった"),
    RefundWhy.UNUSABLE: gettext_lazy("使えないものが届いた"),
    RefundWhy.WITHDRAWN: gettext_lazy("取り下げられた、または未納で終わった"),
}
UNPAID = {
    Unpaid.NOTHING_DUE: gettext_lazy("足りています"),
    Unpaid.ASK: gettext_lazy("足りない額を、まだお知らせしていません"),
    Unpaid.WAITING: gettext_lazy("お知らせして、お支払いを待っています"),
    Unpaid.REMIND: gettext_lazy("督促する時期です"),
    Unpaid.REMINDED: gettext_lazy("督促し、期限まで待っています"),
    Unpaid.MAY_CLOSE: gettext_lazy("督促の期限が過ぎました"),
}
DOCUMENTS = {
    "family_register": gettext_lazy("戸籍謄本または戸籍抄本"),
    "residence_record": gettext_lazy("住民票の写し"),
    "driver_licence": gettext_lazy("運転免許証"),
    "my_number_card": gettext_lazy("個人番号カード"),
}


def _date(label: Promise, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]  # lazy text
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


class CorrectionForm(forms.Form):
    """What is wrong, and what is right."""

    item = forms.ChoiceField(label=gettext_lazy("項目"))
    wrong = forms.CharField(label=gettext_lazy("誤り（いま記録されている内容）"), max_length=200)
    right = forms.CharField(label=gettext_lazy("正しい内容"), max_length=200)
    happened = _date(gettext_lazy("その日から正しい（改姓など）。初めから誤りなら空欄"), required=False)
    document = forms.ChoiceField(
        label=gettext_lazy("改姓などを示した書類"), required=False, choices=[("", "—"), *DOCUMENTS.items()]
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        classes = policies.in_force(timezone.now()).classes.values()
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            (f"{one.id}.{field.id}", f"{said(one.label)}　{said(field.label)}")
            for one in classes
            for field in one.fields.values()
        ]


class RefundForm(forms.Form):
    """Money that went back."""

    yen = forms.IntegerField(label=gettext_lazy("お返しした額（円）"), min_value=1)
    why = forms.ChoiceField(label=gettext_lazy("わけ"), choices=[(one.value, label) for one, label in WHY.items()])
    instrument = forms.ChoiceField(label=gettext_lazy("方法"))
    proof = forms.CharField(label=gettext_lazy("書留または振込の番号"), max_length=64)
    paid_on = _date(gettext_lazy("お返しした日"))

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed through
        known = law().instruments.values()
        self.fields["instrument"].choices = [(one.id, one.name(language())) for one in known]  # type: ignore[attr-defined]


@require_GET
@require_role(*DESK)
def after(request: HttpRequest, reference: str) -> HttpResponse:
    """One case beside its answer."""
    return after_page(request, reference)


def after_page(request: HttpRequest, reference: str, form: str = "", fault: SekishoError | None = None) -> HttpResponse:
    """The page. After a refusal `form` names what was sent: it stays as it was typed."""
    at, found = timezone.now(), queries.case(reference)
    answers = [one for one in queries.answers_of(reference) if queries.effects_of(one.ref)]
    money = queries.money_of(reference, at)
    state = queries.unpaid(reference, at) if found.is_open else Unpaid.NOTHING_DUE
    return render(
        request,
        "subject_requests/console/after.html",
        {
            "case": found,
            "kind": kind_name(found.kind),
            "is_correction": found.kind == "correction" and found.is_open,
            "corrections": [(one, _item_name(one.item, at)) for one in queries.corrections_of(reference)],
            "correction_form": CorrectionForm(request.POST if form == "correction_form" else None),
            "version": queries.version_of(reference),
            "changes": told_change(fault),
            "money": money,
            "unpaid": state.value,
            "unpaid_label": UNPAID[state],
            "refunds": [(one, WHY[one.why]) for one in queries.refunds_of(reference)],
            "refund_form": RefundForm(
                request.POST if form == "refund_form" else None,
                initial={"paid_on": tokyo_date(at), "yen": money.owed or None},
            ),
            "effects": [line for one in answers for line in _effects(one.ref)],
            "texts_wait": any(waiting_targets(one.ref) for one in answers),
            "words": [one for one in queries.words() if one.answer in {answer.ref for answer in answers}],
            "today": tokyo_date(at),
            "complaints": [(one, ABOUT[one.about]) for one in queries.complaints(at, request=reference)],
            "complaint_form": ComplaintForm(initial={"received_on": tokyo_date(at), "reference": reference}),
            "trail": [
                (_("窓口"), ""),
                (reference, reverse("console:case", args=[reference])),
                (_("訂正・手数料・実行・苦情"), ""),
            ],
        },
        status=409 if fault else 200,
    )


@require_POST
@require_role(*DESK)
def correction(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Record one value to put right."""
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("項目、誤り、正しい内容を入れてください。"))
        return after_page(request, reference, "correction_form")
    given = form.cleaned_data
    told = Correction(
        item=given["item"],
        wrong=given["wrong"],
        right=given["right"],
        happened=given["happened"],
        document=given["document"],
    )
    actions.record_correction(reference=reference, correction=told, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("訂正する内容を記録しました。封をして、回答のあとに書き込みます。"))
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def drop(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """A correction was recorded by mistake."""
    actions.drop_correction(ref=ref, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("訂正の記録を取り消しました。"))
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def remind(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Note that the person was reminded of the fee today."""
    due = actions.remind_of_fee(reference=reference, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("督促を記録しました。%(due)s まで待ちます。") % {"due": due.isoformat()})
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def close_unpaid(request: HttpRequest, reference: str) -> HttpResponseBase:
    """End a request whose fee stayed away."""
    actions.close_unpaid(reference=reference, at=timezone.now(), acting_user=account_of(request))
    messages.success(request, _("手数料の未納として、案件を終えました。届いた分はお返しします。"))
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def refund(request: HttpRequest, reference: str) -> HttpResponseBase:
    """Note money that went back."""
    form = RefundForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("お返しした額、わけ、方法、番号、日を入れてください。"))
        return after_page(request, reference, "refund_form")
    given = form.cleaned_data
    actions.record_refund(
        reference=reference,
        yen=given["yen"],
        why=RefundWhy(given["why"]),
        instrument=given["instrument"],
        proof=given["proof"],
        paid_on=given["paid_on"],
        at=timezone.now(),
        acting_user=account_of(request),
    )
    messages.success(request, _("返還を記録しました。"))
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def retry(request: HttpRequest, reference: str, ref: str) -> HttpResponseBase:
    """Ask for what an answer has not brought about yet."""
    jobs.ask_job(
        kind="requests.effects", arguments={"answer": ref.lower()}, at=timezone.now(), acting_user=account_of(request)
    )
    messages.success(request, _("やり直しを依頼しました。"))
    return redirect("console:case_after", reference)


@require_POST
@require_role(*DESK)
def confirm(request: HttpRequest, reference: str, ref: str, recipient: str) -> HttpResponseBase:
    """A recipient says that it did the same."""
    at = timezone.now()
    actions.confirm_recipient(
        answer_ref=ref, recipient=recipient, on=tokyo_date(at), at=at, acting_user=account_of(request)
    )
    messages.success(request, _("提供先の返事を記録しました。"))
    return redirect("console:case_after", reference)


def _effects(ref: str) -> list[tuple[str, str, str, EffectState, str, datetime | None]]:
    return [
        (ref, str(EFFECTS[one.kind]), _target(one.kind, one.target), one.state, one.code, one.done_at)
        for one in queries.effects_of(ref)
    ]


def _target(kind: EffectKind, target: str) -> str:
    if target == EVERYTHING:
        return _("すべて")
    if target == REGISTER:
        return _("本人の台帳")
    if target == COPIES:
        return _("写しと名簿")
    if kind in (EffectKind.CORRECTION, EffectKind.TEXTS):
        system, _dot, name = target.partition(".")
        found = datamap.current().systems.get(system)
        return f"{found.label}　{found.tables[name].label}" if found and name in found.tables else target
    if kind is EffectKind.USE_STOP:
        return _stop(target)
    return recipients.label_of(target) if kind is not EffectKind.ERASURE_PLAN else target


def _item_name(item: str, at: datetime) -> str:
    class_, _dot, field = item.partition(".")
    known = policies.in_force(at).classes.get(class_)
    return f"{said(known.label)}　{said(known.fields[field].label)}" if known and field in known.fields else item


def _stop(scope: str) -> str:
    """A scope of a stop in words: the purpose, and the class where it is of one alone."""
    policy, (purpose, data_class) = policies.in_force(timezone.now()), parts_of(scope)
    known = policy.purposes.get(purpose)
    named = said(known.label) if known else _("すべての目的") if purpose == EVERYTHING else purpose
    if not data_class:
        return named
    held = policy.classes.get(data_class)
    return _("%(purpose)s（%(what)sだけ）") % {"purpose": named, "what": said(held.label) if held else data_class}
