"""The story's two lists: a campaign to those who agreed to it, and a notice to everybody that waits for an approval."""

from dataclasses import dataclass
from datetime import datetime

from sekisho.engine.errors import SekishoError
from sekisho.registers.lists import actions as lists
from sekisho.registers.lists.queries import ListKind, Wanted

ANALYST = "bunseki"
NOBODY = "lists.nobody"  # a carrier of few people, or one whose policy has other purposes, may have no such list
OTHER = "lists.unknown-purpose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One list of the story."""

    ref: str
    title: str
    people: int
    rows: int
    is_notice: bool
    needs_approval: bool


def build_lists(*, at: datetime) -> tuple[Listed, ...]:
    """Build both, and ask for the approval of the one that needs it."""
    campaign = Wanted(
        purpose="campaign", actor=ANALYST, at=at, title="冬の料金見直しのご案内（メール）", channel="mail"
    )
    notice = Wanted(
        purpose="service_notice",
        actor=ANALYST,
        at=at,
        kind=ListKind.MASS_NOTICE,
        title="回線設備の更新のお知らせ（郵便）",
        channel="post",
    )
    return tuple(told for wanted in (campaign, notice) if (told := _build(wanted)) is not None)


def _build(wanted: Wanted) -> Listed | None:
    try:
        row = lists.build_list(wanted)
    except SekishoError as error:
        if error.code not in (NOBODY, OTHER):
            raise
        return None
    if row.needs_approval:
        lists.ask_approval(ref=row.ref, at=wanted.at, acting_user=ANALYST)
    return Listed(
        ref=row.ref,
        title=row.title,
        people=row.people,
        rows=row.rows,
        is_notice=wanted.is_notice,
        needs_approval=row.needs_approval,
    )
