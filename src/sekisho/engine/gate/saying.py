"""Reasons in words: code, clause, article, message and remedy, in Japanese and English."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache

from sekisho.engine.errors import text
from sekisho.engine.gate.ask import Decision, NeedsApproval, NeedsConsent, Obligation, Permit, Reason, Refuse
from sekisho.engine.gate.rules import rules
from sekisho.engine.gate.slots import CONDITION_BIT, SLOT, Cure
from sekisho.engine.gate.table import Ranked
from sekisho.engine.law.model import Norm
from sekisho.engine.law.pack import Law

ROOM = "sekisho.engine.gate"
HOPELESS = "gate.would-not-cure"
TELL = "gate.tell"
NO_EDITIONS: Mapping[str, str] = {}
AFTER_CODES = 1000  # slots are told after what rests on the policy alone, in bit order


def reasons_json(decision: Decision, language: str = "ja") -> dict[str, object]:
    """The shape `sekisho decide` prints for one ask, without `evidence`."""
    obligations: Sequence[Obligation] = decision.obligations if isinstance(decision, Permit) else ()
    return {
        "decision": OUTCOME[type(decision)],
        "reasons": [
            {
                "code": reason.code,
                "clause": reason.clause,
                "article": reason.article,
                "message": message(reason, language),
                "remedy": remedy(reason, language),
                "item": reason.item,
                "slot": reason.slot,
                "tell": list(reason.tell),
            }
            for reason in ([] if isinstance(decision, Permit) else decision.reasons)
        ],
        "obligations": [
            {"id": obligation.id, "type": obligation.type, "properties": dict(obligation.properties)}
            for obligation in obligations
        ],
        "policy": decision.policy,
    }


OUTCOME: Mapping[type[Decision], str] = {
    Permit: "permit",
    Refuse: "refuse",
    NeedsConsent: "needs_consent",
    NeedsApproval: "needs_approval",
}


def message(reason: Reason, language: str = "ja") -> str:
    """What failed, in one sentence."""
    return reason.message if language == "ja" else text(ROOM, reason.code, language, _in(reason.values, language))


def remedy(reason: Reason, language: str = "ja") -> str:
    """What can be done about it."""
    if language == "ja":
        return reason.remedy
    code = HOPELESS if reason.values.get("hopeless") else reason.code
    return text(ROOM, code, f"{language}_remedy", _in(reason.values, language))


def say(
    law: Law,
    on: date | None,
    code: str,
    *,
    clause: str = "",
    item: str = "",
    slot: str = "",
    bit: int = -1,
    cure: Cure = Cure.NONE,
    cites: tuple[str, ...] = (),
    values: Mapping[str, str] | None = None,
    follows: int = 0,
    editions: Mapping[str, str] = NO_EDITIONS,
) -> Ranked:
    """A reason with its words. Values name parts of the policy only, never what a caller wrote."""
    filled = {"item": item, "clause": clause, "slot": slot, **(values or {})}
    words = _in(filled, "ja")
    articles = articles_of(law, on, (*cites, *_cites(code, slot)), editions)
    hopeless_remedy = text(ROOM, code if cure is Cure.NONE else HOPELESS, "ja_remedy", words)

    def reason(remedy_words: str, hopeless: str) -> Reason:
        return Reason(
            code=code,
            clause=clause,
            article=articles,
            message=text(ROOM, code, "ja", words),
            remedy=remedy_words,
            item=item,
            slot=slot,
            values={**filled, "hopeless": hopeless},
        )

    return Ranked(
        order=_order(code, bit, slot),
        cure=cure,
        reason=reason(text(ROOM, code, "ja_remedy", words), ""),
        hopeless=reason(hopeless_remedy, "" if cure is Cure.NONE else "yes"),
        follows=follows,
    )


def articles_of(law: Law, on: date | None, cites: tuple[str, ...], editions: Mapping[str, str] = NO_EDITIONS) -> str:
    """The places cited, each once, in the edition in force on that day.

    `editions` are those the policy cites, by norm: where its own text gives the place another number, that follows too.
    """
    return "、".join(dict.fromkeys(_place(law, on, key, editions) for key in cites))


def _place(law: Law, on: date | None, key: str, editions: Mapping[str, str]) -> str:
    norm = law.norms[key.partition(".")[0]]
    citation = law.cite(key, _edition(norm, on) if on else None)
    place, named = f"{citation.text()}〔{citation.edition}〕", editions.get(norm.id, citation.edition)
    if named == citation.edition or (key.partition(".")[2], named) not in norm.places:
        return place  # the packs know no number of it in the policy's edition
    own = law.cite(key, named)
    return place if own.text() == citation.text() else f"{place}（方針の表記: {own.text()}〔{named}〕）"


def _edition(norm: Norm, on: date) -> str:
    newest_first = sorted(norm.editions.values(), key=lambda edition: edition.since, reverse=True)
    return next((edition.id for edition in newest_first if edition.since <= on), newest_first[-1].id)


def _cites(code: str, slot: str) -> tuple[str, ...]:
    return (SLOT[slot].cites if slot else ()) or rules().codes.get(code, ())


def _order(code: str, bit: int, slot: str) -> int:
    if slot in rules().first:
        return rules().first.index(slot) - len(rules().first)
    if bit < 0:
        return rules().order.get(code, AFTER_CODES - 1)
    return AFTER_CODES + bit if bit < CONDITION_BIT else rules().order["gate.condition-not-met"]


@cache
def _label(slot: str, language: str) -> str:
    """A slot in a word or two, for reasons about an unknown fact."""
    return text(ROOM, SLOT[slot].code, f"{language}_label", {})


def _in(values: Mapping[str, str], language: str) -> Mapping[str, str]:
    slot, keys = values.get("slot", ""), values.get("tell", "").split()
    told = text(ROOM, TELL, language, {"keys": text(ROOM, TELL, f"{language}_or", {}).join(keys)}) if keys else ""
    return {**values, "slot": _label(slot, language) if slot else "", "tell": told}
