"""How a large copy is built as a job: one step that says how many rows were read, and its end, which names the copy."""

from sekisho.registers.batch_jobs.queries import Doing, State
from sekisho.registers.projections.actions.requested import build_asked
from sekisho.registers.projections.queries.requested import request_of


def build(doing: Doing, _key: str) -> None:
    """Build it. Given up or killed before the file is whole it leaves nothing; after that a repeat finds the copy."""
    build_asked(request=doing.job.arguments["request"], at=doing.at, progress=doing.progress)


def end(doing: Doing) -> tuple[State, str]:
    """The copy that was built."""
    return State.DONE, request_of(doing.job.arguments["request"]).key
