"""Why a client may not go on. Texts name codes only: an exception ends up in logs, where nobody's data belongs."""

from sekisho.client.answer import Answer


class NotPermitted(Exception):
    """The gate said no. `answer` holds every reason."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        codes = ", ".join(dict.fromkeys(reason.code for reason in answer.reasons))
        super().__init__(f"{answer.decision}: {codes}" if codes else answer.decision)


class Refused(NotPermitted):
    """Nothing the person or a second member of staff could say would change it."""


class ConsentNeeded(NotPermitted):
    """Only consents are missing."""


class ApprovalNeeded(NotPermitted):
    """The approval of a second person is missing."""


class ObligationNotUnderstood(NotPermitted):
    """It was permitted under obligations the caller doesn't understand: that is a refusal."""

    def __init__(self, answer: Answer, types: frozenset[str]) -> None:
        super().__init__(answer)
        self.types = types
        self.args = (f"obligations not understood: {', '.join(sorted(types))}",)


class GateUnavailable(Exception):
    """No answer came (network, time-out, evidence not durable in time): treat as a refusal."""


class BadQuestion(Exception):
    """The decision point couldn't read the question. `code` and `fields` say what is wrong with it."""

    def __init__(self, code: str, fields: tuple[str, ...] = (), remedy: str = "") -> None:
        self.code, self.fields, self.remedy = code, fields, remedy
        super().__init__(f"{code} {', '.join(fields)}".strip())


class NotAuthenticated(Exception):
    """The key opens nothing: wrong, revoked, or missing."""


class PurposeMissing(Exception):
    """Asked outside `with gate.purpose(…)`: data has no use without a purpose."""


def failure_of(answer: Answer) -> NotPermitted:
    """The exception for an answer that isn't a permit; a decision of another name is a refusal."""
    kind = {"needs_consent": ConsentNeeded, "needs_approval": ApprovalNeeded}.get(answer.decision, Refused)
    return kind(answer)
