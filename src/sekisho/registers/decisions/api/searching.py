"""Subject, resource and action search: who may, on whom, what? One sealed record tells what was looked through.

A person is told by reference alone, never by number or name, and only to a key that may search.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import chain, islice
from typing import Any, TypeAlias

from sekisho.engine.gate.ask import Act
from sekisho.engine.japanese.tokyo import tokyo_date
from sekisho.registers.decisions.actions.searching import Looked, look
from sekisho.registers.decisions.api.asking import ACTORS, MACHINES, PERSON, address_of, ask_of, is_of_thing
from sekisho.registers.decisions.api.exchange import SEARCHES, Reply
from sekisho.registers.decisions.api.pages import place_of, token_of
from sekisho.registers.decisions.api.shapes import Evaluation, Page, page_of, search_of
from sekisho.registers.decisions.queries.addresses import NOBODY, people_at
from sekisho.registers.decisions.queries.keys import KeyFacts
from sekisho.registers.decisions.rules import FINGERPRINT, limits
from sekisho.registers.identities import queries as identities
from sekisho.registers.people import queries as people
from sekisho.registers.policies import queries as policies

Candidate: TypeAlias = tuple[str, Evaluation]  # its place in the order of looking, and what would be asked of it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """What is looked for, and how a candidate is told."""

    candidates: Callable[[Evaluation, str, datetime], Iterator[Candidate]]
    told: Callable[[Evaluation], dict[str, str]]


def search(path: str, said: Mapping[str, Any], key: KeyFacts, now: datetime) -> Reply:
    """A page of what would be permitted. Raises: BadRequest, decisions.malformed-ask, decisions.page-token."""
    wanted = SEARCHES[path]
    asked, page = search_of(said, wanted), page_of(said)
    after, size = _place(page, bound_to=(bound_to := _bound(path, said, key)))
    of = _OF[wanted]
    ask_of(
        _anything(asked), now, lambda _address: NOBODY
    )  # malformed is malformed, also where there is nobody to look at
    find = people_at([address_of(asked)] if wanted != "resource" else [])
    waiting = of.candidates(asked, after, now)
    looked = Looked(key=key.name, searched=wanted, at=now)
    results: list[dict[str, str]] = []
    left = limits()["api"]["most_examined"]
    while left > 0 and len(results) < size and (some := list(islice(waiting, min(left, limits()["api"]["at_once"])))):
        left -= len(some)
        for candidate, permitted in zip(some, look([ask_of(one, now, find) for _, one in some], looked), strict=True):
            after = candidate[0]
            results += [of.told(candidate[1])] if permitted else []
            if len(results) == size:
                waiting = chain(some[some.index(candidate) + 1 :], waiting)
                break
    more = next(waiting, None) is not None
    evidence = looked.seal(said={"request": _plain(said)}, results=results)
    token = token_of(after=after, size=size, bound_to=bound_to) if more else ""
    context = {"evidence": evidence, "policy": looked.policy, "policy_sha256": looked.policy_sha256[:FINGERPRINT]}
    return Reply(
        status=200,
        said={"results": results, "page": {"next_token": token, "count": len(results)}, "context": context},
    )


def _anything(asked: Evaluation) -> Evaluation:
    """The search as one evaluation, of nothing in particular."""
    return replace(
        asked,
        subject=replace(asked.subject, id=asked.subject.id or NOBODY),
        action=replace(asked.action, name=asked.action.name or Act.USE.value),
        resource=replace(asked.resource, id=asked.resource.id or NOBODY),
    )


def _actors(asked: Evaluation, after: str, now: datetime) -> Iterator[Candidate]:
    if asked.subject.type in ACTORS:
        machines = asked.subject.type in MACHINES
        for member in people.everyone(tokyo_date(now)):
            if member.ref > after and (member.employment == "system") is machines:
                yield member.ref, replace(asked, subject=replace(asked.subject, id=member.ref))


def _persons(asked: Evaluation, after: str, _now: datetime) -> Iterator[Candidate]:
    if asked.resource.type == PERSON:
        for ref in _refs(after):
            yield ref, replace(asked, resource=replace(asked.resource, id=ref))


def _refs(after: str) -> Iterator[str]:
    while some := identities.refs_after(after, limits()["api"]["at_once"]):
        yield from some
        after = some[-1]


def _acts(asked: Evaluation, after: str, now: datetime) -> Iterator[Candidate]:
    """The five acts where personal data is asked about, and whatever the policy names."""
    named = set(policies.in_force(now).actions) | (set() if is_of_thing(asked) else {act.value for act in Act})
    for name in sorted(named):
        if name > after:
            yield name, replace(asked, action=replace(asked.action, name=name))


def _entity(type_: str, id_: str) -> dict[str, str]:
    return {"type": type_, "id": id_}


_OF: Mapping[str, _Search] = {
    "subject": _Search(candidates=_actors, told=lambda one: _entity(one.subject.type, one.subject.id)),
    "resource": _Search(candidates=_persons, told=lambda one: _entity(one.resource.type, one.resource.id)),
    "action": _Search(candidates=_acts, told=lambda one: {"name": one.action.name}),
}


def _place(page: Page, *, bound_to: str) -> tuple[str, int]:
    most, usual = limits()["api"]["largest_page"], limits()["api"]["page"]
    after, size = place_of(page.token, bound_to=bound_to) if page.token else ("", usual)
    return after, min(page.limit or size, most)


def _bound(path: str, said: Mapping[str, Any], key: KeyFacts) -> str:
    """What a token is good for: this search, by this key."""
    asked = {name: said.get(name) for name in ("subject", "action", "resource", "context")}
    return sha256(json.dumps([path, key.name, asked], sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    """What was asked, as it can be committed to: numbers with fractions as text."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, float) else value
