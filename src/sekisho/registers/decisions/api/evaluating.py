"""Access Evaluation and Access Evaluations: one item or a batch, what each answers, and how far a batch goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeAlias, TypeVar

from sekisho.engine.errors import SekishoError
from sekisho.engine.gate.ask import Ask, Permit
from sekisho.registers.decisions.actions.deciding import Decided, decide_from
from sekisho.registers.decisions.api.asking import address_of, ask_of
from sekisho.registers.decisions.api.exchange import STATUS, BadRequest, Reply, fields_of
from sekisho.registers.decisions.api.shapes import Evaluation, evaluation_of
from sekisho.registers.decisions.queries.snapshot import Snapshot
from sekisho.registers.decisions.rules import limits

Item: TypeAlias = Evaluation | Ask | SekishoError  # as read, as asked, or what is wrong with it
Found: TypeAlias = Decided | SekishoError
Given = TypeVar("Given")
DEFAULTS = ("subject", "action", "resource", "context")


class Semantic(StrEnum):
    """How far a batch goes."""

    ALL = "execute_all"
    FIRST_DENY = "deny_on_first_deny"
    FIRST_PERMIT = "permit_on_first_permit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What one request asks: one item, or a batch of them. An item that cannot be read has its error in its place."""

    items: tuple[Item, ...]
    is_batch: bool = False
    semantic: Semantic = Semantic.ALL

    def addresses(self) -> list[object]:
        """Whom the items are about."""
        return [address_of(item) for item in self.items if isinstance(item, Evaluation)]

    def asked(self, now: datetime, find: Callable[[object], str]) -> "Questions":
        """The same as asks of the gate. Raises: the error of a request that is no batch."""
        return replace(self, items=tuple(self._asked(item, now, find) for item in self.items))

    def asks(self) -> tuple[Ask, ...]:
        """The items that can be asked."""
        return tuple(item for item in self.items if isinstance(item, Ask))

    def _asked(self, item: Item, now: datetime, find: Callable[[object], str]) -> Item:
        if not isinstance(item, Evaluation):
            return item
        return ask_of(item, now, find) if not self.is_batch else _or_error(partial(ask_of, item, now, find))


def question_of(said: Mapping[str, Any]) -> Questions:
    """An access evaluation request. Raises: BadRequest."""
    return Questions(items=(evaluation_of(said),))


def questions_of(said: Mapping[str, Any]) -> Questions:
    """An access evaluations request; without evaluations it is a single one. Raises: BadRequest."""
    listed = said.get("evaluations", [])
    if not isinstance(listed, list) or len(listed) > limits()["api"]["most_evaluations"]:
        raise BadRequest("evaluations")
    semantic = _semantic(said)
    if not listed:
        return question_of(said)
    if wrong := [name for name in DEFAULTS if not isinstance(said.get(name, {}), dict)]:
        raise BadRequest(*wrong)
    items = tuple(_or_error(partial(_item, one, said)) for one in listed)
    return Questions(items=items, is_batch=True, semantic=semantic)


def decided(questions: Questions, registers: Snapshot | None) -> tuple[Found, ...]:
    """The decisions, not yet sealed; where the semantic stops, what follows is not asked. Raises: policies.none-in-force."""
    found: list[Found] = []
    for item in questions.items:
        one = _or_error(partial(decide_from, item, registers)) if isinstance(item, Ask) and registers else item
        if isinstance(one, Evaluation | Ask):
            raise TypeError("an item that was not asked")
        found.append(one)
        permits = isinstance(one, Decided) and isinstance(one.decision, Permit)
        if questions.semantic is (Semantic.FIRST_PERMIT if permits else Semantic.FIRST_DENY):
            break
    return tuple(found)


def reply_of(questions: Questions, found: Sequence[Found], language: str) -> Reply:
    """The answer, once everything in it is sealed. Raises: the error of a request that is no batch."""
    if questions.is_batch:
        return Reply(status=200, said={"evaluations": [_said(one, language) for one in found]})
    (only,) = found
    if isinstance(only, SekishoError):
        raise only
    return Reply(status=200, said=_said(only, language))


def _or_error(step: Callable[[], Given]) -> Given | SekishoError:
    """What a step gives, or why the caller's words cannot be taken; other trouble stays trouble."""
    try:
        return step()
    except SekishoError as error:
        if error.code not in STATUS:
            raise
        return error


def _item(one: object, defaults: Mapping[str, Any]) -> Evaluation:
    if not isinstance(one, dict):
        raise BadRequest("evaluations")
    return evaluation_of(one, defaults)


def _said(one: Found, language: str) -> dict[str, object]:
    if isinstance(one, SekishoError):
        told: dict[str, object] = {
            "status": STATUS[one.code],
            "code": one.code,
            "message": one.message(language),
            "remedy": one.remedy(language),
        }
        fields = fields_of(one)
        return {"decision": False, "context": {"error": told | ({"fields": list(fields)} if fields else {})}}
    answer = one.answer().as_json(language)
    return {"decision": answer["decision"] == "permit", "context": answer}


def _semantic(said: Mapping[str, Any]) -> Semantic:
    options = said.get("options", {})
    if not isinstance(options, dict):
        raise BadRequest("options")
    try:
        return Semantic(options.get("evaluations_semantic", Semantic.ALL))
    except ValueError:
        raise BadRequest("options.evaluations_semantic") from None
