"""The lines of an answer on its page: law beside promise beside keeping, and what the clerk may choose for each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.console.wording import language, said
from sekisho.casework.subject_requests.queries import OpenLine
from sekisho.casework.subject_requests.rules.answering_lines import STOP, Decision, answering
from sekisho.casework.subject_requests.rules.deciding import ERASING, Answer, Decides
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law

DECIDES: dict[Decides, Promise] = {
    Decides.LAW: gettext_lazy("法律"),
    Decides.PROMISE: gettext_lazy("方針の約束"),
    Decides.KEEPING: gettext_lazy("保存の理由"),
}
LONGEST = 300  # signs of a reason


@dataclass(frozen=True, slots=True)
class LineChoice:
    """One line: what law and promise say, what may be answered, what is chosen and why."""

    key: str
    label: str
    place: str
    law: bool
    promise: bool | None
    decides: str
    clause: str
    why: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]  # empty: nothing to choose
    chosen: str
    reason: str

    @property
    def is_granted(self) -> bool:
        """Whether what stands chosen grants it."""
        return self.chosen.startswith(Answer.GRANT.value)


def choices_of(
    kind: str, lines: Iterable[OpenLine], typed: Mapping[str, str] | None, ground: str, at: datetime
) -> tuple[LineChoice, ...]:
    """The lines with what may be chosen. `typed`: what stood on the page; `ground`: accepted for every line that needs one."""
    asking, refusing = queries.grounds_of(kind, at), queries.refusals_of(kind, at)
    return tuple(_choice(kind, one, asking, refusing, typed, ground, at) for one in lines)


def chosen(lines: Iterable[OpenLine], typed: Mapping[str, str]) -> tuple[Decision, ...]:
    """The clerk's words as the page sent them; a line without one is answered as it was weighed."""
    words = []
    for one in lines:
        value, reason = typed.get(f"answer-{one.key}", ""), typed.get(f"reason-{one.key}", "").strip()[:LONGEST]
        answer, _sep, rest = value.partition("|")
        if answer not in {Answer.GRANT.value, Answer.REFUSE.value}:
            continue
        ground, _sep, effect = rest.partition("|")
        words.append(
            Decision(
                item=one.item,
                place=one.place,
                answer=Answer(answer),
                ground=ground,
                reason=reason,
                effect=effect if effect == STOP else "",
            )
        )
    return tuple(words)


def _choice(
    kind: str,
    one: OpenLine,
    asking: tuple[RequestGround, ...],
    refusing: tuple[RequestGround, ...],
    typed: Mapping[str, str] | None,
    ground: str,
    at: datetime,
) -> LineChoice:
    found = one.weighed
    choices = tuple(_choices(kind, one, asking, refusing))
    standing = typed.get(f"answer-{one.key}", "") if typed else ""
    preset = f"grant|{ground}|" if ground and found.law is Answer.REFUSE and not found.bar else ""
    known = law(tokyo_date(at)).refusals
    values = [value for value, _label in choices]
    first = next((value for value in (standing, preset) if value in values), values[0] if values else "refuse||")
    why = [f"{reason.told(language())} {reason.article}".strip() for reason in found.because]
    if found.bar:
        why.append(known[found.bar].name(language()) if found.bar in known else found.bar)
    return LineChoice(
        key=one.key,
        label=said(one.label),
        place=said(one.where),
        law=found.law is Answer.GRANT,
        promise=None if found.promise is None else found.promise is Answer.GRANT,
        decides=str(DECIDES[found.decides]),
        clause=found.clause,
        why=tuple(why),
        choices=choices if len(choices) > 1 else (),
        chosen=first,
        reason=typed.get(f"reason-{one.key}", "") if typed else "",
    )


def _choices(
    kind: str, one: OpenLine, asking: tuple[RequestGround, ...], refusing: tuple[RequestGround, ...]
) -> Iterable[tuple[str, str]]:
    found = one.weighed
    if found.bar or found.decides is Decides.KEEPING:
        return
    if found.answer is Answer.GRANT:
        yield "grant||", _("消去する") if kind == ERASING else _("応じる")
        if kind == ERASING:
            yield f"grant||{STOP}", _("消さずに、利用をやめる")
    outweighed = answering()["promise"]["outweighs"] if found.promise is Answer.GRANT else ()
    for ground in refusing:
        if ground.id not in outweighed:
            yield f"refuse|{ground.id}|", _("応じない：%(why)s") % {"why": ground.name(language())}
    if found.law is Answer.REFUSE and found.promise is not Answer.GRANT:
        for ground in asking:
            yield f"grant|{ground.id}|", _("応じる：%(why)s") % {"why": ground.name(language())}
