"""A question to the gate, and the scope that holds what many questions have in common."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from sekisho.client.answer import Answer
from sekisho.client.failures import ObligationNotUnderstood, PurposeMissing, failure_of

# An opaque reference, or one identifier with the instant it tells of: {"number": "…", "at": "…"}, {"customer_no": "…"}
DataSubject: TypeAlias = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Who asks, and for what. `understands` names the types of obligation the caller carries out."""

    purpose: str
    actor: str
    recipient: str | None = None
    channel: str | None = None
    claims: tuple[str, ...] = ()
    understands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """May the scope's actor do this with these items of this person?"""

    scope: Scope
    data_subject: DataSubject
    items: tuple[str, ...]
    act: str = "use"
    resource: Mapping[str, Any] = field(default_factory=dict)

    def evaluation(self) -> dict[str, Any]:
        """As an AuthZEN access evaluation request."""
        scope = self.scope
        context: dict[str, Any] = {"purpose": scope.purpose, "claims": list(scope.claims)}
        context |= {"recipient": scope.recipient} if scope.recipient is not None else {}
        context |= {"channel": scope.channel} if scope.channel is not None else {}
        return {
            "subject": {"type": "staff", "id": scope.actor},
            "action": {"name": self.act},
            "resource": _resource(self.data_subject, {**self.resource, "items": list(self.items)}),
            "context": context,
        }

    def ask(self) -> dict[str, Any]:
        """As a line of `sekisho decide`."""
        scope = self.scope
        said: dict[str, Any] = {
            "actor": scope.actor,
            "act": self.act,
            "purpose": scope.purpose,
            "items": list(self.items),
            "data_subjects": [self.data_subject if isinstance(self.data_subject, str) else dict(self.data_subject)],
            "claims": list(scope.claims),
            "resource": dict(self.resource),
        }
        said |= {"recipient": scope.recipient} if scope.recipient is not None else {}
        said |= {"channel": scope.channel} if scope.channel is not None else {}
        return said


def _resource(address: DataSubject, properties: dict[str, Any]) -> dict[str, Any]:
    if isinstance(address, str):
        return {"type": "person", "id": address, "properties": properties}
    told = dict(address)
    at = told.pop("at", None)
    if len(told) != 1:
        raise ValueError("a data subject is told by one identifier, and by the instant it tells of")
    ((kind, value),) = told.items()
    return {"type": kind, "id": value, "properties": properties | ({"at": at} if at is not None else {})}


_current: ContextVar[Scope | None] = ContextVar("sekisho_scope", default=None)


def current_scope() -> Scope:
    """The innermost scope that is open here. Raises: PurposeMissing."""
    scope = _current.get()
    if scope is None:
        raise PurposeMissing("no purpose: ask inside `with gate.purpose(…)`")
    return scope


@contextmanager
def opened(scope: Scope) -> Generator[None]:
    """Open a scope for the code that runs inside, in this thread or task."""
    token = _current.set(scope)
    try:
        yield
    finally:
        _current.reset(token)


def checked(answer: Answer, scope: Scope) -> Answer:
    """The answer where it permits and every obligation is understood; else the exception that says why not."""
    if not answer.permitted:
        raise failure_of(answer)
    strange = frozenset(obligation.type for obligation in answer.obligations) - scope.understands
    if strange:
        raise ObligationNotUnderstood(answer, strange)
    return answer


def question(
    scope: Scope | None, data_subject: DataSubject, items: Sequence[str], act: str, resource: Mapping[str, Any] | None
) -> Question:
    """A question in the given scope, else in the one open here."""
    named = (items,) if isinstance(items, str) else tuple(items)
    return Question(
        scope=scope or current_scope(), data_subject=data_subject, items=named, act=act, resource=resource or {}
    )
