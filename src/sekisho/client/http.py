"""Questions over HTTP, as OpenID AuthZEN has them. One question goes to /evaluation, several to /evaluations."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx2

from sekisho.client.answer import Answer, Reason, answer_from
from sekisho.client.asynchronous import AsyncGate
from sekisho.client.failures import BadQuestion, GateUnavailable, NotAuthenticated
from sekisho.client.gate import Gate
from sekisho.client.question import Question

SECONDS = 5.0
ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"


def http_gate(url: str, *, key: str, timeout: float = SECONDS) -> Gate:
    """A gate at `url` (`http://host:port`), with the API key of this program; `timeout` in seconds."""
    return Gate(HttpTransport(httpx2.Client(**_settings(url, key, timeout))))


def async_http_gate(url: str, *, key: str, timeout: float = SECONDS) -> AsyncGate:
    """The same for an event loop."""
    return AsyncGate(AsyncHttpTransport(httpx2.AsyncClient(**_settings(url, key, timeout))))


class HttpTransport:
    """Questions by a connection pool of its own."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client

    def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Raises: BadQuestion, NotAuthenticated, GateUnavailable."""
        path, body = _request(questions)
        try:
            response = self._client.post(path, json=body)
        except httpx2.HTTPError as error:
            raise GateUnavailable(type(error).__name__) from error
        return _answers(response, len(questions))

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()


class AsyncHttpTransport:
    """The same on an event loop."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self._client = client

    async def ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        """Raises: BadQuestion, NotAuthenticated, GateUnavailable."""
        path, body = _request(questions)
        try:
            response = await self._client.post(path, json=body)
        except httpx2.HTTPError as error:
            raise GateUnavailable(type(error).__name__) from error
        return _answers(response, len(questions))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


def _settings(url: str, key: str, timeout: float) -> dict[str, Any]:
    return {
        "base_url": url,
        "headers": {"Authorization": f"Bearer {key}"},
        "timeout": timeout,
        "follow_redirects": False,  # a key goes nowhere but where it was meant for
    }


def _request(questions: Sequence[Question]) -> tuple[str, dict[str, Any]]:
    if len(questions) == 1:
        return ONE, questions[0].evaluation()
    return MANY, {"evaluations": [asked.evaluation() for asked in questions]}


def _answers(response: httpx2.Response, asked: int) -> tuple[Answer, ...]:
    if response.status_code != httpx2.codes.OK:
        raise _failure(response)
    said = _object(response)
    answers = tuple(_answer(one) for one in (said.get("evaluations", ()) if asked != 1 else (said,)))
    if len(answers) != asked:
        raise GateUnavailable("the decision point answered another number of questions")
    return answers


def _answer(said: Mapping[str, Any]) -> Answer:
    context = said.get("context")
    error = context.get("error") if isinstance(context, Mapping) else None
    if isinstance(error, Mapping):  # an item of a batch that could not be asked
        return Answer(decision="refuse", reasons=(Reason(code=str(error.get("code", ""))),))
    if not isinstance(context, Mapping) or "decision" not in context:  # AuthZEN's own minimum: true or false
        return Answer(decision="permit" if said.get("decision") is True else "refuse")
    answer = answer_from(context)
    if answer.permitted is not (said.get("decision") is True):
        raise GateUnavailable("the decision point contradicts itself")
    return answer


def _failure(response: httpx2.Response) -> Exception:
    if response.status_code == httpx2.codes.UNAUTHORIZED:
        return NotAuthenticated("the key opens nothing")
    if not httpx2.codes.is_client_error(response.status_code):
        return GateUnavailable(f"HTTP {response.status_code}")
    said = _object(response)
    fields = said.get("fields")
    return BadQuestion(
        str(said.get("code", f"HTTP {response.status_code}")),
        tuple(str(field) for field in fields) if isinstance(fields, list) else (),
        str(said.get("remedy", "")),
    )


def _object(response: httpx2.Response) -> Mapping[str, Any]:
    try:
        said = response.json()
    except ValueError as error:
        raise GateUnavailable("the answer is not JSON") from error
    if not isinstance(said, Mapping):
        raise GateUnavailable("the answer is not an object")
    return said
