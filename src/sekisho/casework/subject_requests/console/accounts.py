"""Who may work at the desk, and how evidence names them."""

from django.contrib.auth import get_user_model
from django.http import HttpRequest

from sekisho.web.roles import Role, roles_of

OFFICERS = frozenset({Role.OFFICER, Role.DEPUTY})
DESK = (Role.OFFICER, Role.DEPUTY, Role.CLERK)


def account_of(request: HttpRequest) -> str:
    """The account that acts, as evidence names it."""
    return f"account:{request.user.pk}"


def is_officer(request: HttpRequest) -> bool:
    """Whether whoever asks may do what is an officer's to do."""
    return bool(roles_of(request.user) & OFFICERS)


def name_of(account: str) -> str:
    """What the pages call an account."""
    number = account.removeprefix("account:")
    user = get_user_model().objects.filter(pk=number).first() if number.isdigit() else None
    return (user.get_full_name() or user.get_username()) if user else account
