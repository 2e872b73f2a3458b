"""Asking by web, where the policy takes requests that way: the form, the code of the e-mail, the receipt number.

Nobody is looked up here: whoever asks gets the same pages in the same way. No address, number or code stands in a URL.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from PIL.Image import Image

from sekisho.casework.subject_requests import rules
from sekisho.casework.subject_requests.actions.web import begin_web_request, confirm_web_request, receive_unchecked
from sekisho.casework.subject_requests.centre.limiting import Window
from sekisho.casework.subject_requests.centre.status import private
from sekisho.casework.subject_requests.centre.wording import language, named
from sekisho.casework.subject_requests.queries.forms import operator_of
from sekisho.casework.subject_requests.queries.web_sheet import web_sheet
from sekisho.casework.subject_requests.rules.papers import Agency
from sekisho.connectors.scans import pages_of
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.pack import law
from sekisho.engine.policy.model import Policy, Right, WebCheck
from sekisho.engine.policy.words import words
from sekisho.registers.policies import queries as policies
from sekisho.web.addresses import address_of

LIMITS = rules.limits()["web"]
WINDOW = Window(minutes=LIMITS["within_minutes"], each=LIMITS["address_tries"], all_together=LIMITS["all_tries"])
CODES = Window(minutes=LIMITS["within_minutes"], each=4 * LIMITS["address_tries"], all_together=4 * LIMITS["all_tries"])
KEY = "web_request"
MEGABYTE = 1_000_000
AGENCIES = (
    (Agency.NONE.value, gettext_lazy("ご本人")),
    (Agency.STATUTORY.value, gettext_lazy("法定代理人（親権者、成年後見人など）")),
    (Agency.MANDATED.value, gettext_lazy("ご本人から任された方")),
    (Agency.HEIR.value, gettext_lazy("亡くなった方の相続人")),
)


class AskForm(forms.Form):
    """What a request needs; identity papers come as files beside it."""

    name = forms.CharField(label=gettext_lazy("お名前"), max_length=80)
    kana = forms.CharField(label=gettext_lazy("フリガナ"), max_length=80, required=False)
    address = forms.CharField(label=gettext_lazy("郵便番号とご住所"), max_length=200)
    phone = forms.CharField(label=gettext_lazy("電話番号"), max_length=20, required=False)
    born = forms.CharField(label=gettext_lazy("生年月日"), max_length=20, required=False)
    known_by = forms.CharField(
        label=gettext_lazy("お客さま番号、お使いの電話番号と時期など"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("わかるものだけでけっこうです。"),
    )
    scope = forms.CharField(
        label=gettext_lazy("対象の情報"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("「すべて」でもかまいません。訂正のときは正しい内容をお書きください。"),
    )
    reply = forms.ChoiceField(label=gettext_lazy("お答えの方法"))
    agency = forms.ChoiceField(label=gettext_lazy("請求する方"), choices=AGENCIES)
    e_mail = forms.EmailField(label=gettext_lazy("電子メールアドレス"), max_length=200)
    website = forms.CharField(required=False, widget=forms.HiddenInput)  # only a program fills it in

    def __init__(self, right: Right, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]  # Django's own arguments, passed through
        replies = right.reply or ("mail", "electronic")
        reply: Any = self.fields["reply"]
        reply.choices = [(key, _word(key)) for key in replies]
        self.fields["e_mail"].required = right.web_check is WebCheck.E_MAIL


class CodeForm(forms.Form):
    """Number and code of the e-mail."""

    number = forms.CharField(label=gettext_lazy("お申し込みの番号"), max_length=24)
    code = forms.CharField(
        label=gettext_lazy("確認コード"), max_length=32, widget=forms.TextInput(attrs={"autocomplete": "one-time-code"})
    )


@private
def ask(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The form of one kind by web. Where the policy takes none that way there is no such page."""
    at = timezone.now()
    policy = policies.in_force(at)
    right = policy.rights.get(kind)
    if right is None or "web" not in right.channels:
        raise Http404
    form, refused, status = AskForm(right, request.POST if request.method == "POST" else None), "", 200
    if request.method == "POST":
        if not WINDOW.admits(address_of(request), at):
            refused, status = _("ただいま受け付けられません。1時間ほどおくか、郵便でお送りください。"), 429
        elif form.is_valid():
            try:
                return _received(request, policy, right, form, at)
            except SekishoError as error:
                refused, status = f"{error.message(language())} {error.remedy(language())}", 400
        else:
            refused, status = _("空いているところ、形の合わないところがあります。"), 400
    values = {"form": form, "refused": refused, "kind": named(law(tokyo_date(at)).request(kind)), "right": right}
    return render(request, "subject_requests/centre/ask.html", values, status=status)


@private
def code(request: HttpRequest) -> HttpResponseBase:
    """Number and code of the e-mail: the request arrives when they come back."""
    at = timezone.now()
    form = CodeForm(request.POST or None, initial={"number": request.session.get(KEY, "")})
    if request.method != "POST":
        return render(request, "subject_requests/centre/code.html", {"form": form})
    if not CODES.admits(address_of(request), at):
        refused = _("ただいま受け付けられません。1時間ほどおいて、もう一度お試しください。")
        return render(request, "subject_requests/centre/code.html", {"form": form, "refused": refused}, status=429)
    if form.is_valid():
        try:
            reference = confirm_web_request(ref=form.cleaned_data["number"], code=form.cleaned_data["code"], at=at)
        except SekishoError as error:
            if error.code != "requests.web-code-refused":
                raise
        else:
            request.session.pop(KEY, None)
            return render(request, "subject_requests/centre/asked.html", {"reference": reference})
    refused = _("番号と確認コードの組み合わせでは進めません。メールをもう一度ごらんください。")
    again = CodeForm(initial={"number": request.POST.get("number", "")[:24]})
    return render(request, "subject_requests/centre/code.html", {"form": again, "refused": refused}, status=403)


def _received(request: HttpRequest, policy: Policy, right: Right, form: AskForm, at: datetime) -> HttpResponseBase:
    given = form.cleaned_data
    if given["website"]:  # a program: the same page, and nothing kept
        return redirect("centre:request-code")
    sheet = web_sheet(right.id, {str(form.fields[key].label): _shown(form, key) for key in form.fields}, at=at)
    pages = (*sheet, *_papers(request))
    if right.web_check is WebCheck.NONE:
        reference = receive_unchecked(kind=right.id, pages=pages, at=at)
        return render(request, "subject_requests/centre/asked.html", {"reference": reference})
    ref, secret = begin_web_request(kind=right.id, pages=pages, e_mail=given["e_mail"], at=at)
    if secret:
        _message(policy, ref, secret, given["e_mail"]).send()
    request.session[KEY] = ref
    return redirect("centre:request-code")


def _papers(request: HttpRequest) -> tuple[Image, ...]:
    """The pages of the files that came. Raises: requests.web-papers-too-large, connector.scan-unreadable, …"""
    files = request.FILES.getlist("papers")
    size = LIMITS["file_megabytes"] * MEGABYTE
    if len(files) > LIMITS["papers"] or any((file.size or 0) > size for file in files):
        raise SekishoError("requests.web-papers-too-large", room=rules.ROOM, **_bounds())
    pages = tuple(page for file in files for page in pages_of(file.read(), name=_("添えたファイル")))
    if len(pages) > LIMITS["pages"]:
        raise SekishoError("requests.web-papers-too-large", room=rules.ROOM, **_bounds())
    return pages


def _bounds() -> Mapping[str, object]:
    return {"files": LIMITS["papers"], "megabytes": LIMITS["file_megabytes"], "pages": LIMITS["pages"]}


def _shown(form: AskForm, key: str) -> str:
    given, choices = str(form.cleaned_data.get(key) or ""), dict(getattr(form.fields[key], "choices", ()))
    return str(choices.get(given, given))


def _message(policy: Policy, ref: str, secret: str, to: str) -> EmailMessage:
    """The e-mail: what to type where. It names neither the person nor what they asked."""
    name = operator_of(policy, language())
    body = _(
        "%(name)s プライバシーセンターでのお申し込みを続けるには、次の2つを画面に入れてください。\n\n"
        "お申し込みの番号　%(ref)s\n確認コード　%(code)s\n\n"
        "%(minutes)s分を過ぎると使えなくなります。お心あたりのないときは、このメールは捨ててください。何も起こりません。\n"
    ) % {"name": name, "ref": ref, "code": f"{secret[:4]}-{secret[4:]}", "minutes": LIMITS["code_minutes"]}
    return EmailMessage(subject=_("お申し込みの確認コード"), body=body, to=[to])


def _word(channel: str) -> str:
    word = words()["channels"][channel]
    return word.en if language() == "en" else word.ja
