"""Signing in and out of the console."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sekisho.web.actions import record_sign_in


class SignInForm(AuthenticationForm):
    """Name and password, in the words of the page."""

    username = forms.CharField(
        label=_("アカウント名"), widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True})
    )
    password = forms.CharField(
        label=_("パスワード"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    error_messages = {
        "invalid_login": _(
            "アカウント名とパスワードの組が合いません。大文字と小文字を確かめて、もう一度入れてください。"
        ),
        "inactive": _("このアカウントは止められています。個人情報保護管理者へ尋ねてください。"),
    }


class SignIn(LoginView):
    """The sign-in page; who is already in goes on."""

    template_name = "web/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Let the account in, and leave evidence of it."""
        record_sign_in(account=form.get_user().pk, at=timezone.now())
        return super().form_valid(form)


def front(request: HttpRequest) -> HttpResponseRedirect:
    """The console's door: its first page is the board."""
    return redirect("console:board")


urlpatterns = [
    path("", front, name="front"),
    path("login/", SignIn.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
