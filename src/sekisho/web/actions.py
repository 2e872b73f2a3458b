"""Accounts of the console: opening one leaves evidence, with the account's number and never its holder's name."""

from datetime import datetime

from django.contrib.auth.models import Group, User

from sekisho.evidence import actions as evidence
from sekisho.evidence.writing import writing
from sekisho.web.roles import Role


def open_account(*, username: str, password: str, display_name: str, role: Role | str, at: datetime) -> User:
    """Open an account, or bring an existing one to this password and role.

    `display_name` is what the top bar shows after the role. The ledger gets the account's number and role.
    """
    role = Role(role)
    with writing():
        account, _ = User.objects.get_or_create(username=username)
        account.first_name = display_name
        account.set_password(password)
        account.save()
        account.groups.set([Group.objects.get_or_create(name=role.value)[0]])
        evidence.append(kind="account.opened", body={"account": f"account:{account.pk}", "role": role.value}, at=at)
    return account


def record_sign_in(*, account: int, at: datetime) -> None:
    """Note that an account signed in. Evidence: `account.signed-in`."""
    with writing():
        evidence.append(kind="account.signed-in", body={"account": f"account:{account}"}, at=at)
