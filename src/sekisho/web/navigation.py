"""The menu of the console and of the centre. A page that isn't in the URLs, or not for this role, isn't shown."""

from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sekisho.web.roles import EVERYBODY, Role, roles_of


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the menu."""

    label: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Pages under one heading."""

    label: str
    pages: tuple[Page, ...]


# heading -> (label, URL name, roles)
CONSOLE: tuple[tuple[Promise, tuple[tuple[Promise, str, tuple[Role, ...]], ...]], ...] = (
    (
        _("窓口"),
        (
            (_("受信箱"), "console:inbox", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("開示等請求"), "console:cases", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("連絡の記録"), "console:contacts", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("番号の案内"), "console:number", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("苦情"), "console:complaints", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("受付簿"), "console:book", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
            (_("手数料の日計"), "console:fees", (Role.OFFICER, Role.DEPUTY, Role.CLERK)),
        ),
    ),
    (
        _("約束"),
        (
            (_("履行台帳"), "console:board", EVERYBODY),
            (_("方針の文"), "console:policy", EVERYBODY),
            (_("方針の版"), "console:policy_versions", EVERYBODY),
        ),
    ),
    (
        _("データ"),
        (
            (_("個人情報管理台帳"), "console:datamap", (Role.OFFICER, Role.DEPUTY, Role.AUDITOR)),
            (_("見つかった個人情報"), "console:findings", (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)),
            (_("保存と消去の予定"), "console:retention", (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)),
        ),
    ),
    (
        _("利用"),
        (
            (_("名簿"), "console:lists", (Role.OFFICER, Role.DEPUTY, Role.ANALYST, Role.AUDITOR)),
            (_("目的つき照会"), "console:sql", (Role.OFFICER, Role.DEPUTY, Role.ANALYST, Role.AUDITOR)),
        ),
    ),
    (
        _("運用"),
        (
            (_("処理の状況"), "console:jobs", (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)),
            (_("バックアップと復元"), "console:backups", (Role.OFFICER, Role.DEPUTY, Role.ENGINEER, Role.AUDITOR)),
        ),
    ),
)
CENTRE: tuple[tuple[Promise, str], ...] = (
    (_("プライバシーポリシー"), "centre:policy"),
    (_("請求のしかた"), "centre:requests"),
    (_("請求の状況"), "centre:request-status"),
    (_("これまでの版"), "centre:versions"),
)


def console_groups(user: AbstractBaseUser | AnonymousUser, path: str) -> tuple[Group, ...]:
    """The console's menu for this account; the page at `path`, or above it, is marked."""
    held = roles_of(user)
    groups = []
    for heading, entries in CONSOLE:
        open_entries = [(str(label), address(name)) for label, name, roles in entries if held & frozenset(roles)]
        pages = tuple(Page(label, at, path.startswith(at)) for label, at in open_entries if at)
        if pages:
            groups.append(Group(str(heading), pages))
    return tuple(groups)


def centre_list(path: str) -> tuple[Page, ...]:
    """The centre's pages. The policy stands at the root, so only its own address marks it; of nested ones the nearest is."""
    entries = [(str(label), name, address(name)) for label, name in CENTRE]
    above = [at for _, name, at in entries if at and (path == at if name == "centre:policy" else path.startswith(at))]
    here = max(above, key=len, default="")
    return tuple(Page(label, at, at == here) for label, _, at in entries if at)


def address(name: str) -> str:
    """Where a page stands, or nothing where these URLs have no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
