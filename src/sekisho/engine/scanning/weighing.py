"""How sure a finding is, and why it is one: check digit and word near > check digit > form and word near > form alone.

Source of the order: LAW.md section 6, detector precedence.
"""

from dataclasses import dataclass

from sekisho.engine.scanning.recogniser import Candidate, Grade, Recogniser, Words

CHECKED_AND_NEAR, CHECKED, FORM_AND_NEAR = 0.95, 0.8, 0.6
THRESHOLD = 0.5  # below it nothing is told unless asked for
BEFORE, AFTER = 24, 12  # how far a word still counts as near, in characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Personal information of a kind at a place of the original text, and why it is thought to be."""

    type: str
    label: Words
    grade: Grade
    start: int
    end: int
    score: float
    why: Words


def weigh(recogniser: Recogniser, candidate: Candidate, lowered: str) -> tuple[float, Words] | None:
    """The score and its reasons; None where nothing is to be said. `lowered` is the folded text in lower case."""
    near = candidate.near or word_near(recogniser.near, lowered, candidate.start, candidate.end)
    if not near and (recogniser.is_common or _is_other(recogniser.against, lowered, candidate.start)):
        return None
    return score_of(recogniser, valid=candidate.valid, near=bool(near)), why(
        recogniser, valid=candidate.valid, near=near
    )


def _is_other(words: tuple[str, ...], lowered: str, start: int) -> bool:
    """Whether a word shortly before it, on the same line, says that it is another thing."""
    if not words:
        return False
    before = lowered[max(0, start - BEFORE) : start].rpartition("\n")[2]
    return any(word in before for word in words)


def score_of(recogniser: Recogniser, *, valid: bool | None, near: bool) -> float:
    """The score by what speaks for it."""
    if valid:
        return CHECKED_AND_NEAR if near else CHECKED
    return FORM_AND_NEAR if near else recogniser.alone


def why(recogniser: Recogniser, *, valid: bool | None, near: str) -> Words:
    """Form, rule and word in one sentence."""
    ja, en = [recogniser.form.ja], [recogniser.form.en]
    if valid and recogniser.rule:
        ja.append(recogniser.rule.ja)
        en.append(recogniser.rule.en)
    if near:
        ja.append(f"近くに「{near}」がある")
        en.append(f"“{near}” stands near")
    return Words("。".join(ja) + "。", "; ".join(en))


def word_near(words: tuple[str, ...], lowered: str, start: int, end: int) -> str:
    """The first of the words found shortly before or after, on the same line."""
    before = lowered[max(0, start - BEFORE) : start].rpartition("\n")[2]
    after = lowered[end : end + AFTER].partition("\n")[0]
    return next((word for word in words if word in before or word in after), "")
