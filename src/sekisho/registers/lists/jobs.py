"""How a list is built as a job: one step that says how far it is, and its end, which names the list."""

from sekisho.registers.batch_jobs.queries import Doing, State
from sekisho.registers.lists import actions, queries


def build(doing: Doing, _key: str) -> None:
    """Build it. Given up or killed before the file is whole it leaves nothing; after that a repeat finds the list."""
    actions.build_asked(request=doing.job.arguments["request"], at=doing.at, progress=doing.progress)


def end(doing: Doing) -> tuple[State, str]:
    """The list that was built."""
    return State.DONE, queries.request_of(doing.job.arguments["request"]).list_ref
