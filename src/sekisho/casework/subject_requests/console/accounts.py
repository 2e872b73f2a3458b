"""Who may work at the desk, and how evidence names them."""

from django.http import HttpRequest

from sekisho.web.roles import Role

DESK = (Role.OFFICER, Role.DEPUTY, Role.CLERK)


def account_of(request: HttpRequest) -> str:
    """The account that acts, as evidence names it."""
    return f"account:{request.user.pk}"
