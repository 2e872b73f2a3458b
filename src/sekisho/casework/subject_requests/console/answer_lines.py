"""The lines of an answer on its page: law beside promise beside keeping, and what the clerk may choose for each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sekisho.casework.subject_requests import queries
from sekisho.casework.subject_requests.console.wording import language, said
from sekisho.casework.subject_requests.queries import OpenLine
from sekisho.casework.subject_requests.rules import ROOM
from sekisho.casework.subject_requests.rules.answering_lines import GO_ON, STOP, Decision, answering
from sekisho.casework.subject_requests.rules.deciding import ERASING, Answer, Decides
from sekisho.casework.subject_requests.rules.effects import effects
from sekisho.engine.erasure.periods import Because
from sekisho.engine.errors import SekishoError
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.engine.law.model import RequestGround
from sekisho.engine.law.pack import law
from sekisho.registers.policies import queries as policies

DECIDES: dict[Decides, Promise] = {
    Decides.LAW: gettext_lazy("法律"),
    Decides.PROMISE: gettext_lazy("方針の約束"),
    Decides.KEEPING: gettext_lazy("保存の理由"),
}
LONGEST = 300  # signs of a reason
MARKS: dict[str, Promise] = {
    "likely": gettext_lazy("（条文は要確認）"),
    "check": gettext_lazy("（条文は要確認）"),
}  # of what law.certainty is not sure
SOME = "some"  # of a choice: use ends for the purposes that are picked


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
    purposes: tuple[tuple[str, str, bool], ...] = ()  # for which alone use may be stopped: id, name, chosen

    @property
    def is_some(self) -> bool:
        """Whether purposes are picked for it."""
        return self.chosen.endswith(f"|{SOME}") or any(picked for _id, _label, picked in self.purposes)

    @property
    def is_granted(self) -> bool:
        """Whether what stands chosen grants it."""
        return self.chosen.startswith(Answer.GRANT.value)


def choices_of(
    kind: str, lines: Iterable[OpenLine], typed: Mapping[str, str] | None, ground: str, at: datetime
) -> tuple[LineChoice, ...]:
    """The lines with what may be chosen. `typed`: what stood on the page; `ground`: accepted for every line that needs one."""
    asking = queries.grounds_of(kind, at)
    refusing = tuple(one for one in queries.refusals_of(kind, at) if not one.of_deceased)
    return tuple(_choice(kind, one, asking, refusing, typed, ground, at) for one in lines)


def chosen(lines: Iterable[OpenLine], typed: QueryDict) -> tuple[Decision, ...]:
    """The clerk's words as the page sent them; a line without one is answered as it was weighed.

    Raises: requests.no-purpose-picked.
    """
    words = []
    for one in lines:
        value, reason = typed.get(f"answer-{one.key}", ""), typed.get(f"reason-{one.key}", "").strip()[:LONGEST]
        answer, _sep, rest = value.partition("|")
        if answer not in {one.value for one in Answer}:
            continue
        ground, _sep, effect = rest.partition("|")
        only = effect == SOME
        if only and not typed.getlist(f"purposes-{one.key}"):
            raise SekishoError("requests.no-purpose-picked", room=ROOM, item=one.item)
        words.append(
            Decision(
                item=one.item,
                place=one.place,
                answer=Answer(answer),
                ground=ground,
                reason=reason,
                effect=STOP if only else effect if effect in (STOP, GO_ON) else "",
                purposes=tuple(typed.getlist(f"purposes-{one.key}")) if only else (),
            )
        )
    return tuple(words)


def _kept(reason: Because) -> str:
    """The sentence, its article where it does not name it itself; how certain it is, in words, and only where it is not sure."""
    told = reason.says_en if language() == "en" else reason.says
    if reason.article and reason.article not in told and language() != "en":
        told = f"{told} {reason.article}"
    return told + str(MARKS.get(reason.mark, ""))


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
    why = [_kept(reason) for reason in found.because]
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
        purposes=tuple(_purposes(one, typed, at)) if any(value.endswith(f"|{SOME}") for value in values) else (),
    )


def _choices(
    kind: str, one: OpenLine, asking: tuple[RequestGround, ...], refusing: tuple[RequestGround, ...]
) -> Iterable[tuple[str, str]]:
    found = one.weighed
    if found.bar:
        return
    if found.decides is Decides.KEEPING:
        yield (
            "refuse||",
            _("残す。どの目的にも使わない")
            if found.is_only_kept
            else _("残す。契約や請求に要る目的のほかには使わない"),
        )
        yield f"refuse||{GO_ON}", _("残す。ご本人の希望で、利用は続ける")
        yield _unasked()
        return
    if found.answer is Answer.GRANT:
        yield "grant||", _("消去する") if kind == ERASING else _("応じる")
        if kind == ERASING:
            yield f"grant||{STOP}", _("消さずに、利用をやめる")
            yield f"grant||{SOME}", _("消さずに、選んだ目的での利用だけをやめる")
    outweighed = answering()["promise"]["outweighs"] if found.promise is Answer.GRANT else ()
    for ground in refusing:
        if ground.id not in outweighed:
            yield f"refuse|{ground.id}|", _("応じない：%(why)s") % {"why": ground.name(language())}
    if found.law is Answer.REFUSE and found.promise is not Answer.GRANT:
        for ground in asking:
            yield f"grant|{ground.id}|", _("応じる：%(why)s") % {"why": ground.name(language())}
    yield _unasked()


def _unasked() -> tuple[str, str]:
    return f"{Answer.UNASKED.value}||", _("求められていない")


def _purposes(one: OpenLine, typed: Mapping[str, str] | None, at: datetime) -> Iterable[tuple[str, str, bool]]:
    """The purposes for which this class is used, for the clerk to choose from."""
    picked = typed.getlist(f"purposes-{one.key}") if isinstance(typed, QueryDict) else []
    policy, class_ = policies.in_force(at), one.item.partition(".")[0]
    used = {use.purpose for use in policy.uses if any(item.partition(".")[0] == class_ for item in use.items)}
    for purpose in policy.purposes.values():
        if purpose.id in used and purpose.nature not in effects()["goes_on"]["always"]:
            yield purpose.id, said(purpose.label), purpose.id in picked
