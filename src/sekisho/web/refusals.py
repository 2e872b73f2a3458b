"""Refusals as pages: where, why, remedy, in that order, in plain words. The same for 400, 403, 404 and 500."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sekisho.engine.errors import SekishoError
from sekisho.web.problem import problem_of
from sekisho.web.roles import RoleRefused

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What the page of a refusal says."""

    status: int
    what: str
    where: str
    why: str
    remedy: str
    code: str
    way_on: str
    way_on_label: str


class RefusalMiddleware:
    """A coded error raised by a view becomes a page that says where, why and what to do; for an API, a problem."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponseBase | None:
        """Answer a coded error; leave every other to Django."""
        if not isinstance(error, SekishoError):
            return None
        is_closed_to = isinstance(error, RoleRefused)
        status = 403 if is_closed_to else 404 if _names_nothing(request, error) else 409
        language = "en" if (get_language() or "ja").startswith("en") else "ja"
        if "html" not in request.headers.get("Accept", "html") and "*/*" not in request.headers.get("Accept", "*/*"):
            return problem_of(error, status=status, language=language)
        what = _("このページは開けません") if is_closed_to else _("できませんでした")
        return _page(request, status, what, error.message(language), error.remedy(language), error.code)


def _names_nothing(request: HttpRequest, error: SekishoError) -> bool:
    """Whether the address asks for one thing (a case, a job) and there is none of that name."""
    found = request.resolver_match
    is_named = found is not None and bool(found.kwargs or found.args)
    return is_named and request.method in ("GET", "HEAD") and error.code.partition(".")[2].startswith("unknown-")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400: the request can't be read."""
    why = _("送られた内容の形が正しくありません。")
    return _page(
        request, 400, _("読み取れませんでした"), why, _("前のページに戻り、もう一度送ってください。"), "web.bad-request"
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403: not for this account."""
    why = _("このアカウントの役割では見られないページです。")
    remedy = _("必要なときは、個人情報保護管理者へ役割の追加を頼んでください。")
    return _page(request, 403, _("このページは開けません"), why, remedy, "web.permission-denied")


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """403 of the form protection: an old form, or one from another site."""
    why = _("画面が古いか、ほかのサイトから送られたため、受け付けませんでした。")
    return _page(
        request,
        403,
        _("受け付けませんでした"),
        why,
        _("ページを開き直してから、もう一度送ってください。"),
        "web.form-expired",
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404: no such page."""
    why = _("この住所にページはありません。移したか、まだ作っていません。")
    return _page(
        request,
        404,
        _("ページが見つかりません"),
        why,
        _("つづりを確かめるか、最初のページから選んでください。"),
        "web.not-found",
    )


def unexpected(request: HttpRequest) -> HttpResponseBase:
    """500: ours. Says nothing of the cause, keeps to plain HTML: whatever failed may fail again."""
    return HttpResponse(render_to_string("web/last_resort.html"), status=500)


def signing_in_stopped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
    """429: too many wrong passwords. The account rests for the time in the settings."""
    why = _("まちがった合言葉が続いたため、この端末からの受け付けをしばらく止めています。")
    remedy = _("1時間ほどおいて、もう一度お試しください。急ぐときは運用の担当が解除できます。")
    return _page(request, 429, _("しばらく入れません"), why, remedy, "web.signing-in-stopped")


def _page(request: HttpRequest, status: int, what: str, why: str, remedy: str, code: str) -> HttpResponseBase:
    in_console = "/console/" in request.path
    refusal = Refusal(
        status=status,
        what=what,
        where=_("管理画面") if in_console else _("プライバシーセンター"),
        why=why,
        remedy=remedy,
        code=code,
        way_on=_address("console:board" if in_console else "centre:policy"),
        way_on_label=_("管理画面の最初のページを開く") if in_console else _("プライバシーポリシーを開く"),
    )
    return render(request, "web/refusal.html", {"refusal": refusal}, status=status)


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return "/"
