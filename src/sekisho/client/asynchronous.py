"""The same gate for programs that run on an event loop."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import wraps
from typing import Any, ParamSpec, Protocol, Self, TypeVar

from sekisho.client.answer import Answer
from sekisho.client.guarding import Finder, finder
from sekisho.client.question import DataSubject, Question, Scope, checked, opened, question

P = ParamSpec("P")
T = TypeVar("T")


class AsyncTransport(Protocol):
    """How questions reach a decision point."""

    async def ask(self, questions: Sequence[Question]) -> Sequence[Answer]:
        """One answer for each question, in order."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class AsyncGate:
    """`Gate`, awaited."""

    def __init__(self, transport: AsyncTransport) -> None:
        self._transport = transport

    @asynccontextmanager
    async def purpose(
        self,
        purpose: str,
        *,
        actor: str,
        recipient: str | None = None,
        channel: str | None = None,
        claims: Sequence[str] = (),
        understands: Sequence[str] = (),
    ) -> AsyncGenerator["AsyncGate"]:
        """Open a purpose for the task that runs inside."""
        scope = Scope(
            purpose=purpose,
            actor=actor,
            recipient=recipient,
            channel=channel,
            claims=tuple(claims),
            understands=frozenset(understands),
        )
        with opened(scope):
            yield self

    async def ask(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """As `Gate.ask`."""
        return (await self.ask_many([question(scope, data_subject, items, act, resource)]))[0]

    async def ask_many(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """As `Gate.ask_many`."""
        return tuple(await self._transport.ask(questions)) if questions else ()

    async def require(
        self,
        data_subject: DataSubject,
        items: Sequence[str],
        *,
        act: str = "use",
        resource: Mapping[str, Any] | None = None,
        scope: Scope | None = None,
    ) -> Answer:
        """As `Gate.require`."""
        asked = question(scope, data_subject, items, act, resource)
        return checked((await self.ask_many([asked]))[0], asked.scope)

    def guard(
        self, *, items: Sequence[str], data_subject: str | Finder, act: str = "use"
    ) -> Callable[[Callable[P, Awaitable[T]]], Callable[P, Awaitable[T]]]:
        """As `Gate.guard`, for coroutine functions."""

        def guarding(function: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
            find = finder(function, data_subject)

            @wraps(function)
            async def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
                await self.require(find(*args, **kwargs), items, act=act)
                return await function(*args, **kwargs)

            return guarded

        return guarding

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()
