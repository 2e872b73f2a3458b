"""The words of the pages, and what a page shows of a list."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from sekisho.engine.policy.model import Policy, Text
from sekisho.registers.lists.models import EligibleList
from sekisho.registers.lists.queries import ListKind, State, state_of

QUOTED = re.compile(r" ?`([^`]+)` ?")
AXIS = 1000  # units of the bars' view box
THIN = 2  # a loss of very few still shows as a line
CHANNELS: dict[str, Promise] = {
    "mail": gettext_lazy("メール"),
    "sms": gettext_lazy("ショートメッセージ"),
    "phone": gettext_lazy("電話"),
    "post": gettext_lazy("郵便"),
}
KINDS: dict[str, Promise] = {
    ListKind.CAMPAIGN.value: gettext_lazy("案内・業務"),
    ListKind.MASS_NOTICE.value: gettext_lazy("全員へのお知らせ"),
}
STATES: dict[State, tuple[str, Promise]] = {
    State.DRAFT: ("open", gettext_lazy("下書き")),
    State.ASKED: ("open", gettext_lazy("承認待ち")),
    State.READY: ("kept", gettext_lazy("受け取れます")),
    State.TAKEN: ("idle", gettext_lazy("受け取り済み")),
    State.EXPIRED: ("late", gettext_lazy("失効")),
    State.DROPPED: ("broken", gettext_lazy("取り下げ")),
}
WITHHELD: dict[str, Promise] = {
    "rule": gettext_lazy("方針と法令の決まりで外れた"),
    "erasure": gettext_lazy("消去の手続き中"),
    "deceased": gettext_lazy("亡くなっている"),
    "protected": gettext_lazy("支援措置を受けている"),
    "moved": gettext_lazy("前のお知らせが戻っている"),
}
BY_THE_GATE = ("rule", "erasure")  # told rule by rule in the waterfall
SOON = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A row of the waterfall: how many were lost, and how many are left."""

    why: str
    clause: str
    article: str
    lost: int
    left: int
    stay: int  # width of those left, on the axis
    gone: int  # width of those lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A list as the table of all lists shows it."""

    row: EligibleList
    state: State
    mark: str
    word: str
    kind: str
    purpose: str


def losses(
    waterfall: Sequence[dict[str, object]], people: int, policy: Policy, further: Sequence[tuple[str, int]] = ()
) -> list[Loss]:
    """The waterfall, and after the gate's rules what else took somebody off."""
    english = is_english()
    told = [
        (
            _named(str((english and one.get("message_en")) or one["message"]), policy),
            str(one["clause"]),
            "" if english else str(one["article"]),
            int(str(one["count"])),
        )
        for one in waterfall
    ]
    told += [(why, "", "", count) for why, count in further if count]
    found, left = [], people
    for why, clause, article, lost in told:
        left -= lost
        stay = width_of(left, people)
        gone = max(round(lost * AXIS / people), THIN) if people else 0
        found.append(
            Loss(why=why, clause=clause, article=article, lost=lost, left=left, stay=min(stay, AXIS - gone), gone=gone)
        )
    return found


def width_of(rows: int, people: int) -> int:
    """How wide those who are left are, on the axis."""
    return round(rows * AXIS / people) if people else 0


def further_of(row: EligibleList) -> list[tuple[str, int]]:
    """What took people off a list besides the gate's rules."""
    found = [(str(WITHHELD[one["why"]]), int(one["count"])) for one in row.withheld if one["why"] not in BY_THE_GATE]
    return [*found, (_("宛先または番号がない"), row.undeliverable)]


def line_of(row: EligibleList, policy: Policy, at: datetime) -> Line:
    """A list as a row of the table."""
    state = state_of(row, at)
    mark, word = STATES[state]
    return Line(
        row=row,
        state=state,
        mark=mark,
        word=str(word),
        kind=str(KINDS[row.kind]),
        purpose=purpose_of(row.purpose, policy),
    )


def purpose_of(key: str, policy: Policy) -> str:
    """A purpose with its clause, in the words of the policy."""
    purpose = policy.purposes.get(key)
    return f"{purpose.clause} {words(purpose.label)}" if purpose else key


def item_of(key: str, policy: Policy) -> str:
    """A class or field, in the words of the policy."""
    name, _dot, field = key.partition(".")
    known = policy.classes.get(name)
    if known is None:
        return key
    return words(known.fields[field].label) if field in known.fields else words(known.label)


def _named(message: str, policy: Policy) -> str:
    """A gate's sentence with the policy's own words for the keys it names."""
    quote = "“{}”" if is_english() else "「{}」"

    def label(found: re.Match[str]) -> str:
        key = found[1]
        purpose = policy.purposes.get(key)
        said = words(purpose.label) if purpose else item_of(key, policy)
        return found[0] if said == key else quote.format(said) if not is_english() else f" {quote.format(said)} "

    return QUOTED.sub(label, message).strip()


def words(text: Text) -> str:
    """A text of the policy in the language of the page."""
    return (text.en or text.ja) if is_english() else text.ja


def is_english() -> bool:
    """Whether the page is in English."""
    return (get_language() or "ja").startswith("en")


def language() -> str:
    """The language of coded errors on this page."""
    return "en" if is_english() else "ja"
