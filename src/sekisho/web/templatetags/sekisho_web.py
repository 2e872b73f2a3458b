"""Dates as a Japanese form writes them, the menu, status marks, and the way to the other language."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.contrib.auth.models import User
from django.template import Context
from django.template.defaultfilters import capfirst
from django.urls import translate_url
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sekisho.engine.policy.words import label
from sekisho.web.navigation import Group, Page, address, centre_list, console_groups
from sekisho.web.roles import LABELS, roles_of

register = template.Library()
TOKYO = ZoneInfo("Asia/Tokyo")
WEEKDAYS = "月火水木金土日"
STATUS_WORDS = {"kept": gettext_lazy("履行中"), "unproven": gettext_lazy("未確認"), "broken": gettext_lazy("違反")}
KANA = re.compile("[ぁ-ヿ]")  # an English sentence may name something in kanji, hardly in kana
MARKS = {"kept": "kept", "unproven": "open", "broken": "broken"}


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """The same page in the language it is not in now."""

    code: str
    name: str
    address: str


@register.filter
def day(value: date | datetime | None) -> str:
    """2026年11月30日（月）; in English 30 Nov 2026 (Mon)."""
    if value is None:
        return _("日付なし")
    on = _tokyo_date(value)
    return f"{on:%-d %b %Y (%a)}" if _english() else f"{plain_day(on)}（{WEEKDAYS[on.weekday()]}）"


@register.filter
def plain_day(value: date | datetime | None) -> str:
    """2026年11月30日, without the weekday."""
    if value is None:
        return _("日付なし")
    on = _tokyo_date(value)
    return f"{on:%-d %b %Y}" if _english() else f"{on.year}年{on.month}月{on.day}日"


@register.filter
def moment(value: datetime | None) -> str:
    """今日 8:40, or the day (with its year where it is another) and the time."""
    if value is None:
        return "―"
    at = timezone.localtime(value, TOKYO)
    clock = f"{at.hour}:{at.minute:02d}"
    today = timezone.localtime(timezone=TOKYO).date()
    if at.date() == today:
        return f"today {clock}" if _english() else f"今日 {clock}"
    if at.year == today.year:
        return f"{at:%-d %b} {clock}" if _english() else f"{at.month}月{at.day}日 {clock}"
    return f"{plain_day(at)} {clock}"


@register.filter
def clock_time(value: datetime) -> str:
    """13:20, on Tokyo's clock."""
    return f"{timezone.localtime(value, TOKYO):%-H:%M}"


@register.filter
def count(number: int) -> str:
    """2,169."""
    return f"{number:,}"


@register.filter
def sentence(text: str) -> str:
    """The text with its full stop; an English one with the blank that the next sentence needs."""
    if KANA.search(text):
        return text if text.endswith(("。", "）")) else f"{text}。"
    return f"{capfirst(text.rstrip('. '))}. " if text else ""


@register.filter
def with_code(text: str) -> SafeString:
    """What stands between backticks, set as code."""
    parts = (format_html("<code>{}</code>" if place % 2 else "{}", part) for place, part in enumerate(text.split("`")))
    return mark_safe("".join(parts))  # noqa: S308  every part is escaped


@register.filter
def in_language(value: object, name: str) -> str:
    """`value.name`, or `value.name_en` on an English page where there is one."""
    english = str(getattr(value, f"{name}_en", "")) if _english() else ""
    return english or str(getattr(value, name))


@register.filter
def office(user: User) -> str:
    """個人情報保護管理者　久住 亮."""
    roles = sorted(roles_of(user))
    label = str(LABELS[roles[0]]) if roles else ""
    return f"{label}　{user.first_name or user.username}".strip()


@register.filter
def verdict_word(verdict: str) -> str:
    """The word of a verdict."""
    return str(STATUS_WORDS[verdict])


@register.filter
def verdict_mark(verdict: str) -> str:
    """The class of a verdict: mark and colour follow from it."""
    return MARKS[verdict]


@register.simple_tag
def status(verdict: str) -> SafeString:
    """A verdict as mark, word and colour, in a cell."""
    return format_html('<span class="st {}">{}</span>', MARKS[verdict], str(STATUS_WORDS[verdict]))


@register.simple_tag
def mark(verdict: str) -> SafeString:
    """A verdict as mark, word and colour, inside a sentence."""
    return format_html('<span class="mk {}">{}</span>', MARKS[verdict], str(STATUS_WORDS[verdict]))


@register.simple_tag
def channel(key: str) -> str:
    """A way in or out of the request desk, by its key in the policy."""
    return label("channels", key, "en" if _english() else "ja")


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> tuple[Group, ...]:
    """The console's menu for whoever is signed in."""
    request = context["request"]
    return console_groups(request.user, request.path)


@register.simple_tag(takes_context=True)
def centre_pages(context: Context) -> tuple[Page, ...]:
    """The centre's pages."""
    return centre_list(context["request"].path)


@register.simple_tag
def home_of_console() -> str:
    """Where the console's name leads."""
    return address("console:board") or address("console:login") or "/"


@register.simple_tag(takes_context=True)
def other_language(context: Context) -> OtherLanguage:
    """Japanese on an English page, English on a Japanese one."""
    code, name = ("ja", "日本語") if _english() else ("en", "English")
    return OtherLanguage(code, name, translate_url(context["request"].get_full_path(), code))


def _tokyo_date(value: date | datetime) -> date:
    return timezone.localtime(value, TOKYO).date() if isinstance(value, datetime) else value


def _english() -> bool:
    return (get_language() or "ja").startswith("en")
