"""The small carrier of fixtures/erasure_world.py with a request whose answer has left; also a process that can be killed.

`python effects_world.py HOME ANSWER N` brings the answer's effects about and dies by SIGKILL at the Nth point between two
durable states; it prints how many points it passed otherwise.
"""

import importlib.util
import os
import signal
import sys
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


def line(item: str, *, answer: str = "grant", **more: object) -> dict[str, object]:
    return {"item": item, "place": "", "answer": answer, **more}


def wrong_name(world: ModuleType, right: str, happened: date | None = None) -> dict[str, object]:
    document = "family_register" if happened else ""
    return {"item": "identity.name", "wrong": world.NAME, "right": right, "happened": happened, "document": document}


def counting(stop_at: int | None) -> Callable[[str], None]:
    """Dies at the point of that number, as hard as a process can."""
    seen = 0

    def reached(_point: str) -> None:
        nonlocal seen
        seen += 1
        if seen == stop_at:
            os.kill(os.getpid(), signal.SIGKILL)

    reached.seen = lambda: seen  # type: ignore[attr-defined]
    return reached


def main() -> None:
    home, answer, stop_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    world = carrier()
    world.setup(home)
    from sekisho.casework.subject_requests import actions

    reached = counting(stop_at or None)
    actions.bring_about(answer_ref=answer, at=world.AT, acting_user="sato", reached=reached)
    sys.stdout.write(f"{reached.seen()}\n")  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
