"""One ask: our gate against Cedar (cedarpy) and Casbin (pycasbin), the same rules in each. `python benchmarks/gate_one.py [--write]`.

Rules: role × purpose × class; the person accepted the purpose, is not restricted, and did
not object to a survey, analysis or research; the actor is active
and trained. The gate looks at all else as well (erasure under way, retention, …); there the facts are in order.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import casbin
import cedarpy
from measuring import Spread, Timing, machine, round_of, table, tell, timing

from sekisho.engine.gate import SLOT, SLOTS, Act, Ask, Facts, Permit, RowFacts, compile_table, decide, facts_words
from sekisho.engine.law.pack import law
from sekisho.engine.policy.load import load

FOLDER = Path(__file__).parent / "gate_one"
PURPOSES = ("billing", "support", "survey", "analysis", "research")
CLASSES = ("identity", "bill", "bank", "usage", "inquiry")
OBJECTIONABLE = frozenset({"survey", "analysis", "research"})  # an objection can't stop billing or support
ROLES = ("biller", "clerk", "analyst")
AT = datetime(2026, 11, 20, 3, tzinfo=UTC)
ERA = "bench@1"
KNOWN, IN_ORDER = facts_words({slot.name: slot.want for slot in SLOTS})
POLICY = load({"policy.yaml": (FOLDER / "policy.yaml").read_text(encoding="utf-8")})
TABLE = compile_table([POLICY], law())
Case = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and their word."""

    name: str
    accepted: frozenset[str]
    objections: frozenset[str]
    restricted: bool


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who asks."""

    name: str
    role: str
    trained: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Who wants which classes of whom, for what."""

    actor: Actor
    person: Person
    purpose: str
    classes: tuple[str, ...]


def main() -> None:
    """Answers first: all three must agree on every question. Then time."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true", help="into docs/explanation/measurements.md")
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--asks", type=int, default=20_000, help="of the gate in one round; Cedar gets a tenth")
    arguments.add_argument("--people", type=int, default=1_000)
    given = arguments.parse_args()
    draw = random.Random(20261120)
    people = [_person(draw, n) for n in range(given.people)]
    actors = [Actor(f"s{n}", ROLES[n % len(ROLES)], draw.random() > 0.05) for n in range(30)]
    one, three = (
        [_question(draw, people, actors, count) for _ in range(given.asks)] for count in (1, 3)
    )  # fmt: skip
    cedar, enforcer = _Cedar(people, actors), _casbin(actors)
    permits = _agree([*one[:2000], *three[:200]], cedar, enforcer)
    contestants: dict[str, tuple[Callable[..., object], list[Case]]] = {
        "gate, one class": (_gate, [_facts(q) for q in one]),
        "gate, three classes": (_gate, [_facts(q) for q in three]),
        "gate, one class, ask and facts built anew": (_gate_anew, [(q,) for q in one]),
        "Cedar, one class": (cedar.ask, [(cedar.request(q, q.classes[0]),) for q in one[: given.asks // 10]]),
        "Cedar, three classes in one batch": (
            cedar.ask_all,
            [([cedar.request(q, name) for name in q.classes],) for q in three[: given.asks // 10]],
        ),
        "Casbin, one class": (enforcer.enforce_ex, [_request(q, q.classes[0]) for q in one[: given.asks // 100]]),
    }
    rounds: dict[str, list[Spread]] = {name: [] for name in contestants}
    for _ in range(given.rounds):
        for name, (call, cases) in contestants.items():
            rounds[name].append(round_of(call, cases))
    timings = {name: timing(found) for name, found in rounds.items()}
    lines = [
        *machine("cedarpy", "casbin"),
        (
            f"{given.rounds} rounds, each of {given.asks:,} asks of the gate; {given.people:,} people, "
            f"{len(actors)} actors; {permits:.0%} permitted; all three agreed on every ask compared"
        ),
        "",
        *table(("", "p50 µs", "p99 µs", "p99 / p50", "p50 by round"), _rows(timings)),
        "",
        *_ratios(timings),
    ]
    tell("gate_one", lines, write=given.write)


class _Cedar:
    """Policies and entities parsed once."""

    def __init__(self, people: list[Person], actors: list[Actor]) -> None:
        self.policies = cedarpy.PolicySet.from_str((FOLDER / "rules.cedar").read_text(encoding="utf-8"))
        self.entities = cedarpy.Entities.from_json_str(json.dumps(list(_entities(people, actors))))

    @staticmethod
    def request(question: Question, name: str) -> dict[str, object]:
        return {
            "principal": {"type": "Staff", "id": question.actor.name},
            "action": {"type": "Action", "id": question.purpose},
            "resource": {"type": "Item", "id": f"{question.person.name}:{name}"},
        }

    def ask(self, request: dict[str, object]) -> cedarpy.AuthzResult:
        return cedarpy.is_authorized(request, self.policies, self.entities)

    def ask_all(self, requests: list[dict[str, object]]) -> list[cedarpy.AuthzResult]:
        return cedarpy.is_authorized_batch(requests, self.policies, self.entities)


def _entities(people: list[Person], actors: list[Actor]) -> Iterator[Mapping[str, object]]:
    for kind, names in (("Role", ROLES), ("Class", CLASSES), ("Action", PURPOSES)):
        yield from ({"uid": {"type": kind, "id": name}, "attrs": {}, "parents": []} for name in names)
    for actor in actors:
        yield {
            "uid": {"type": "Staff", "id": actor.name},
            "attrs": {"active": True, "trained": actor.trained},
            "parents": [{"type": "Role", "id": actor.role}],
        }
    for person in people:
        said = {
            "accepted": [{"__entity": {"type": "Action", "id": name}} for name in sorted(person.accepted)],
            "objections": [{"__entity": {"type": "Action", "id": name}} for name in sorted(person.objections)],
            "restricted": person.restricted,
        }
        yield {"uid": {"type": "Person", "id": person.name}, "attrs": said, "parents": []}
        for name in CLASSES:
            yield {
                "uid": {"type": "Item", "id": f"{person.name}:{name}"},
                "attrs": {"person": {"__entity": {"type": "Person", "id": person.name}}},
                "parents": [{"type": "Class", "id": name}],
            }


def _casbin(actors: list[Actor]) -> casbin.Enforcer:
    enforcer = casbin.Enforcer(str(FOLDER / "casbin.conf"), str(FOLDER / "casbin.csv"))
    for actor in actors:
        enforcer.add_grouping_policy(actor.name, actor.role)
    enforcer.add_function("in_order", _in_order)
    return enforcer


def _in_order(actor: SimpleNamespace, item: SimpleNamespace, purpose: str) -> bool:
    person = item.person
    objected = purpose in OBJECTIONABLE and purpose in person.objections
    return actor.trained and purpose in person.accepted and not objected and not person.restricted


def _request(question: Question, name: str) -> Case:
    actor = SimpleNamespace(name=question.actor.name, trained=question.actor.trained)
    return actor, SimpleNamespace(kind=name, person=question.person), question.purpose


def _gate(ask: Ask, facts: Facts) -> object:
    return decide(TABLE, ask, facts)


def _gate_anew(question: Question) -> object:
    return decide(TABLE, *_facts(question))


def _facts(question: Question) -> tuple[Ask, Facts]:
    person, actor, purpose = question.person, question.actor, question.purpose
    value = IN_ORDER
    if purpose not in person.accepted:
        value &= ~SLOT["purpose_accepted"].mask
    if purpose in person.objections:
        value |= SLOT["objection"].mask
    if person.restricted:
        value |= SLOT["restricted"].mask
    if not actor.trained:
        value &= ~SLOT["actor_trained"].mask
    role = {"actor.role": actor.role}
    rows = tuple(
        RowFacts(
            data_subject=person.name, subject_kind="customer", item=name, era=ERA, known=KNOWN, value=value,
            attributes=role,
        )
        for name in question.classes
    )  # fmt: skip
    ask = Ask(
        actor=actor.name, act=Act.USE, data_subjects=(person.name,), items=question.classes, purpose=purpose, at=AT
    )
    return ask, Facts(in_force=ERA, rows=rows)


def _agree(questions: list[Question], cedar: _Cedar, enforcer: casbin.Enforcer) -> float:
    """The share permitted, after all three gave the same answer to each question."""
    permitted = 0
    for question in questions:
        ours = isinstance(_gate(*_facts(question)), Permit)
        theirs = all(cedar.ask(cedar.request(question, name)).allowed for name in question.classes)
        casbins = all(enforcer.enforce(*_request(question, name)) for name in question.classes)
        if not ours == theirs == casbins:
            message = f"gate {ours}, Cedar {theirs}, Casbin {casbins}: {question}"
            raise SystemExit(message)
        permitted += ours
    return permitted / len(questions)


def _person(draw: random.Random, number: int) -> Person:
    accepted = frozenset(purpose for purpose in PURPOSES if draw.random() < 0.9)
    objections = frozenset(purpose for purpose in PURPOSES if draw.random() < 0.1)
    return Person(f"p{number}", accepted, objections, draw.random() < 0.03)


def _question(draw: random.Random, people: list[Person], actors: list[Actor], count: int) -> Question:
    """Mostly what somebody of that role would ask."""
    use = draw.choice(POLICY.uses)
    fitting = [actor for actor in actors if actor.role in use.roles]
    asked = draw.sample(use.items, min(count, len(use.items)))
    asked += draw.sample([name for name in CLASSES if name not in asked], count - len(asked))
    is_strange = draw.random() < 0.1
    return Question(draw.choice(actors if is_strange else fitting), draw.choice(people), use.purpose, tuple(asked))


def _rows(timings: dict[str, Timing]) -> Iterator[tuple[str, ...]]:
    for name, one in timings.items():
        spread = f"{one.lowest:.2f}-{one.highest:.2f}"
        yield name, f"{one.p50:.2f}", f"{one.p99:.2f}", f"{one.p99 / one.p50:.1f}", spread


def _ratios(timings: dict[str, Timing]) -> list[str]:
    one, three = timings["gate, one class"], timings["gate, three classes"]
    cedar, batch = timings["Cedar, one class"], timings["Cedar, three classes in one batch"]
    anew, casbins = timings["gate, one class, ask and facts built anew"], timings["Casbin, one class"]
    said = [
        ("one class, of Cedar's p50", one.p50 / cedar.p50, 0.1),
        ("three classes, of Cedar's p50", three.p50 / batch.p50, 0.1),
        ("one class, ask and facts built anew, of Cedar's p50", anew.p50 / cedar.p50, None),
        ("one class, of Casbin's p50", one.p50 / casbins.p50, None),
        ("one class, p99 of its p50", one.p99 / one.p50, 5),
        ("one class, µs", one.p50, 5),
        ("three classes, µs", three.p50, 10),
    ]
    return table(
        ("", "measured", "goal", ""),
        [(n, f"{v:.3g}", f"≤ {g}" if g else "", "met" if g and v <= g else "NOT met" if g else "") for n, v, g in said],
    )


if __name__ == "__main__":
    main()
