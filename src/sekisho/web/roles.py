"""Who may do what in the console: a role is a group of accounts, and every page names the roles it opens to."""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sekisho.engine.errors import SekishoError

Arguments = ParamSpec("Arguments")
View = Callable[Concatenate[HttpRequest, Arguments], HttpResponseBase]


class Role(StrEnum):
    """An office held in the console. The value is the group's name."""

    OFFICER = "privacy_officer"
    DEPUTY = "deputy_officer"
    CLERK = "clerk"
    ENGINEER = "engineer"
    ANALYST = "analyst"
    AUDITOR = "auditor"


LABELS: dict[Role, Promise] = {
    Role.OFFICER: _("個人情報保護管理者"),
    Role.DEPUTY: _("個人情報保護管理者の補佐"),
    Role.CLERK: _("開示等請求受付窓口"),
    Role.ENGINEER: _("開発と運用"),
    Role.ANALYST: _("分析と販売促進"),
    Role.AUDITOR: _("内部監査"),
}
EVERYBODY = tuple(Role)


class RoleRefused(SekishoError):
    """This account's role doesn't open this page."""

    def __init__(self, roles: tuple[Role, ...]) -> None:
        self.roles = roles
        super().__init__("web.role-refused", room="sekisho.web", roles="、".join(str(LABELS[role]) for role in roles))


def require_role(*roles: Role) -> Callable[[View[Arguments]], View[Arguments]]:
    """Open the view to these roles only: others are refused by name of role, strangers are asked to sign in."""

    def decorate(view: View[Arguments]) -> View[Arguments]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not roles_of(request.user) & frozenset(roles):
                raise RoleRefused(roles)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def roles_of(user: AbstractBaseUser | AnonymousUser) -> frozenset[Role]:
    """The roles an account holds; none when nobody is signed in."""
    if not isinstance(user, User):
        return frozenset()
    held = getattr(user, "_sekisho_roles", None)
    if held is None:
        names = set(user.groups.values_list("name", flat=True))
        held = frozenset(role for role in Role if role.value in names)
        user._sekisho_roles = held  # type: ignore[attr-defined]  # noqa: SLF001  # once per request: the menu and the view both ask
    return held
