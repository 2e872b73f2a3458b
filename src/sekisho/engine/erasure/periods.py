"""How long an item may be kept, as a derivation: the answer to なぜまだ持っているのか.

A policy gives periods (and ceilings to them), law gives floors, an unpaid claim keeps what its purpose still needs, a
hold keeps what a paper orders to keep. The longest wins and is shown first; whatever disagrees is reported.
Source: telecom guideline 10(1) (2017) / 11(1) (2022); APPI 22.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sekisho.engine.erasure.floors import Floor, Hold, RetentionLaw, grounds_in_force
from sekisho.engine.erasure.rules import RuleKind, governing
from sekisho.engine.errors import text, texts
from sekisho.engine.policy.model import Policy, Retention
from sekisho.engine.policy.periods import add, longer, parse

ROOM = "sekisho.engine.erasure"
FOREVER = date.max
NO_PERIOD = "erasure.no-period"


class End(StrEnum):
    """What is known of the end of a reason to keep."""

    DATED = "dated"
    OPEN = "open"  # the event has not happened, the claim still lives, the hold names no day
    UNKNOWN = "unknown"  # nobody recorded the event: kept, and reported


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """One reason to keep. `since` is the event's day, `until` the last day it justifies; None = no such day known."""

    rule: RuleKind
    clause: str
    article: str
    since: date | None
    until: date | None
    end: End
    says: str  # Japanese
    says_en: str
    mark: str = ""  # how certain the law's text is: sure, likely, check
    event: str = ""  # what the period counts from
    keep: str = ""  # the period, ISO 8601
    hold: str = ""  # the hold's reference

    def told(self, language: str = "ja") -> str:
        """The sentence, with the mark of its source where it rests on law."""
        said = self.says_en if language == "en" else self.says
        return f"{said} [{self.mark}]" if self.mark else said

    def stands(self, on: date) -> bool:
        """Whether it is known to keep the item on that day."""
        return self.end is End.OPEN or (self.end is End.DATED and self.until is not None and on <= self.until)

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """The shape of DESIGN.md section 8, what it was counted from, and the sentence."""
        return {
            "rule": self.rule.value,
            "clause": self.clause,
            "article": self.article,
            "source": self.mark or None,
            "event": self.event or None,
            "keep": self.keep or None,
            "hold": self.hold or None,
            "from": self.since.isoformat() if self.since else None,
            "until": self.until.isoformat() if self.until else None,
            "end": self.end.value,
            "says": self.told(language),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Two rules that disagree, or a rule that is missing. Shown, never settled quietly."""

    code: str
    clause: str
    says: str
    says_en: str

    def told(self, language: str = "ja") -> str:
        """The sentence in a language."""
        return self.says_en if language == "en" else self.says


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long one item is kept. `because` begins with the reason that governs; empty = nothing keeps it."""

    item: str
    subject_kind: str
    until: date | None
    end: End
    because: tuple[Because, ...]
    contradictions: tuple[Contradiction, ...] = ()

    def is_past(self, on: date) -> bool | None:
        """Whether every reason has ended before `on`; None where nobody can tell. One that is known to stand settles it."""
        has_period = all(one.code != NO_PERIOD for one in self.contradictions)
        if has_period and any(reason.stands(on) for reason in self.because):
            return False
        if self.end is End.UNKNOWN:
            return None
        return self.end is End.DATED and (self.until is None or on > self.until)

    @property
    def goes_by(self) -> date | None:
        """The day on which it goes at the latest, where one is known: the first day nothing keeps it."""
        if self.end is not End.DATED or self.until is None or self.until == FOREVER:
            return None
        return self.until + timedelta(days=1)

    def as_json(self, language: str = "ja") -> dict[str, object]:
        """One object of `retention why --json`. The first of `because` decides."""
        return {
            "class": self.item,
            "subject_kind": self.subject_kind,
            "keep_until": self.until.isoformat() if self.until else None,
            "goes_by": self.goes_by.isoformat() if self.goes_by else None,
            "end": self.end.value,
            "decides": self.because[0].rule.value if self.because else None,
            "because": [reason.as_json(language) for reason in self.because],
            "contradictions": [
                {"code": one.code, "clause": one.clause, "says": one.told(language)} for one in self.contradictions
            ],
        }


def keep_until(
    policy: Policy,
    law: RetentionLaw,
    item: str,
    subject_kind: str,
    events: Mapping[str, date | None],
    settled: bool | None,
    holds: Iterable[Hold],
    *,
    on: date,
    at_request: bool = False,
) -> Keep:
    """How long `item` of a person of this kind is kept.

    `events`: a day; None where it is known not to have happened; missing where nobody recorded it. `settled`: whether
    the claim is over. `at_request`: the person asked for erasure, so the policy's own periods no longer count and only
    floors, living claims and holds do (B-34 subject to law; LAW.md 9.19).
    """
    rules = governing(policy, law, item, subject_kind)
    reasons: list[Because] = []
    odd: list[Contradiction] = []
    if not rules.periods:
        odd.append(_contradiction(NO_PERIOD, "", item=item, kind=subject_kind))
    for period in rules.periods:
        if not at_request:
            reasons.append(_of_policy(period, events, odd))
        if period.until_settled and settled is not True:
            reasons.append(_of_claim(period, law, settled))
    for floor in rules.floors:
        reasons.append(_of_law(floor, events))
        odd.extend(_below(floor, rules.periods))
    reasons.extend(_of_holds(policy, law, item, holds, on, odd))
    reasons.sort(key=_weight, reverse=True)
    if not rules.periods and not at_request:
        return Keep(
            item=item,
            subject_kind=subject_kind,
            until=None,
            end=End.UNKNOWN,
            because=tuple(reasons),
            contradictions=tuple(odd),
        )
    until, end = (reasons[0].until, reasons[0].end) if reasons else (None, End.DATED)
    return Keep(
        item=item, subject_kind=subject_kind, until=until, end=end, because=tuple(reasons), contradictions=tuple(odd)
    )


def _of_policy(rule: Retention, events: Mapping[str, date | None], odd: list[Contradiction]) -> Because:
    since, until, end = _period(rule.after, rule.keep, events)
    if rule.ceiling and since:
        ceiling = add(since, rule.ceiling)
        if until and until > ceiling:
            until = ceiling
            odd.append(
                _contradiction("erasure.above-ceiling", rule.clause, keep=_ja(rule.keep), ceiling=_ja(rule.ceiling))
            )
    keep = rule.ceiling if rule.ceiling and longer(rule.keep, rule.ceiling) else rule.keep
    return _because(RuleKind.POLICY, rule.clause, ("", ""), since, until, end, rule.after, keep)


def _of_law(floor: Floor, events: Mapping[str, date | None]) -> Because:
    event = floor.event(events)
    since, until, end = _period(event, floor.keep, events)
    article = (floor.article_ja, floor.article_en)
    return _because(RuleKind.FLOOR, "", article, since, until, end, event, floor.keep, floor.mark)


def _of_claim(rule: Retention, law: RetentionLaw, settled: bool | None) -> Because:
    end = End.UNKNOWN if settled is None else End.OPEN
    return _because(RuleKind.CLAIM, rule.clause, law.claims, None, None, end, "settled", "")


def _of_holds(
    policy: Policy, law: RetentionLaw, item: str, holds: Iterable[Hold], on: date, odd: list[Contradiction]
) -> Iterable[Because]:
    allowed = grounds_in_force(policy, law)
    for hold in holds:
        if not hold.covers(item, on):
            continue
        if hold.ground not in allowed:
            odd.append(_contradiction("erasure.ground-not-promised", "", ground=hold.ground, hold=hold.id))
            continue
        ground = law.grounds.get(hold.ground)
        article = (ground.article_ja, ground.article_en) if ground else ("", "")
        end = End.DATED if hold.until else End.OPEN
        values = {"ground": hold.ground, "source": hold.source or hold.id, "clause": allowed[hold.ground]}
        yield Because(
            rule=RuleKind.HOLD,
            clause=allowed[hold.ground],
            article=article[0],
            since=hold.placed_on,
            until=hold.until,
            end=end,
            says=_say(f"erasure.hold-{end}", "ja", values | {"until": _day(hold.until), "article": article[0]}),
            says_en=_say(f"erasure.hold-{end}", "en", values | {"until": _day(hold.until), "article": article[1]}),
            mark=ground.mark if ground else "",
            hold=hold.id,
        )


def _below(floor: Floor, periods: Iterable[Retention]) -> Iterable[Contradiction]:
    """A policy whose period is shorter than the law's after the same event."""
    for rule in periods:
        if rule.after in {floor.after, floor.instead} and longer(floor.keep, rule.keep):
            yield _contradiction(
                "erasure.below-floor", rule.clause, keep=_ja(rule.keep), floor=_ja(floor.keep), article=floor.article_ja
            )


def _period(event: str, keep: str, events: Mapping[str, date | None]) -> tuple[date | None, date | None, End]:
    if event not in events:
        return None, None, End.UNKNOWN
    since = events[event]
    return (since, add(since, keep), End.DATED) if since else (None, None, End.OPEN)


def _because(
    rule: RuleKind,
    clause: str,
    article: tuple[str, str],
    since: date | None,
    until: date | None,
    end: End,
    event: str,
    keep: str,
    mark: str = "",
) -> Because:
    code = f"erasure.{rule}-{end}"
    shared = {"clause": clause, "since": _day(since), "until": _day(until)}
    length = parse(keep) if keep else None
    ja = {"event": event_label(event, "ja"), "keep": length.text() if length else "", "article": article[0]}
    en = {"event": event_label(event, "en"), "keep": length.text("en") if length else "", "article": article[1]}
    return Because(
        rule=rule,
        clause=clause,
        article=article[0],
        since=since,
        until=until,
        end=end,
        says=_say(code, "ja", shared | ja),
        says_en=_say(code, "en", shared | en),
        mark=mark,
        event="" if rule is RuleKind.CLAIM else event,
        keep=keep,
    )


def _contradiction(code: str, clause: str, **values: str) -> Contradiction:
    shared = {"clause": clause} | values
    return Contradiction(code=code, clause=clause, says=_say(code, "ja", shared), says_en=_say(code, "en", shared))


def _weight(reason: Because) -> tuple[int, date, bool]:
    """Open outlasts every day; unknown comes next, for nobody may erase on a guess; law before policy on one day."""
    rank = {End.OPEN: 2, End.UNKNOWN: 1, End.DATED: 0}[reason.end]
    return rank, reason.until or FOREVER, reason.rule is not RuleKind.POLICY


def event_label(event: str, language: str) -> str:
    """An event in words."""
    code = f"erasure.event.{event}"
    return text(ROOM, code, language, {}) if code in texts(ROOM) else event


def _say(code: str, language: str, values: Mapping[str, str]) -> str:
    return text(ROOM, code, language, values)


def _ja(period: str) -> str:
    return parse(period).text()


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
