"""Answer requests that wait at the same time: whose keys, what is asked, one reading of the registers, one sealing."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeVar

from django.db import DatabaseError, connection

from sekisho.engine.errors import SekishoError
from sekisho.evidence.reading import read
from sekisho.registers.decisions.actions.deciding import Decided
from sekisho.registers.decisions.actions.sealing import kind_of, seal
from sekisho.registers.decisions.api import evaluating
from sekisho.registers.decisions.api.body import body_of
from sekisho.registers.decisions.api.evaluating import Found, Questions
from sekisho.registers.decisions.api.exchange import (
    EVALUATION,
    EVALUATIONS,
    SEARCHES,
    Reply,
    Request,
    refusal_of,
)
from sekisho.registers.decisions.api.searching import search
from sekisho.registers.decisions.queries.addresses import people_at
from sekisho.registers.decisions.queries.keys import KEYS, KeyFacts, digest_of, keys_in
from sekisho.registers.decisions.queries.snapshot import Snapshot, snapshot_of
from sekisho.registers.decisions.rules import ROOM, KeyScope

logger = logging.getLogger(__name__)
BEARER = "bearer "
METHOD = "POST"
READERS = {EVALUATION: evaluating.question_of, EVALUATIONS: evaluating.questions_of}
Decisions: TypeAlias = tuple[Questions, tuple[Found, ...]]
Step: TypeAlias = SekishoError | Reply | Questions | Decisions  # refused, answered, read, or decided
Given = TypeVar("Given")


def answer(requests: Sequence[Request], now: datetime) -> list[Reply]:
    """One reply to each request, none before what it says is sealed. Whose key opens nothing learns nothing else."""
    try:
        return _answers(requests, now)
    except DatabaseError as error:
        logger.warning("registers could not be read: %s", kind_of(error))
        connection.close()  # the next begins with a connection that works
        return [refusal_of(SekishoError("decisions.unavailable", room=ROOM), request.language) for request in requests]


def _answers(requests: Sequence[Request], now: datetime) -> list[Reply]:
    digests = [_digest(request) for request in requests]
    named = sorted({digest for digest in digests if digest})
    keys = keys_in(read([(KEYS, named)])["keys"]) if named else {}
    steps: list[Step] = []
    for request, digest in zip(requests, digests, strict=True):
        steps.append(_caught(partial(_taken, request, keys.get(digest), now)))
    find = people_at([address for step in steps if isinstance(step, Questions) for address in step.addresses()])
    steps = [_caught(partial(step.asked, now, find)) if isinstance(step, Questions) else step for step in steps]
    asks = [ask for step in steps if isinstance(step, Questions) for ask in step.asks()]
    registers = snapshot_of(asks) if asks else None
    steps = [_caught(partial(_decided, step, registers)) if isinstance(step, Questions) else step for step in steps]
    seal([one.ticket for step in steps if isinstance(step, tuple) for one in step[1] if isinstance(one, Decided)])
    return [_reply(request, step) for request, step in zip(requests, steps, strict=True)]


def _decided(questions: Questions, registers: Snapshot | None) -> Decisions:
    return questions, evaluating.decided(questions, registers)


def _taken(request: Request, key: KeyFacts | None, now: datetime) -> Step:
    """What a request asks, or the answer to a search."""
    if request.path not in READERS and request.path not in SEARCHES:
        raise SekishoError("decisions.no-such-address", room=ROOM)
    if request.method != METHOD:
        raise SekishoError("decisions.method-not-allowed", room=ROOM, methods=METHOD)
    if key is None or not key.is_valid(now):
        raise SekishoError("decisions.not-authenticated", room=ROOM)
    scope = KeyScope.SEARCH if request.path in SEARCHES else KeyScope.EVALUATE
    if scope.value not in key.scopes:
        raise SekishoError("decisions.scope-missing", room=ROOM, scope=scope.value)
    said = body_of(request)
    return search(request.path, said, key, now) if request.path in SEARCHES else READERS[request.path](said)


def _reply(request: Request, step: Step) -> Reply:
    if isinstance(step, Questions):
        raise TypeError("a request that was not decided")
    told = _caught(partial(evaluating.reply_of, *step, request.language)) if isinstance(step, tuple) else step
    if isinstance(told, Reply):
        return told
    if told.code == "decisions.not-authenticated":
        return refusal_of(told, request.language, WWW_Authenticate="Bearer")
    if told.code == "decisions.method-not-allowed":
        return refusal_of(told, request.language, Allow=METHOD)
    return refusal_of(told, request.language)


def _caught(step: Callable[[], Given]) -> Given | SekishoError:
    """What a step gives, or why it can't."""
    try:
        return step()
    except SekishoError as error:
        return error


def _digest(request: Request) -> str:
    """What is kept of the request's key; empty where it brings none."""
    said = request.authorization
    token = said[len(BEARER) :].strip() if said[: len(BEARER)].lower() == BEARER else ""
    return digest_of(token) if token and token.isascii() and token.isprintable() else ""
