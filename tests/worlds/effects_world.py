"""The small carrier of fixtures/erasure_world.py with a request whose answer has left; also a process that can be killed.

`python effects_world.py HOME N` brings effects about, killed at every Nth point between two durable states in turn, goes on, and
says where it came to something else than undisturbed.
"""

import importlib.util
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import ModuleType

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "erasure_world.py"


def carrier() -> ModuleType:
    """fixtures/erasure_world.py."""
    spec = importlib.util.spec_from_file_location("erasure_world", FIXTURE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["erasure_world"] = module
    spec.loader.exec_module(module)
    return module


def sent_answer(
    world: ModuleType,
    *,
    kind: str,
    person: str,
    lines: Sequence[Mapping[str, object]],
    corrections: Sequence[Mapping[str, object]] = (),
) -> str:
    """A case of this kind with an answer that has left; the answer's reference."""
    from sekisho.casework.subject_requests import actions
    from sekisho.casework.subject_requests.models import CaseAnswer, SubjectRequest
    from sekisho.casework.subject_requests.rules.answering import AnswerState
    from sekisho.casework.subject_requests.rules.effects import Correction

    at = world.AT
    case = actions.open_case(person=person, kind=kind, received_on=at.date(), at=at, acting_user="sato").reference
    for one in corrections:
        told = Correction(**one)  # type: ignore[arg-type]
        actions.record_correction(reference=case, correction=told, at=at, acting_user="sato")
    made = CaseAnswer.objects.create(
        ref=f"{case}-A1",
        request=SubjectRequest.objects.get(reference=case),
        outcome="granted",
        reply="paper",
        lines=[dict(line) for line in lines],
        sha256="0" * 64,
        state=AnswerState.SENT.value,
        made_by="sato",
        made_at=at,
        approved_by="mori",
        approved_at=at,
        sent_on=at.date(),
    )
    return str(made.ref)


def brought_about(world: ModuleType, answer: str, reached: Callable[[str], None] = lambda _point: None) -> bool:
    """Everything an answer brings about, a clerk agreeing to every text that is proposed; whether all of it is done."""
    from sekisho.casework.subject_requests import actions
    from sekisho.casework.subject_requests.rules.answering import EffectKind

    told = {"answer_ref": answer, "at": world.AT, "acting_user": "sato"}
    actions.bring_about(**told, reached=reached)
    for one in actions.open_texts(answer_ref=answer, account="sato", at=world.AT)[0]:
        actions.decide_text(**told, target=one.target, mark=one.mark, correct=True)
        reached("agreed")
    return actions.bring_about(**told, reached=reached, only=EffectKind.TEXTS)


def line(item: str, *, answer: str = "grant", **more: object) -> dict[str, object]:
    return {"item": item, "place": "", "answer": answer, **more}


def wrong_name(world: ModuleType, right: str, happened: date | None = None) -> dict[str, object]:
    document = "family_register" if happened else ""
    return {"item": "identity.name", "wrong": world.NAME, "right": right, "happened": happened, "document": document}


# The process that is killed.


def counting(stop_at: int, passed: list[str]) -> Callable[[str], None]:
    """Dies at the point of that number, as hard as a process can."""

    def reached(point: str) -> None:
        passed.append(point)
        if len(passed) == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


def forked(do: Callable[[], None]) -> bool:
    """Do it in a child; whether it came to its end."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            do()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status) == 0


def outcome(world: ModuleType, home: Path) -> str:
    """Everything that should be the same however often it was killed: stores, effects, what the registers say."""
    from sekisho.casework.subject_requests import queries
    from sekisho.evidence import queries as evidence
    from sekisho.registers.consents.models import ConsentEvent
    from sekisho.registers.identities import queries as identities
    from sekisho.registers.retention import queries as retention

    kinds = [entry.kind for entry in evidence.records() if entry.kind.startswith("request.")]
    kinds = [kind for kind in kinds if kind != "request.texts-opened"]  # who goes on looks again
    told = {
        "stores": world.state(home),
        "effects": [
            [(one.kind, one.state, one.code) for one in queries.effects_of(answer)]
            for answer in ("K-2026-0001-A1", "K-2026-0002-A1")
        ],
        "names": [one.name for one in identities.names_of(world.HANA)],
        "plans": len(retention.plans(person=world.HANA)),
        "stops": sorted(ConsentEvent.objects.values_list("scope", flat=True)),
        "entries": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
    }
    return json.dumps(told, ensure_ascii=False, sort_keys=True)


def made(world: ModuleType, home: Path) -> None:
    """The carrier, a correction of which all was granted, a stop of which a part was."""
    world.build(home)
    corrections = [wrong_name(world, "𠮷田 華乃")]
    sent_answer(world, kind="correction", person=world.HANA, lines=[line("identity.name")], corrections=corrections)
    sent_answer(world, kind="suspension", person=world.HANA, lines=[line("inquiry"), line("bill", answer="refuse")])


def main() -> None:
    """Kill at every point in turn, go on, and compare with what comes of it undisturbed."""
    home = Path(sys.argv[1])
    world = carrier()
    world.setup(home)
    if not forked(lambda: made(world, home)):  # what runs threads of its own must not be forked after
        sys.exit(1)
    pristine, told = home.with_name("pristine"), home.with_name("told")
    shutil.copytree(home, pristine)

    def run(stop_at: int) -> None:
        passed: list[str] = []
        for answer in ("K-2026-0001-A1", "K-2026-0002-A1"):
            brought_about(world, answer, counting(stop_at, passed))
        told.write_text(f"{len(passed)}\n{outcome(world, home)}", encoding="utf-8")

    forked(lambda: run(0))
    points, whole = told.read_text(encoding="utf-8").split("\n", 1)
    different = []
    for point in range(1, int(points) + 1, int(sys.argv[2])):
        shutil.rmtree(home)
        shutil.copytree(pristine, home)
        if forked(lambda point=point: run(point)):  # type: ignore[misc]
            different.append(f"{point}: not killed")
        if not forked(lambda: run(0)) or told.read_text(encoding="utf-8").split("\n", 1)[1] != whole:
            different.append(f"{point}: not the same")
    sys.stdout.write(json.dumps({"points": int(points), "different": different, "whole": json.loads(whole)["effects"]}))


if __name__ == "__main__":
    main()
