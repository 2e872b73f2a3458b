"""The gate as a program sees it: ask, require, guard, and the scope of a purpose."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec, Protocol, Self, TypeVar

from sekisho.client.answer import Answer
from sekisho.client.guarding import Finder, finder
from sekisho.client.question import DataSubject, Question, Scope, checked, opened, question

P = ParamSpec("P")
T = TypeVar("T")


class Transport(Protocol):
    """How questions reach a decision point: over HTTP, or inside the same process."""

    def ask(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """One answer for each question, in order. Raises what `failures` lists; never answers in doubt."""
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...


class Gate:
    """Ask under a purpose. Safe to share between threads; the scope belongs to the thread or task that opened it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    @contextmanager
    def purpose(
        self,
        purpose: str,
        *,
        actor: str,
        recipient: str | None = None,
        channel: str | None = None,
        claims: Sequence[str] = (),
        understands: Sequence[str] = (),
    ) -> Generator["ScopedGate"]:
        """Open a purpose: everything asked inside is asked for it. Scopes nest, the inner one counts."""
        scope = Scope(
            purpose=purpose,
            actor=actor,
            recipient=recipient,
            channel=channel,
            claims=tuple(claims),
            understands=frozenset(understands),
        )
        with opened(scope):
            yield ScopedGate(self, scope)

    def ask(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """The answer, whatever it is. Raises: PurposeMissing, BadQuestion, NotAuthenticated, GateUnavailable."""
        return self.ask_many([question(scope, data_subject, items, act, resource)])[0]

    def ask_many(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """One answer for each question, in order."""
        return tuple(self._transport.ask(questions)) if questions else ()

    def require(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """The permit. Raises besides: Refused, ConsentNeeded, ApprovalNeeded, ObligationNotUnderstood."""
        asked = question(scope, data_subject, items, act, resource)
        return checked(self.ask_many([asked])[0], asked.scope)

    def guard(
        self, *, items: Sequence[str], data_subject: str | Finder, act: str = "use"
    ) -> Callable[[Callable[P, T]], Callable[P, T]]:
        """A function that runs only after a permit, asked anew at every call for the purpose open at that time.

        `data_subject` names the parameter that tells the person, or is a function of the call's arguments.
        """

        def guarding(function: Callable[P, T]) -> Callable[P, T]:
            find = finder(function, data_subject)

            @wraps(function)
            def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
                self.require(find(*args, **kwargs), items, act=act)
                return function(*args, **kwargs)

            return guarded

        return guarding

    def close(self) -> None:
        """Let go of connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ScopedGate:
    """A gate bound to the scope it was opened with, so that an inner `with` doesn't change what it asks for."""

    def __init__(self, gate: Gate, scope: Scope) -> None:
        self._gate, self.scope = gate, scope

    def ask(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
    ) -> Answer:
        """As `Gate.ask`."""
        return self._gate.ask(data_subject, items, act=act, resource=resource, scope=self.scope)

    def require(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
    ) -> Answer:
        """As `Gate.require`."""
        return self._gate.require(data_subject, items, act=act, resource=resource, scope=self.scope)
